// Two runs of the same episodes against each other: `divla compare`. Reads run folders and nothing else.
#pragma once

#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "harness/paired_statistics.h"
#include "harness/records.h"

namespace divla {

struct CompareOptions {
  double alpha{0.05};  // of the tests; intervals have the confidence 1 - alpha
  double margin{0.0};  // a drop of the overall rate up to this is accepted, as a share: 0.02 is two points
};

struct PairedResult {
  std::string task;  // empty: over all episodes
  PairedCounts counts;
  Interval interval;     // of counts.Difference(), RUN minus BASE
  double p{1.0};         // McNemar's exact test, two-sided
  double p_adjusted{1};  // Holm over the tasks; p itself for the overall result
};

struct Comparison {
  RunInfo base, run;
  CompareOptions options;
  std::vector<PairedResult> tasks;         // in the order of their names
  PairedResult all;                        // each episode counted once
  std::vector<EpisodeKey> lost, won;       // the episodes that flipped, sorted: success in BASE only, in RUN only
  std::vector<std::string> worse_because;  // one line for each reason why RUN is worse; empty: it is not

  bool Worse() const { return !worse_because.empty(); }
};

// RUN is worse when
//   - on some task it has the lower rate and the test says so: p_adjusted <= alpha; or
//   - its overall rate is lower by more than the margin, and the interval of the difference lies below 0.
// "Not worse" is no proof of equality: few episodes show little.
//
// Episodes are paired by their keys. Throws InputError, naming file, key and both values, when the runs did not play
// the same episodes under the same conditions: another suite, version, seed or renderer, an episode that one run lacks,
// or a pair with different scenes, initial states or instructions. A run whose policy looked at no pictures (renderer
// "none") can be compared with every other.
Comparison CompareRuns(const std::filesystem::path& base, const std::filesystem::path& run,
                       const CompareOptions& options);

std::string FormatComparison(const Comparison& comparison);
nlohmann::json ToJson(const Comparison& comparison);

}  // namespace divla
