// Pure functions on counts: the intervals of the tables. No state, thread-safe.
#pragma once

#include <optional>
#include <span>

#include "harness/statistics/counts.h"

namespace divla {

inline constexpr double kConfidence = 0.95;  // two-sided

// Wilson score interval of k successes in n trials, without continuity correction (Wilson 1927). [0, 1] for n = 0.
Interval WilsonInterval(int k, int n, double confidence = kConfidence);
// The same of a rate and an effective number of trials, which may be broken and is above 0.
Interval WilsonOfRate(double rate, double trials, double confidence = kConfidence);

// Exact interval from the binomial tails (Clopper & Pearson 1934); never too narrow. [0, 1] for n = 0.
Interval ClopperPearsonInterval(int k, int n, double confidence = kConfidence);

struct SuccessCount {
  int k{};  // successes
  int n{};  // trials
  void Add(bool success) {
    k += success;
    ++n;
  }
};

// Interval of the rate sum(k) / sum(n) when the trials of a cluster go together (an episode and its perturbed twins):
// Wilson's interval with the effective number of trials, which is n divided by the design effect, the variance between
// clusters over the binomial one (Kish 1965; for intervals of proportions Korn & Graubard 1998, "Confidence intervals
// for proportions with small expected number of positive counts", Survey Methodology 24). Never more trials than there
// are; as many as there are clusters where the variance says nothing (one cluster, or all clusters alike). Clusters
// without a trial are left out; [0, 1] without any.
Interval ClusteredWilson(std::span<const SuccessCount> clusters, double confidence = kConfidence);

// Plain mean; the sequence must not be empty.
double Mean(std::span<const double> values);

// Interval of the mean of `rates`, one per task, with tasks as clusters: mean +- t(T-1) s / sqrt(T), cut to `range`. It
// answers "what would other tasks of this kind give?", so it is wide for few tasks (Miller 2024, "Adding error bars to
// evals"). Empty where the data cannot say: for fewer than two tasks, and when all rates are equal (all solved, all
// failed). Not a bootstrap over tasks: with 3 to 12 clusters its intervals are too narrow (tests/harness/
// statistics_test.cc counts how often both hold the truth).
std::optional<Interval> ClusteredInterval(std::span<const double> rates, double confidence = kConfidence,
                                          Interval range = {0.0, 1.0});

// The middle value, or the mean of the two middle ones; empty for an empty sequence.
std::optional<double> Median(std::span<const double> values);

}  // namespace divla
