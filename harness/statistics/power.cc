#include "harness/statistics/power.h"

#include <algorithm>
#include <boost/math/distributions/binomial.hpp>
#include <boost/math/distributions/normal.hpp>
#include <cmath>

#include "sim/check.h"

namespace divla {
namespace {

constexpr int kMostPairs = 1'000'000;

using Binomial = boost::math::binomial_distribution<double>;

// The most wins among `changed` pairs with which the test still says "worse"; -1: none. `before`: of changed - 1, than
// which it is the same or one more.
int Critical(int changed, double alpha, int before) {
  return boost::math::cdf(Binomial(changed, 0.5), before + 1) <= alpha ? before + 1 : before;
}

}  // namespace

double PairedPower(int pairs, double lost, double won, const PowerTest& test) {
  constexpr double kRounding = 1e-12;
  DIVLA_CHECK(pairs >= 0 && lost >= 0.0 && won >= 0.0 && lost + won <= 1.0 + kRounding, "shares of pairs");
  DIVLA_CHECK(test.alpha > 0.0 && test.alpha < 1.0, "alpha in (0, 1)");
  const double changes = std::min(1.0, lost + won);
  if (pairs == 0 || changes == 0.0) return 0.0;
  const double alpha = test.one_sided ? test.alpha : test.alpha / 2;
  const Binomial changed(pairs, changes);
  // Numbers of changed pairs that never occur are not summed: together less than 1e-12.
  const double spread = 8.0 * std::sqrt(pairs * changes * (1.0 - changes)) + 30.0;
  const int least = std::max(1, static_cast<int>(pairs * changes - spread));
  const int most = std::min(pairs, static_cast<int>(pairs * changes + spread));
  int critical = -1;
  if (least > 1) {
    // The test's border at the beginning, from the quantile of the fair coin, then step by step.
    critical = static_cast<int>(std::floor(boost::math::quantile(Binomial(least - 1, 0.5), alpha))) + 1;
    while (critical >= 0 && boost::math::cdf(Binomial(least - 1, 0.5), critical) > alpha) --critical;
  }
  double power = 0.0;
  for (int count = least; count <= most; ++count) {
    critical = Critical(count, alpha, critical);
    if (critical < 0) continue;
    power += boost::math::pdf(changed, count) * boost::math::cdf(Binomial(count, won / (won + lost)), critical);
  }
  return power;
}

std::optional<int> PairsNeeded(double difference, double discordance, double power, const PowerTest& test) {
  DIVLA_CHECK(difference > 0.0 && power > 0.0 && power < 1.0, "a difference and a power");
  if (discordance < difference) return std::nullopt;
  const double lost = (discordance + difference) / 2, won = (discordance - difference) / 2;
  const auto reached = [&](int pairs) { return PairedPower(pairs, lost, won, test) >= power; };
  int high = 1;
  while (!reached(high)) {
    if (high > kMostPairs / 2) return std::nullopt;
    high *= 2;
  }
  int low = high / 2;  // not reached, or 0
  while (high - low > 1) {
    const int middle = (low + high) / 2;
    (reached(middle) ? high : low) = middle;
  }
  // Over the teeth: forward past the last one that falls below. They are as wide as the pairs that bring one more
  // changed pair, times the changed pairs that move the border by one, which is two or three.
  const int tooth = static_cast<int>(std::ceil(4.0 / discordance));
  for (int pairs = high + 1; pairs <= high + tooth; ++pairs) {
    if (!reached(pairs)) high = pairs + 1;
  }
  return high;
}

std::optional<double> VisibleDifference(int pairs, double discordance, double power, const PowerTest& test) {
  const auto seen = [&](double difference) {
    return PairedPower(pairs, (discordance + difference) / 2, (discordance - difference) / 2, test) >= power;
  };
  if (!seen(discordance)) return std::nullopt;
  double low = 0.0, high = discordance;
  while (high - low > 1e-5) {
    const double middle = (low + high) / 2;
    (seen(middle) ? high : low) = middle;
  }
  return high;
}

std::optional<int> EpisodesNeeded(double base_rate, double difference, double power, const PowerTest& test) {
  DIVLA_CHECK(difference > 0.0 && base_rate <= 1.0 && power > 0.0 && power < 1.0, "a rate, a difference and a power");
  if (base_rate < difference) return std::nullopt;
  const auto quantile = [](double p) { return boost::math::quantile(boost::math::normal(), p); };
  const double a = quantile(1.0 - (test.one_sided ? test.alpha : test.alpha / 2)), b = quantile(power);
  const double run = base_rate - difference, mean = (base_rate + run) / 2;
  const double root =
      a * std::sqrt(2.0 * mean * (1.0 - mean)) + b * std::sqrt(base_rate * (1.0 - base_rate) + run * (1.0 - run));
  return static_cast<int>(std::ceil(root * root / (difference * difference)));
}

}  // namespace divla
