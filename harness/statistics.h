// Pure functions on counts: the intervals of the tables. No state, thread-safe.
#pragma once

#include <optional>
#include <span>

#include "harness/records.h"

namespace divla {

inline constexpr double kConfidence = 0.95;  // two-sided

// Wilson score interval of k successes in n trials, without continuity correction (Wilson 1927). [0, 1] for n = 0.
Interval WilsonInterval(int k, int n, double confidence = kConfidence);

// Exact interval from the binomial tails (Clopper & Pearson 1934); never too narrow. [0, 1] for n = 0.
Interval ClopperPearsonInterval(int k, int n, double confidence = kConfidence);

// Plain mean; the sequence must not be empty.
double Mean(std::span<const double> values);

// Interval of the mean of `rates`, one per task, with tasks as clusters: mean +- t(T-1) s / sqrt(T), cut to [0, 1]. It
// answers "what would other tasks of this kind give?", so it is wide for few tasks (Miller 2024, "Adding error bars to
// evals"). Empty where the data cannot say: for fewer than two tasks, and when all rates are equal (all solved, all
// failed).
std::optional<Interval> ClusteredInterval(std::span<const double> rates, double confidence = kConfidence);

// The middle value, or the mean of the two middle ones; empty for an empty sequence.
std::optional<double> Median(std::span<const double> values);

}  // namespace divla
