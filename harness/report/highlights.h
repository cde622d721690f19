// What a run says, in plain sentences, for the head of every report. Each sentence rests on numbers that stand further
// down; an interval that includes zero is never called a loss.
#pragma once

#include <string>
#include <vector>

#include "harness/report/data.h"

namespace divla {

struct Highlight {
  std::string title;  // "Largest losses"
  std::string text;   // untrusted
};
std::vector<Highlight> Highlights(const ReportData& data);

// What the control kWrongReasoning says about the central claim; empty without it.
std::string CausalSentence(const std::vector<ControlSummary>& controls);

// What was measured: "48 episodes of 3 tasks, seed 1; played under the control blank instruction".
std::string Measured(const RunInfo& info, const RunSummary& summary);

const char* VerdictWord(Verdict verdict);  // "yes", "no", "unclear"

}  // namespace divla
