// The block "gaps" of summary.json: what each axis of generalisation costs. Every perturbed episode is the twin of the
// clean one with the same task and index, so a gap is counted over pairs: BASE is the clean episode, RUN its twin, and
// a negative difference is a loss. Plain data; harness/gaps.h makes it. Only twins of the same run are paired; a run
// without any has no block.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "harness/statistics/counts.h"

namespace divla {

// One cell (task, axis, level) against the clean cell of its task.
struct CellGap {
  std::string task, axis;  // axis: one, or several joined by '+'
  int level{};
  PairedCounts counts;  // pairs of which both episodes are recorded
  double difference{};  // rate of the twins minus rate of the clean episodes, -1 to 1
  Interval newcombe;    // of the difference: harness/compare/paired_statistics.h
  double p{1.0};        // McNemar's exact test, two-sided
  double p_mid{1.0};    // its mid-p
  double p_holm{1.0};   // p after Holm's adjustment over all cells of the run that have a gap
};

// Gaps of several tasks together.
struct MeanGap {
  int tasks{};
  double mean{};                     // of the tasks' differences, each task counted once
  std::optional<Interval> interval;  // t interval with tasks as clusters; absent where ClusteredInterval says nothing
  PairedCounts pooled;               // pairs of all tasks
};

// One axis at one level, over the tasks.
struct AxisGap {
  std::string axis;
  int level{};
  MeanGap gap;
  Interval newcombe;  // of the difference of the pooled pairs: what these episodes show, not what other tasks would
};

// One row of the table seen x unseen: all episodes in which exactly these families left the training distribution.
struct FactorialRow {
  bool instruction{}, object{}, environment{};  // true: unseen
  int tasks{};
  int n{}, k{};
  double rate{};                           // k / n
  Interval interval;                       // of rate: ClusteredWilson, an episode and all its twins are one cluster
  double macro_rate{};                     // mean of the tasks' rates
  std::optional<Interval> macro_interval;  // tasks as clusters
  std::optional<MeanGap> gap;              // against the clean twins; absent for the row of the clean episodes
};

struct GapSummary {
  std::vector<CellGap> cells;           // in the order of the summary's cells
  std::vector<AxisGap> axes;            // in the order in which they first come there
  std::vector<FactorialRow> factorial;  // of 8 rows those with episodes: seen first, instruction turning slowest
};

nlohmann::json ToJson(const GapSummary& gaps);
// Strict; InputError that begins with `where`.
GapSummary GapSummaryFromJson(const nlohmann::json& json, const std::string& where);

}  // namespace divla
