// Two runs of the same episodes against each other: `divla compare`. Reads run folders and nothing else.
#pragma once

#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "harness/compare/paired_clusters.h"
#include "harness/records/records.h"

namespace divla {

struct CompareOptions {
  double alpha{
      0.05};  // at least 0.0001; chance that an unchanged policy is called worse; intervals have the confidence 1 - alpha
  double margin{0.0};    // a drop of the overall rate up to this is accepted, as a share: 0.02 is two points
  bool unpaired{false};  // runs that are no pairs are compared all the same, by their rates
};

struct CompareResult {
  std::string task;  // empty: over all episodes
  SuccessCount base, run;
  PairedCounts counts;  // all 0 when unpaired
  int clusters{};       // episodes, each with its perturbed twins; as many as pairs without twins, 0 when unpaired
  double difference{};  // rate of RUN minus rate of BASE, -1 to 1
  Interval interval;    // of the difference: Newcombe 1998, of pairs (PairedClusters) or of independent rates
  double p{1.0};        // two-sided: McNemar's exact test (PairedClusters::Exact); unpaired harness/statistics/unpaired.h
  double p_mid{1.0};    // McNemar's mid-p; p when unpaired
  double p_worse{1.0};  // one-sided, adjusted for all looks of the gate
  std::string worse;    // why RUN is worse here; empty: it is not
};

struct Comparison {
  RunInfo base, run;
  std::filesystem::path base_folder, run_folder;
  CompareOptions options;
  std::string unpaired_because;       // what makes them no pairs; empty: they are
  std::vector<std::string> left_out;  // unpaired: cells that only one run has
  std::vector<CompareResult> tasks;   // in the order of their names
  CompareResult all;                  // each episode counted once
  bool twins{};                       // some of the episodes compared are perturbed twins of others
  double p_weighted{1.0};             // the gate's weighted look; all.p_worse when unpaired
  std::vector<EpisodeKey> lost, won;  // the episodes that flipped, sorted: success in BASE only, in RUN only

  bool Paired() const { return unpaired_because.empty(); }
  bool Worse() const { return !WorseBecause().empty(); }
  std::vector<std::string> WorseBecause() const;  // one line for each reason
};

// RUN is worse when one of these says so at alpha after the adjustment, which keeps the chance that an unchanged policy
// is called worse by any of them at most alpha (harness/statistics/gate.h; its test has the figures):
//   - a task's rate is lower: McNemar's exact test against one side;
//   - the overall rate is lower, by more than the margin: the same test of all pairs, or of the pairs weighed by how
//     much a loss says in their cell.
// "Not worse" is no proof of equality: few episodes show little (`divla power`).
//
// An episode and its perturbed twins, of the same task and index, are one cluster of pairs: intervals and tests take the
// scene for the unit (harness/compare/paired_clusters.h). --unpaired knows no clusters, and says so where there are twins.
//
// Episodes are paired by their keys. Throws InputError, naming file, key and both values, when the runs did not play
// the same episodes under the same conditions: another suite, version, seed, control or renderer, an episode that one run lacks,
// or a pair with different scenes, initial states or instructions. A run whose policy looked at no pictures (renderer
// "none") can be compared with every other.
//
// With `unpaired` such runs are compared by the rates of the cells (task, axis, level) that both have; InputError when
// they share none. Then Holm's adjustment over the tasks and the whole keeps the chance. Runs that are pairs stay pairs.
Comparison CompareRuns(const std::filesystem::path& base, const std::filesystem::path& run,
                       const CompareOptions& options);

// For people, for other programs, for a CI system's page of a job (GitHub's $GITHUB_STEP_SUMMARY), and for its page of
// tests (JUnit XML as GitHub actions, GitLab and Jenkins read it: a test case for each task and one for the whole).
// With twins all but the JUnit say what that means (TwinsNote).
std::string FormatComparison(const Comparison& comparison);
nlohmann::json ToJson(const Comparison& comparison);
std::string ComparisonMarkdown(const Comparison& comparison);
std::string ComparisonJunit(const Comparison& comparison);
std::string TwinsNote(const Comparison& comparison);

}  // namespace divla
