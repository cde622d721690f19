// `divla compare --sequential`: the pairs of two runs one after another, until the difference is shown or the budget is
// spent. Whoever adds episodes until a fixed-size test is significant finds a difference where there is none; these
// looks may be taken after every pair (harness/statistics/betting.h). Where episodes have perturbed twins a scene is looked
// at with all of them at once, and counts by their mean: its pairs are not independent.
#pragma once

#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "harness/records/records.h"
#include "harness/statistics/betting.h"

namespace divla {

struct SequentialOptions {
  double alpha{0.05};  // chance of a wrong verdict, looks after every scene included
  double margin{0.0};  // differences up to this count as equal, as a share
  int budget{};        // most pairs that are looked at; 0: all
};

struct SequentialComparison {
  RunInfo base, run;
  SequentialOptions options;
  int pairs{};   // that the runs have
  int scenes{};  // of these; as many without twins
  // Of the scenes looked at, in this order: the first key, and the pairs.
  struct Scene {
    EpisodeKey key;
    int pairs{};
  };
  std::vector<Scene> order;
  SequentialResult result;  // a step for each scene

  bool HasTwins() const { return scenes < pairs; }
  bool Worse() const { return result.verdict == SequentialVerdict::kWorse; }
};

// The order is a shuffle of the scenes in that of their first keys, from a stream of the runs' seed and suite: the same for
// every policy, and fixed before anything was run. Throws like CompareRuns; InputError when the budget exceeds the pairs
// or does not reach for the first scene.
SequentialComparison CompareSequentially(const std::filesystem::path& base, const std::filesystem::path& run,
                                         const SequentialOptions& options);

std::string FormatSequential(const SequentialComparison& comparison);
nlohmann::json ToJson(const SequentialComparison& comparison);

}  // namespace divla
