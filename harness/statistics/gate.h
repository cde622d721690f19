// One decision from many looks at the same pairs: is RUN worse anywhere, with one error rate for all looks together?
//
// Under the null hypothesis no episode is less likely to succeed in RUN than in BASE, whatever its own chance is; then
// a pair that changed is lost or won by the toss of a fair coin, whichever pairs those are. The pairs of an episode and of
// its perturbed twins, which share scene and start, hang on one coin together (harness/compare/paired_clusters.h). Three
// kinds of looks:
//   all       McNemar's exact test of all pairs, against "RUN is worse": every episode weighs the same;
//   weighted  the same pairs, each task's (or cell's) losses and wins weighed by the log odds that a drop of 15 points
//             would give them there. A task solved 32 of 32 times hardly ever loses by chance, so what it loses says
//             more than what is lost where every second episode fails anyway;
//   task      McNemar's exact test of each task.
// The coins are tossed again `tosses` times, all looks are computed each time, and a look's adjusted p value is the
// share of tosses in which the most striking look of all is at least as striking as this one (Westfall & Young 1993,
// "Resampling-based multiple testing", the single-step minimum of p values; Phipson & Smyth 2010 for the one added to
// both counts). So the chance that any look says "worse" of an unchanged policy is at most alpha, for every sample size
// and number of tasks, and nothing is wasted on the looks' overlap, as splitting alpha among them would.
// tests/harness/statistics/gate_test.cc counts errors and power. Pure functions, thread-safe; the coins come from a
// stream of their own, so the same pairs give the same values.
#pragma once

#include <cstddef>
#include <span>
#include <utility>
#include <vector>

#include "harness/statistics/counts.h"

namespace divla {

// The pairs of one cell.
struct GateStratum {
  std::size_t task{};  // 0 .. tasks-1; several strata may belong to one task
  PairedCounts counts;
};

struct GateTest {  // adjusted p values, one-sided
  double all{1.0};
  double weighted{1.0};
  std::vector<double> tasks;
};

// The fewest tosses for a level: a p value of that size is then known to a seventh of it or better.
int GateTosses(double alpha);

// An episode with its perturbed twins, which are in several strata of one task. Of each stratum with a change: pairs won
// minus pairs lost.
struct GateCluster {
  std::vector<std::pair<std::size_t, int>> changes;  // stratum, won - lost
};
// One coin for each cluster; an episode without twins is a cluster of one pair. The tests are those of sums of clusters
// (TossedSums), which are McNemar's where every changed cluster counts one pair.
GateTest TestForWorse(std::span<const GateStratum> strata, std::span<const GateCluster> clusters, std::size_t tasks,
                      int tosses);

// What a pair of this stratum weighs in the weighted look: logit(rate + 0.075) - logit(rate - 0.075), of the rate of
// both runs together, inside [0.02, 0.98]. It does not change when the runs are swapped, as the argument above needs.
double GateWeight(const PairedCounts& counts);

}  // namespace divla
