#include "harness/statistics/betting.h"

#include <algorithm>
#include <boost/math/tools/toms748_solve.hpp>
#include <cmath>
#include <cstdint>
#include <functional>
#include <map>
#include <utility>

#include "sim/check.h"

namespace divla {
namespace {

constexpr int kShares = 19;
// Bounds are found to this, and rounded away from the means that are kept.
constexpr double kExact = 1e-9;

// How often each x was seen, the highest first.
using Outcomes = std::map<double, double, std::greater<>>;

Outcomes OfPairs(const PairedCounts& counts) {
  Outcomes seen;
  for (const auto& [x, count] : {std::pair{1.0, counts.won}, {0.5, counts.both + counts.neither}, {0.0, counts.lost}}) {
    if (count > 0) seen[x] = count;
  }
  return seen;
}

// Of 1 - x.
Outcomes Mirrored(const Outcomes& seen) {
  Outcomes mirrored;
  for (const auto& [x, count] : seen) mirrored[1.0 - x] += count;
  return mirrored;
}

// Log of the mean capital of all shares, bet against "the mean of x is m" in favour of a higher one. Falls with m.
double LogCapital(const Outcomes& seen, double m) {
  double logs[kShares];
  for (int i = 0; i < kShares; ++i) {
    const double share = (i + 1.0) / (kShares + 1.0);
    logs[i] = 0.0;
    for (const auto& [x, count] : seen) logs[i] += count * std::log1p(share * (x / m - 1.0));
  }
  const double highest = *std::max_element(logs, logs + kShares);
  double sum = 0.0;
  for (const double value : logs) sum += std::exp(value - highest);
  return highest + std::log(sum / kShares);
}

// Every mean of x up to this is ruled out as too low; at least `known`, of which that is known already.
double LowerBound(const Outcomes& seen, double threshold, double known) {
  const auto excess = [&](double m) { return LogCapital(seen, m) - threshold; };
  const double least = std::max(known, kExact);
  if (excess(least) < 0.0) return known;
  // At m = 1 nothing can be won, and the capital is at most 1.
  std::uintmax_t steps = 100;
  const auto bracket = boost::math::tools::toms748_solve(
      excess, least, 1.0, [](double a, double b) { return b - a < kExact; }, steps);
  return bracket.first;
}

// Of the mean of x.
Interval Bounds(const Outcomes& seen, double alpha, Interval known) {
  const double threshold = std::log(2.0 / alpha);
  return {LowerBound(seen, threshold, known.low), 1.0 - LowerBound(Mirrored(seen), threshold, 1.0 - known.high)};
}

Interval OfDifference(const Interval& of_x) { return {2.0 * of_x.low - 1.0, 2.0 * of_x.high - 1.0}; }

SequentialVerdict Verdict(const Interval& interval, double margin) {
  if (interval.low >= margin && interval.low > 0.0) return SequentialVerdict::kBetter;
  if (interval.high <= -margin && interval.high < 0.0) return SequentialVerdict::kWorse;
  if (-margin <= interval.low && interval.high <= margin) return SequentialVerdict::kEquivalent;
  return SequentialVerdict::kInconclusive;
}

}  // namespace

const char* ToString(SequentialVerdict verdict) {
  switch (verdict) {
    case SequentialVerdict::kBetter:
      return "better";
    case SequentialVerdict::kWorse:
      return "worse";
    case SequentialVerdict::kEquivalent:
      return "equivalent";
    case SequentialVerdict::kInconclusive:
      return "inconclusive";
  }
  DIVLA_CHECK(false, "unknown verdict");
}

bool BettingRulesOut(const PairedCounts& counts, double mean, double alpha) {
  DIVLA_CHECK(mean > -1.0 && mean < 1.0, "a mean in (-1, 1)");
  DIVLA_CHECK(alpha > 0.0 && alpha < 1.0, "alpha in (0, 1)");
  const double m = (mean + 1.0) / 2;
  const Outcomes seen = OfPairs(counts);
  return std::max(LogCapital(seen, m), LogCapital(Mirrored(seen), 1.0 - m)) >= std::log(2.0 / alpha);
}

Interval BettingInterval(const PairedCounts& counts, double alpha) {
  DIVLA_CHECK(alpha > 0.0 && alpha < 1.0, "alpha in (0, 1)");
  return OfDifference(Bounds(OfPairs(counts), alpha, {0.0, 1.0}));
}

SequentialResult WatchDifferences(std::span<const double> differences, double alpha, double margin) {
  DIVLA_CHECK(alpha > 0.0 && alpha < 1.0, "alpha in (0, 1)");
  DIVLA_CHECK(margin >= 0.0 && margin < 1.0, "margin in [0, 1)");
  SequentialResult result;
  Outcomes seen;
  double sum = 0.0;
  Interval of_x{0.0, 1.0};
  for (const double difference : differences) {
    DIVLA_CHECK(difference >= -1.0 && difference <= 1.0, "a paired difference lies in [-1, 1]");
    seen[(difference + 1.0) / 2] += 1.0;
    sum += difference;
    of_x = Bounds(seen, alpha, of_x);
    // When the truth was ruled out the bounds can pass each other; the mean stays where they met.
    of_x.high = std::max(of_x.low, of_x.high);
    const int steps = static_cast<int>(result.steps.size()) + 1;
    result.steps.push_back({difference, sum / steps, OfDifference(of_x)});
    result.verdict = Verdict(result.steps.back().interval, margin);
    if (result.verdict != SequentialVerdict::kInconclusive) {
      result.decided_after = steps;
      break;
    }
  }
  return result;
}

}  // namespace divla
