// Everything a report shows, read once from the run folder. Reporters are pure functions of this.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include "harness/log.h"
#include "harness/records.h"

namespace divla {

// A stretch of an episode during which the policy said the same text, with one judgement.
struct ReasoningSpan {
  int first_step{};  // control step of the first query that said it
  int last_step{};   // last control step before the next span, or of the episode
  int queries{};     // how often it was said
  bool correct{};
  std::string said;   // untrusted bytes; empty when the policy answered without a text
  std::string truth;  // the right text at first_step
};

struct EpisodeView {
  EpisodeRecord record;
  std::vector<ReasoningSpan> reasoning;  // empty for a policy that does not reason
  std::vector<std::byte> first_frame;    // PNG; empty when the run kept no frames
  std::vector<std::byte> last_frame;
};

struct ReportData {
  RunInfo info;
  RunSummary summary;
  std::vector<EpisodeView> episodes;  // in the order of the records
};

// Joins neighbouring entries that say the same and are judged the same; a wrong text is also split where the truth
// changes. `steps` is the length of the episode. Entries must be in the order of their steps.
std::vector<ReasoningSpan> JoinReasoning(const std::vector<ReasoningEntry>& entries, int steps);

// Reads logs/ and frames/ of `run`. A missing frame or log leaves its part empty; damaged bytes throw InputError.
ReportData LoadReportData(const std::filesystem::path& run, const RunInfo& info,
                          const std::vector<EpisodeRecord>& records, const RunSummary& summary);

}  // namespace divla
