// The sections of report.md that only some runs have; empty for the others. For markdown.cc only.
#pragma once

#include <string>

#include "harness/report/data.h"

namespace divla::markdown {

std::string Objects(const RunSummary& summary);    // placed of counted
std::string Paper(const ReportData& data);         // published numbers beside ours
std::string Reasoning(const RunSummary& summary);  // correct, faithful, grounded, interventions
std::string Gaps(const RunSummary& summary);       // axes, cells, seen x unseen
std::string ControlTable(const ReportData& data);  // plain against control, and what it says

}  // namespace divla::markdown
