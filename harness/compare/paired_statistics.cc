#include "harness/compare/paired_statistics.h"

#include <algorithm>
#include <boost/math/distributions/binomial.hpp>
#include <cmath>
#include <numeric>

#include "sim/check.h"

namespace divla {
namespace {

void CheckCounts(const PairedCounts& counts) {
  DIVLA_CHECK(counts.both >= 0 && counts.lost >= 0 && counts.won >= 0 && counts.neither >= 0, "counts of pairs");
}

// Of success in RUN with success in BASE; 0 where a rate is 0 or 1. The correction is one of half a pair among
// `effective` ones.
double Correlation(const PairedCounts& counts, double effective) {
  const double both = counts.both, lost = counts.lost, won = counts.won, neither = counts.neither;
  const double product = (both + lost) * (won + neither) * (both + won) * (lost + neither);
  if (product == 0.0) return 0.0;
  double numerator = both * neither - lost * won;
  const double pairs = counts.Pairs();
  if (numerator > 0.0) numerator = std::max(numerator - pairs / 2.0 * (pairs / effective), 0.0);
  return numerator / std::sqrt(product);
}

}  // namespace

Interval PairedDifferenceInterval(const PairedCounts& counts, double confidence) {
  CheckCounts(counts);
  return counts.Pairs() == 0 ? Interval{-1.0, 1.0} : PairedDifferenceOfShares(counts, counts.Pairs(), confidence);
}

Interval PairedDifferenceOfShares(const PairedCounts& counts, double effective, double confidence) {
  CheckCounts(counts);
  DIVLA_CHECK(counts.Pairs() > 0 && effective > 0.0, "shares of pairs");
  const double pairs = counts.Pairs(), run = counts.Run() / pairs, base = counts.Base() / pairs;
  const Interval of_run = WilsonOfRate(run, effective, confidence);
  const Interval of_base = WilsonOfRate(base, effective, confidence);
  const double phi = Correlation(counts, effective);
  const auto together = [&](double a, double b) { return std::sqrt(std::max(0.0, a * a - 2.0 * phi * a * b + b * b)); };
  const double difference = counts.Difference();
  return {std::max(-1.0, difference - together(run - of_run.low, of_base.high - base)),
          std::min(1.0, difference + together(of_run.high - run, base - of_base.low))};
}

double McNemarExact(const PairedCounts& counts) {
  CheckCounts(counts);
  const int changed = counts.won + counts.lost;
  if (changed == 0) return 1.0;
  const boost::math::binomial_distribution<double> tosses(changed, 0.5);
  return std::min(1.0, 2.0 * boost::math::cdf(tosses, std::min(counts.won, counts.lost)));
}

double McNemarMidP(const PairedCounts& counts) {
  CheckCounts(counts);
  const int changed = counts.won + counts.lost;
  if (changed == 0) return 1.0;
  const boost::math::binomial_distribution<double> tosses(changed, 0.5);
  const int fewer = std::min(counts.won, counts.lost);
  // With as many won as lost both tails meet in the middle, and the sum is 1 exactly.
  if (counts.won == counts.lost) return 1.0;
  return std::min(1.0, 2.0 * boost::math::cdf(tosses, fewer) - boost::math::pdf(tosses, fewer));
}

double McNemarWorse(const PairedCounts& counts) {
  CheckCounts(counts);
  const int changed = counts.won + counts.lost;
  if (changed == 0) return 1.0;
  return boost::math::cdf(boost::math::binomial_distribution<double>(changed, 0.5), counts.won);
}

std::vector<double> HolmAdjusted(std::span<const double> p_values) {
  std::vector<std::size_t> order(p_values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return p_values[a] < p_values[b]; });
  std::vector<double> adjusted(p_values.size());
  double most = 0.0;
  for (std::size_t rank = 0; rank < order.size(); ++rank) {
    most = std::max(most, std::min(1.0, static_cast<double>(order.size() - rank) * p_values[order[rank]]));
    adjusted[order[rank]] = most;
  }
  return adjusted;
}

}  // namespace divla
