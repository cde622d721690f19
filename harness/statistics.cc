#include "harness/statistics.h"

#include <algorithm>
#include <boost/math/distributions/binomial.hpp>
#include <boost/math/distributions/normal.hpp>
#include <boost/math/distributions/students_t.hpp>
#include <cmath>
#include <vector>

#include "sim/check.h"

namespace divla {
namespace {

void CheckCounts(int k, int n, double confidence) {
  DIVLA_CHECK(n >= 0 && k >= 0 && k <= n, "0 <= k <= n");
  DIVLA_CHECK(confidence > 0.0 && confidence < 1.0, "confidence in (0, 1)");
}

}  // namespace

Interval WilsonOfRate(double rate, double trials, double confidence) {
  DIVLA_CHECK(rate >= 0.0 && rate <= 1.0 && trials > 0.0, "a rate of trials");
  const double z = boost::math::quantile(boost::math::normal(), 0.5 + confidence / 2);
  const double scale = 1.0 + z * z / trials;
  const double centre = (rate + z * z / (2.0 * trials)) / scale;
  const double half = z / scale * std::sqrt(rate * (1.0 - rate) / trials + z * z / (4.0 * trials * trials));
  // At rates of 0 and 1 the bound is 0 or 1 exactly; rounding must not say otherwise.
  return {rate == 0.0 ? 0.0 : std::max(0.0, centre - half), rate == 1.0 ? 1.0 : std::min(1.0, centre + half)};
}

Interval WilsonInterval(int k, int n, double confidence) {
  CheckCounts(k, n, confidence);
  if (n == 0) return {0.0, 1.0};
  return WilsonOfRate(static_cast<double>(k) / n, n, confidence);
}

Interval ClusteredWilson(std::span<const SuccessCount> clusters, double confidence) {
  double successes = 0.0, trials = 0.0, count = 0.0;
  for (const SuccessCount& cluster : clusters) {
    CheckCounts(cluster.k, cluster.n, confidence);
    successes += cluster.k;
    trials += cluster.n;
    count += cluster.n > 0 ? 1.0 : 0.0;
  }
  if (trials == 0.0) return {0.0, 1.0};
  const double p = successes / trials;
  double squares = 0.0;
  for (const SuccessCount& cluster : clusters) squares += std::pow(cluster.k - p * cluster.n, 2);
  double effective = count;
  if (count > 1.0 && squares > 0.0) {
    const double variance = count / (count - 1.0) * squares / (trials * trials);  // of the ratio estimator
    effective = std::clamp(p * (1.0 - p) / variance, 1.0, trials);
  }
  return WilsonOfRate(p, effective, confidence);
}

Interval ClopperPearsonInterval(int k, int n, double confidence) {
  CheckCounts(k, n, confidence);
  if (n == 0) return {0.0, 1.0};
  using Binomial = boost::math::binomial_distribution<double>;
  const double tail = (1.0 - confidence) / 2;
  return {k == 0 ? 0.0 : Binomial::find_lower_bound_on_p(n, k, tail, Binomial::clopper_pearson_exact_interval),
          k == n ? 1.0 : Binomial::find_upper_bound_on_p(n, k, tail, Binomial::clopper_pearson_exact_interval)};
}

double Mean(std::span<const double> values) {
  DIVLA_CHECK(!values.empty(), "the mean of nothing");
  double sum = 0.0;
  for (const double value : values) sum += value;
  return sum / static_cast<double>(values.size());
}

std::optional<Interval> ClusteredInterval(std::span<const double> rates, double confidence, Interval range) {
  if (rates.size() < 2) return std::nullopt;
  const double mean = Mean(rates);
  double squares = 0.0;
  for (const double rate : rates) squares += (rate - mean) * (rate - mean);
  if (squares == 0.0) return std::nullopt;
  const auto count = static_cast<double>(rates.size());
  const double t = boost::math::quantile(boost::math::students_t(count - 1.0), 0.5 + confidence / 2);
  const double half = t * std::sqrt(squares / (count - 1.0) / count);
  return Interval{std::max(range.low, mean - half), std::min(range.high, mean + half)};
}

std::optional<double> Median(std::span<const double> values) {
  if (values.empty()) return std::nullopt;
  std::vector<double> sorted(values.begin(), values.end());
  std::sort(sorted.begin(), sorted.end());
  const std::size_t middle = sorted.size() / 2;
  return sorted.size() % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

}  // namespace divla
