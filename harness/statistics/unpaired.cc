#include "harness/statistics/unpaired.h"

#include <algorithm>
#include <boost/math/distributions/binomial.hpp>
#include <boost/math/distributions/hypergeometric.hpp>
#include <cmath>
#include <utility>
#include <vector>

#include "sim/check.h"

namespace divla {
namespace {

void CheckCounts(SuccessCount base, SuccessCount run) {
  for (const SuccessCount count : {base, run}) {
    DIVLA_CHECK(count.n >= 0 && count.k >= 0 && count.k <= count.n, "0 <= k <= n");
  }
}

// For each number of successes of the base, the most successes of RUN that are as extreme as the table seen; -1: none.
// Fisher's p falls when the base has one more and when RUN has one less, so the border is a staircase, and walking
// along it asks for n + m values of p instead of n times m.
std::vector<int> Border(SuccessCount base, SuccessCount run, double p) {
  constexpr double kTies = 1.0 + 1e-9;  // tables of equal p whose rounding differs
  std::vector<int> border(static_cast<std::size_t>(base.n) + 1);
  int most = -1;
  for (int k = 0; k <= base.n; ++k) {
    while (most < run.n && FisherWorse({k, base.n}, {most + 1, run.n}) <= p * kTies) ++most;
    border[static_cast<std::size_t>(k)] = most;
  }
  return border;
}

// The chance of a table on or beyond the border when both have this rate.
double ChanceBeyond(const std::vector<int>& border, int base_n, int run_n, double rate) {
  const boost::math::binomial_distribution<double> base(base_n, rate), run(run_n, rate);
  double chance = 0.0;
  for (int k = 0; k <= base_n; ++k) {
    const int most = border[static_cast<std::size_t>(k)];
    if (most >= 0) chance += boost::math::pdf(base, k) * boost::math::cdf(run, most);
  }
  return chance;
}

// The highest value of `function` between `low` and `high`, where it has one peak.
template <class Function>
double Peak(const Function& function, double low, double high) {
  constexpr int kSteps = 30;  // each leaves 0.618 of the stretch: 5e-7 of it in the end
  const double golden = (std::sqrt(5.0) - 1.0) / 2.0;
  double left = high - golden * (high - low), right = low + golden * (high - low);
  double at_left = function(left), at_right = function(right);
  for (int i = 0; i < kSteps; ++i) {
    if (at_left > at_right) {
      high = right;
      right = left;
      at_right = at_left;
      left = high - golden * (high - low);
      at_left = function(left);
    } else {
      low = left;
      left = right;
      at_left = at_right;
      right = low + golden * (high - low);
      at_right = function(right);
    }
  }
  return std::max(at_left, at_right);
}

SuccessCount Failures(SuccessCount count) { return {count.n - count.k, count.n}; }

// The chance that RUN gets at most its successes when those of each stratum are dealt out at random.
double ConditionalWorse(const std::vector<TwoRates>& strata) {
  std::vector<double> chances{1.0};  // of 0, 1, ... successes above the least possible
  int least = 0, seen = 0;
  for (const auto& [base, run] : strata) {
    const int successes = base.k + run.k, trials = base.n + run.n;
    const int low = std::max(0, successes - base.n), high = std::min(successes, run.n);
    const boost::math::hypergeometric_distribution<double> draws(
        static_cast<unsigned>(successes), static_cast<unsigned>(run.n), static_cast<unsigned>(trials));
    std::vector<double> sums(chances.size() + static_cast<std::size_t>(high - low));
    for (int k = low; k <= high; ++k) {
      const double chance = low == high ? 1.0 : boost::math::pdf(draws, static_cast<unsigned>(k));
      for (std::size_t i = 0; i < chances.size(); ++i)
        sums[i + static_cast<std::size_t>(k - low)] += chances[i] * chance;
    }
    chances = std::move(sums);
    least += low;
    seen += run.k;
  }
  double tail = 0.0;
  for (int i = 0; i <= seen - least; ++i) tail += chances[static_cast<std::size_t>(i)];
  return std::min(1.0, tail);
}

double Worse(const std::vector<TwoRates>& strata) {
  return strata.size() == 1 ? BoschlooWorse(strata[0].base, strata[0].run) : ConditionalWorse(strata);
}

}  // namespace

Interval UnpairedDifferenceInterval(SuccessCount base, SuccessCount run, double confidence) {
  CheckCounts(base, run);
  if (base.n == 0 || run.n == 0) return {-1.0, 1.0};
  const double of_base = static_cast<double>(base.k) / base.n, of_run = static_cast<double>(run.k) / run.n;
  const Interval around_base = WilsonInterval(base.k, base.n, confidence);
  const Interval around_run = WilsonInterval(run.k, run.n, confidence);
  const auto together = [](double a, double b) { return std::sqrt(a * a + b * b); };
  const double difference = of_run - of_base;
  return {std::max(-1.0, difference - together(of_run - around_run.low, around_base.high - of_base)),
          std::min(1.0, difference + together(around_run.high - of_run, of_base - around_base.low))};
}

double FisherWorse(SuccessCount base, SuccessCount run) {
  CheckCounts(base, run);
  const int successes = base.k + run.k, trials = base.n + run.n;
  if (base.n == 0 || run.n == 0 || successes == 0 || successes == trials) return 1.0;
  using Count = unsigned;
  const boost::math::hypergeometric_distribution<double> draws(static_cast<Count>(successes), static_cast<Count>(run.n),
                                                               static_cast<Count>(trials));
  return boost::math::cdf(draws, static_cast<Count>(run.k));
}

double BoschlooWorse(SuccessCount base, SuccessCount run) {
  const double fisher = FisherWorse(base, run);
  if (fisher == 1.0) return 1.0;
  const std::vector<int> border = Border(base, run, fisher);
  const auto chance = [&](double rate) { return ChanceBeyond(border, base.n, run.n, rate); };
  constexpr int kGrid = 256;
  int best = 1;
  double highest = 0.0;
  for (int i = 1; i < kGrid; ++i) {
    const double value = chance(static_cast<double>(i) / kGrid);
    if (value > highest) {
      highest = value;
      best = i;
    }
  }
  highest = std::max(highest, Peak(chance, (best - 1.0) / kGrid, (best + 1.0) / kGrid));
  return std::min(highest, fisher);
}

UnpairedTest CompareRates(std::span<const TwoRates> strata, double confidence) {
  std::vector<TwoRates> both, turned;
  double weights = 0.0;
  for (const TwoRates& stratum : strata) {
    CheckCounts(stratum.base, stratum.run);
    const double n = stratum.base.n, m = stratum.run.n;
    if (n == 0.0 || m == 0.0) continue;
    both.push_back(stratum);
    turned.push_back({Failures(stratum.base), Failures(stratum.run)});
    weights += n * m / (n + m);
  }
  UnpairedTest test;
  if (both.empty()) return test;
  double below = 0.0, above = 0.0;  // squares
  for (const auto& [base, run] : both) {
    const double n = base.n, m = run.n, weight = n * m / (n + m) / weights;
    const double difference = run.k / m - base.k / n;
    const Interval interval = UnpairedDifferenceInterval(base, run, confidence);
    test.difference += weight * difference;
    below += std::pow(weight * (difference - interval.low), 2);
    above += std::pow(weight * (interval.high - difference), 2);
  }
  test.interval = {std::max(-1.0, test.difference - std::sqrt(below)),
                   std::min(1.0, test.difference + std::sqrt(above))};
  test.worse = Worse(both);
  test.two_sided = std::min(1.0, 2.0 * std::min(test.worse, Worse(turned)));
  return test;
}

}  // namespace divla
