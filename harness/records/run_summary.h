// A run's numbers: summary.json. Made by Summarize (harness/summary.h) from the episodes alone.
#pragma once

#include <cstdint>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "harness/records/episode_record.h"
#include "harness/records/gap_records.h"
#include "harness/statistics/counts.h"

namespace divla {

// The interventions of a cell.
struct InterventionSummary {
  int n{};                                       // episodes with one
  int k{};                                       // of these, successes
  int reasoned{};                                // of these, by a policy that reasons
  int followed{};                                // of these, some text followed
  std::optional<double> median_steps_to_follow;  // control steps, of those that followed
};

// How soon the episodes of a cell were solved, in simulated seconds that end with the success (its hold included).
// Failures count as never: the share solved by a time is over all episodes.
inline constexpr double kSuccessTimeStep = 0.5;  // s
struct SuccessTimes {
  // solved[i]: episodes solved by (i + 1) * kSuccessTimeStep; ends where no more come.
  std::vector<int> solved;
  // The time by which a quarter, half and three quarters of all episodes were solved; absent when fewer ever were.
  std::optional<double> quarter, half, three_quarters;
};

// One row of the table: the episodes of one task, axis and level.
struct CellSummary {
  std::string task, axis;
  int level{};
  int n{};             // episodes, failures of every kind included
  int k{};             // successes (at the end)
  int once{}, held{};  // the other two countings
  double rate{};       // k / n
  Interval wilson, clopper_pearson;
  double mean_progress{};                        // 0 to 1
  double mean_steps{};                           // control steps, all episodes
  std::optional<double> median_success_seconds;  // s of simulated time, successes only
  ObjectCount objects;                           // summed
  ReasoningScore reasoning;                      // summed; first_wrong_step unused (-1)
  // Success attribution of the failures of a reasoning policy: did the words go wrong, or the arm?
  int failed_reasoning_wrong{};                      // failed, and most texts were not correct
  int failed_reasoning_right{};                      // failed although most texts were correct
  std::map<std::string, int> failures;               // failure name -> episodes, "none" left out
  std::map<std::string, int> terminations;           // termination name -> episodes
  std::optional<InterventionSummary> interventions;  // its block is written only when there was one
  std::optional<SuccessTimes> success_times;         // absent in summaries from before it was counted
};

struct RunSummary {
  int schema{kRunSchema};
  std::string suite;
  int suite_version{};
  std::string policy;
  std::uint64_t seed{};
  int planned{};                   // episodes the run set out to do
  int finished{};                  // episodes recorded
  bool interrupted{};              // stopped by the user: the numbers cover the finished episodes only
  std::vector<CellSummary> cells;  // in the order of the suite
  // Over all episodes, each counted once.
  int n{}, k{};
  Interval wilson, clopper_pearson;  // as if all were independent
  // The same rate's interval with an episode and its perturbed twins as one cluster (ClusteredWilson); absent for a run
  // without twins.
  std::optional<Interval> clustered;
  // Mean of the task rates, each task counted once, with the t interval over tasks as clusters (absent for a single
  // task). A task's rate is the mean of its cells', each counted once, so a cell with more episodes weighs no more.
  double macro_rate{};
  std::optional<Interval> macro_interval;
  std::optional<GapSummary> gaps;  // absent without perturbed episodes that have their clean twins in the run
};

// `where` ("runs/a/summary.json") starts every error message.
nlohmann::json ToJson(const RunSummary& summary);
RunSummary RunSummaryFromJson(const nlohmann::json& json, const std::string& where);

}  // namespace divla
