// Watching a comparison while it grows: a confidence sequence for the mean of paired differences, by betting
// (Waudby-Smith & Ramdas 2024, "Estimating means of bounded random variables by betting", Journal of the Royal
// Statistical Society B 86, 1-27). It holds at all times at once: whoever looks after every pair and stops whenever he
// likes is wrong with a chance of at most alpha.
//
// A pair gives d in {-1, 0, 1}: lost, unchanged, won; an episode with its perturbed twins, whose pairs go together, the mean
// of their d, in [-1, 1]. x = (d + 1) / 2 lies in [0, 1] and has the mean m = (mean of d +
// 1) / 2. Whoever doubts that the mean is m bets on x: from a capital of 1, a bet with the share f multiplies it by 1 +
// f (x / m - 1) when m is thought too low, by 1 + f ((1 - x) / (1 - m) - 1) when too high. If m is the mean, the
// expected factor is 1, and by Ville's inequality the capital ever reaches 2 / alpha with a chance of at most alpha / 2.
// An m is ruled out once either capital has. The share is not guessed: the capital is spread evenly over the shares
// 1/20, 2/20, ... 19/20 (the paper's diversified bets), so it depends on the counts alone, and not on their order.
//
// What it assumes: given the pairs before, the next one has the same mean. That is so for a policy that is unchanged,
// episode by episode, and for episodes drawn at random; the episodes of a suite are taken in an order shuffled by its
// seed, fixed before anything is known of them. Pure functions, thread-safe.
#pragma once

#include <span>
#include <vector>

#include "harness/statistics/counts.h"

namespace divla {

// The means of d that a single look at these counts does not rule out; no intersection over time. [-1, 1] without pairs.
Interval BettingInterval(const PairedCounts& counts, double alpha);

// Whether a single look at these counts rules out that the mean of d is `mean`, in (-1, 1).
bool BettingRulesOut(const PairedCounts& counts, double mean, double alpha);

enum class SequentialVerdict {
  kBetter,        // the mean lies above margin
  kWorse,         // below -margin
  kEquivalent,    // between -margin and margin; never reached with a margin of 0
  kInconclusive,  // none of these when the pairs or the budget ended
};
const char* ToString(SequentialVerdict verdict);

struct SequentialStep {
  double difference{};  // d of this pair (-1 lost, 0 unchanged, 1 won) or cluster
  double mean{};        // of d up to here
  Interval interval;    // of the mean of d: all looks up to here together
};

struct SequentialResult {
  SequentialVerdict verdict{SequentialVerdict::kInconclusive};
  int decided_after{};                // steps; 0 when inconclusive
  std::vector<SequentialStep> steps;  // up to the verdict, or to the end
};

// `differences`, of pairs or of clusters, each in [-1, 1], in the order fixed beforehand; stops at the first verdict. alpha in
// (0, 1), margin in [0, 1).
SequentialResult WatchDifferences(std::span<const double> differences, double alpha, double margin);

}  // namespace divla
