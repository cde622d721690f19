#include "harness/statistics/betting.h"

#include <algorithm>
#include <boost/math/tools/toms748_solve.hpp>
#include <cmath>
#include <cstdint>

#include "sim/check.h"

namespace divla {
namespace {

constexpr int kShares = 19;
// Bounds are found to this, and rounded away from the means that are kept.
constexpr double kExact = 1e-9;

struct Outcomes {
  double won{}, lost{}, same{};
};

// Log of the mean capital of all shares, bet against "the mean of x is m" in favour of a higher one. Falls with m.
double LogCapital(const Outcomes& seen, double m) {
  double logs[kShares];
  for (int i = 0; i < kShares; ++i) {
    const double share = (i + 1.0) / (kShares + 1.0);
    logs[i] = seen.won * std::log1p(share * (1.0 / m - 1.0)) + seen.same * std::log1p(share * (0.5 / m - 1.0)) +
              seen.lost * std::log1p(-share);
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
Interval Bounds(const PairedCounts& counts, double alpha, Interval known) {
  const double threshold = std::log(2.0 / alpha);
  const auto won = static_cast<double>(counts.won), lost = static_cast<double>(counts.lost);
  const auto same = static_cast<double>(counts.both + counts.neither);
  return {LowerBound({won, lost, same}, threshold, known.low),
          1.0 - LowerBound({lost, won, same}, threshold, 1.0 - known.high)};
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
  const auto won = static_cast<double>(counts.won), lost = static_cast<double>(counts.lost);
  const auto same = static_cast<double>(counts.both + counts.neither);
  return std::max(LogCapital({won, lost, same}, m), LogCapital({lost, won, same}, 1.0 - m)) >= std::log(2.0 / alpha);
}

Interval BettingInterval(const PairedCounts& counts, double alpha) {
  DIVLA_CHECK(alpha > 0.0 && alpha < 1.0, "alpha in (0, 1)");
  return OfDifference(Bounds(counts, alpha, {0.0, 1.0}));
}

SequentialResult WatchDifferences(std::span<const int> differences, double alpha, double margin) {
  DIVLA_CHECK(alpha > 0.0 && alpha < 1.0, "alpha in (0, 1)");
  DIVLA_CHECK(margin >= 0.0 && margin < 1.0, "margin in [0, 1)");
  SequentialResult result;
  PairedCounts counts;
  Interval of_x{0.0, 1.0};
  for (const int difference : differences) {
    DIVLA_CHECK(difference >= -1 && difference <= 1, "a paired difference is -1, 0 or 1");
    counts.Add(difference<0, difference> 0);
    of_x = Bounds(counts, alpha, of_x);
    // When the truth was ruled out the bounds can pass each other; the mean stays where they met.
    of_x.high = std::max(of_x.low, of_x.high);
    result.steps.push_back({difference, counts.Difference(), OfDifference(of_x)});
    result.verdict = Verdict(result.steps.back().interval, margin);
    if (result.verdict != SequentialVerdict::kInconclusive) {
      result.decided_after = counts.Pairs();
      break;
    }
  }
  return result;
}

}  // namespace divla
