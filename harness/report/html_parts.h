// The parts of report.html, one source file each. For html.cc and its parts only.
#pragma once

#include <string>
#include <string_view>

#include "harness/report/data.h"

namespace divla::html {

std::string Header(const ReportData& data);        // title, headline numbers, warnings, run facts
std::string Results(const RunSummary& summary);    // the table, with intervals drawn
std::string Endings(const RunSummary& summary);    // bars of outcomes and terminations
std::string Reasoning(const RunSummary& summary);  // bars of the reasoning scores; empty when no policy text was judged
std::string Episodes(const ReportData& data);      // filters and the gallery

std::string_view Style();
std::string_view Script();

// Names the episodes of a cell in data attributes.
std::string CellId(std::string_view task, std::string_view axis, int level);

// CSS class that colours a failure kind; unknown names share one.
std::string_view FailureClass(std::string_view failure);

// "failed" for an episode that failed without a kind.
std::string OutcomeText(const EpisodeRecord& record);

}  // namespace divla::html
