#include "harness/statistics.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "sim/rng.h"

namespace divla {
namespace {

struct Known {
  int k, n;
  Interval wilson, exact;
};

// The first four: Newcombe, "Two-sided confidence intervals for the single proportion", Statistics in Medicine 17
// (1998), table I (methods 3 and 5). All of them, to six digits, from the definitions by bisection in another language.
constexpr std::array<Known, 7> kKnown{{
    {81, 263, {0.255289, 0.366210}, {0.252737, 0.367622}},
    {15, 148, {0.062386, 0.160487}, {0.057844, 0.161650}},
    {0, 20, {0.0, 0.161125}, {0.0, 0.168433}},
    {1, 29, {0.006113, 0.171755}, {0.000873, 0.177644}},
    {45, 50, {0.786398, 0.956524}, {0.781865, 0.966725}},
    {10, 10, {0.722467, 1.0}, {0.691503, 1.0}},
    {90, 100, {0.825634, 0.944771}, {0.823777, 0.950995}},
}};

TEST(Wilson, EqualsPublishedValues) {
  for (const Known& known : kKnown) {
    const Interval interval = WilsonInterval(known.k, known.n);
    EXPECT_NEAR(interval.low, known.wilson.low, 1e-6) << known.k << "/" << known.n;
    EXPECT_NEAR(interval.high, known.wilson.high, 1e-6) << known.k << "/" << known.n;
  }
}

TEST(ClopperPearson, EqualsPublishedValues) {
  for (const Known& known : kKnown) {
    const Interval interval = ClopperPearsonInterval(known.k, known.n);
    EXPECT_NEAR(interval.low, known.exact.low, 1e-6) << known.k << "/" << known.n;
    EXPECT_NEAR(interval.high, known.exact.high, 1e-6) << known.k << "/" << known.n;
  }
}

// The guarantee of the exact interval, checked by summing the binomial distribution: for every true rate, the share of
// experiments whose interval holds it is at least the confidence.
TEST(ClopperPearson, CoversAtLeastAsOftenAsItSays) {
  constexpr int kTrials = 20;
  for (double rate = 0.025; rate < 1.0; rate += 0.05) {
    double covered = 0.0;
    for (int k = 0; k <= kTrials; ++k) {
      const double chance =
          std::exp(std::lgamma(kTrials + 1.0) - std::lgamma(k + 1.0) - std::lgamma(kTrials - k + 1.0) +
                   k * std::log(rate) + (kTrials - k) * std::log1p(-rate));
      const Interval interval = ClopperPearsonInterval(k, kTrials);
      if (interval.low <= rate && rate <= interval.high) covered += chance;
    }
    EXPECT_GE(covered, kConfidence) << rate;
  }
}

TEST(Intervals, AreSymmetricUnderSwappingSuccessAndFailure) {
  for (int k = 0; k <= 17; ++k) {
    const Interval a = WilsonInterval(k, 17), b = WilsonInterval(17 - k, 17);
    EXPECT_NEAR(a.low, 1.0 - b.high, 1e-12);
    const Interval c = ClopperPearsonInterval(k, 17), d = ClopperPearsonInterval(17 - k, 17);
    EXPECT_NEAR(c.low, 1.0 - d.high, 1e-9);
  }
}

TEST(Intervals, SayNothingWithoutTrials) {
  EXPECT_EQ(WilsonInterval(0, 0).low, 0.0);
  EXPECT_EQ(WilsonInterval(0, 0).high, 1.0);
  EXPECT_EQ(ClopperPearsonInterval(0, 0).high, 1.0);
}

TEST(IntervalsDeathTest, RefuseImpossibleCounts) {
  EXPECT_DEATH(WilsonInterval(3, 2), "0 <= k <= n");
  EXPECT_DEATH(ClopperPearsonInterval(-1, 2), "0 <= k <= n");
}

TEST(Clustered, EqualsTheTIntervalByHand) {
  // mean 0.5, s = 0.1, t(2) = 4.302653: half width 4.302653 * 0.1 / sqrt(3).
  const std::array<double, 3> rates{0.4, 0.5, 0.6};
  const auto interval = ClusteredInterval(rates);
  ASSERT_TRUE(interval);
  EXPECT_NEAR(interval->low, 0.5 - 0.248414, 1e-6);
  EXPECT_NEAR(interval->high, 0.5 + 0.248414, 1e-6);
}

TEST(Clustered, IsCutToTheUnitIntervalAndEmptyWhereTheDataCannotSay) {
  const std::array<double, 2> far{0.0, 1.0};
  EXPECT_EQ(ClusteredInterval(far)->low, 0.0);
  EXPECT_EQ(ClusteredInterval(far)->high, 1.0);
  EXPECT_FALSE(ClusteredInterval(std::array<double, 1>{0.5}));
  EXPECT_FALSE(ClusteredInterval(std::array<double, 3>{0.0, 0.0, 0.0}));
}

// Python 3.11, statsmodels 0.15.0, with p, v and n_eff as the header says:
//   proportion_confint(p * n_eff, n_eff, method='wilson')
TEST(ClusteredWilson, EqualsWilsonOfTheEffectiveTrials) {
  const Interval even = ClusteredWilson(std::array<SuccessCount, 5>{{{2, 3}, {0, 3}, {3, 3}, {1, 3}, {3, 3}}});
  EXPECT_NEAR(even.low, 0.259238992680149, 1e-12);
  EXPECT_NEAR(even.high, 0.8653969089567788, 1e-12);
  const Interval uneven = ClusteredWilson(std::array<SuccessCount, 5>{{{1, 2}, {0, 1}, {4, 4}, {2, 5}, {0, 0}}});
  EXPECT_NEAR(uneven.low, 0.25181718710595175, 1e-12);
  EXPECT_NEAR(uneven.high, 0.8534460171665317, 1e-12);
}

TEST(ClusteredWilson, IsNeverSurerThanItsTrialsAndCountsClustersWhereTheVarianceSaysNothing) {
  // Each cluster half solved: less spread than by chance, and still 8 trials.
  const Interval regular = ClusteredWilson(std::array<SuccessCount, 4>{{{1, 2}, {1, 2}, {1, 2}, {1, 2}}});
  EXPECT_NEAR(regular.low, WilsonInterval(2, 4).low, 1e-12);  // no variance at all: the four clusters
  const Interval nearly = ClusteredWilson(std::array<SuccessCount, 4>{{{5, 10}, {5, 10}, {5, 10}, {6, 10}}});
  EXPECT_NEAR(nearly.low, WilsonInterval(21, 40).low, 1e-12);
  const Interval all = ClusteredWilson(std::array<SuccessCount, 3>{{{4, 4}, {4, 4}, {4, 4}}});
  EXPECT_NEAR(all.low, WilsonInterval(3, 3).low, 1e-12);
  EXPECT_EQ(all.high, 1.0);
  EXPECT_EQ(ClusteredWilson({}).high, 1.0);
}

// What ClusteredInterval's comment says: tasks drawn from a wide distribution of rates, and how often the interval
// holds its mean. Percentile bootstrap over the tasks, 200 resamples.
TEST(Clustered, HoldsTheMeanMoreOftenThanABootstrapOverTasks) {
  constexpr int kRuns = 1000, kTasks = 5, kResamples = 200;
  Rng rng({.seed = 1, .stream = "clustered"});
  int t_holds = 0, bootstrap_holds = 0;
  for (int run = 0; run < kRuns; ++run) {
    std::array<double, kTasks> rates{};
    for (double& rate : rates) rate = rng.Uniform(0.2, 0.8);
    const auto interval = ClusteredInterval(rates);
    t_holds += interval->low <= 0.5 && 0.5 <= interval->high;
    std::array<double, kResamples> means{};
    for (double& mean : means) {
      for (int i = 0; i < kTasks; ++i) mean += rates.at(static_cast<std::size_t>(rng.Int(kTasks))) / kTasks;
    }
    std::sort(means.begin(), means.end());
    bootstrap_holds += means[kResamples / 40] <= 0.5 && 0.5 <= means[kResamples - 1 - kResamples / 40];
  }
  EXPECT_GE(t_holds, 0.93 * kRuns);
  EXPECT_LE(bootstrap_holds, 0.90 * kRuns);
}

TEST(MedianTest, OddEvenAndEmpty) {
  EXPECT_EQ(Median(std::array<double, 3>{9, 1, 4}), 4.0);
  EXPECT_EQ(Median(std::array<double, 4>{9, 1, 4, 2}), 3.0);
  EXPECT_FALSE(Median({}));
}

}  // namespace
}  // namespace divla
