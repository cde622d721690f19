#include "harness/statistics/power.h"

#include <gtest/gtest.h>

#include <cmath>

#include "harness/statistics/unpaired.h"

namespace divla {
namespace {

constexpr PowerTest kTwoSided{.alpha = 0.05, .one_sided = false};
constexpr PowerTest kOneSided{.alpha = 0.05, .one_sided = true};

// Python 3.11, scipy 1.17.1: the sum of multinomial.pmf([l, w, n-l-w], n, [lost, won, rest]) over all l and w with
// w < l and binom.cdf(w, l + w, .5) <= alpha (half of it for two sides).
TEST(PairedPower, EqualsThePlainSumOverTheTrinomial) {
  EXPECT_NEAR(PairedPower(20, 0.4, 0.1, kTwoSided), 0.36707445859330595, 1e-9);
  EXPECT_NEAR(PairedPower(30, 0.3, 0.0, kOneSided), 0.9698450568979022, 1e-9);
  EXPECT_NEAR(PairedPower(45, 0.35, 0.15, kTwoSided), 0.39659359459844673, 1e-9);
  EXPECT_NEAR(PairedPower(96, 0.2507, 0.1007, kOneSided), 0.7716303987035275, 1e-9);
}

TEST(PairedPower, IsTheErrorRateWithoutADifferenceAndNothingWithoutChanges) {
  for (const int pairs : {50, 500, 5000}) {
    EXPECT_LE(PairedPower(pairs, 0.1, 0.1, kOneSided), 0.05);
    EXPECT_LE(PairedPower(pairs, 0.1, 0.1, kTwoSided), 0.025);
  }
  EXPECT_GT(PairedPower(5000, 0.1, 0.1, kOneSided), 0.04);  // the exact test wastes little when there is much
  EXPECT_EQ(PairedPower(100, 0.0, 0.0, kTwoSided), 0.0);
  EXPECT_EQ(PairedPower(0, 0.2, 0.0, kTwoSided), 0.0);
  EXPECT_EQ(PairedPower(5, 1.0, 0.0, kTwoSided), 0.0);  // six changed pairs are the fewest, (1/2)^6 * 2 = 0.031
  EXPECT_NEAR(PairedPower(6, 1.0, 0.0, kTwoSided), 1.0, 1e-12);
}

// The normal approximation (Connor 1987), which forgets that the exact test is cautious: 186, 312 and 469 pairs for 5
// points with 6, 10 and 15 % changed, 469 and 783 for 2 points with 2.4 and 4 %. The exact test needs up to a tenth more.
TEST(PairsNeeded, AreALittleMoreThanTheApproximationSays) {
  struct Known {
    double difference, discordance;
    int approximate;
  };
  for (const Known& known :
       {Known{0.05, 0.06, 186}, {0.05, 0.10, 312}, {0.05, 0.15, 469}, {0.02, 0.024, 469}, {0.02, 0.04, 783}}) {
    const auto pairs = PairsNeeded(known.difference, known.discordance, 0.8, kTwoSided);
    ASSERT_TRUE(pairs);
    EXPECT_GE(*pairs, known.approximate);
    EXPECT_LE(*pairs, 1.11 * known.approximate) << known.difference << " " << known.discordance;
  }
}

TEST(PairsNeeded, ReachThePowerFromThereOn) {
  for (const double discordance : {0.15, 0.2, 0.4, 1.0}) {
    for (const PowerTest& test : {kTwoSided, kOneSided}) {
      const int pairs = PairsNeeded(0.15, discordance, 0.8, test).value();
      const double lost = (discordance + 0.15) / 2, won = (discordance - 0.15) / 2;
      EXPECT_LT(PairedPower(pairs - 1, lost, won, test), 0.8);
      for (int more = pairs; more < pairs + 100; ++more) EXPECT_GE(PairedPower(more, lost, won, test), 0.8) << more;
    }
  }
  EXPECT_FALSE(PairsNeeded(0.1, 0.05, 0.8, kTwoSided));
  EXPECT_FALSE(PairsNeeded(0.0001, 0.5, 0.8, kTwoSided));  // more than a million
}

TEST(VisibleDifference, IsTheInverseOfThePower) {
  const double drop = VisibleDifference(96, 0.2, 0.8, kTwoSided).value();
  EXPECT_NEAR(PairedPower(96, (0.2 + drop) / 2, (0.2 - drop) / 2, kTwoSided), 0.8, 1e-3);
  EXPECT_FALSE(VisibleDifference(20, 0.1, 0.8, kTwoSided));
}

// Python 3.11, statsmodels 0.15.0: samplesize_proportions_2indep_onetail(-difference, base, .8, alpha=.05,
// alternative='two-sided') gives 685.6, 2212.2, 1505.8 and 1093.7.
TEST(EpisodesNeeded, EqualsOtherPrograms) {
  EXPECT_EQ(EpisodesNeeded(0.90, 0.05, 0.8, kTwoSided), 686);
  EXPECT_EQ(EpisodesNeeded(0.95, 0.02, 0.8, kTwoSided), 2213);
  EXPECT_EQ(EpisodesNeeded(0.97, 0.02, 0.8, kTwoSided), 1506);
  EXPECT_EQ(EpisodesNeeded(0.80, 0.05, 0.8, kTwoSided), 1094);
  EXPECT_FALSE(EpisodesNeeded(0.1, 0.2, 0.8, kTwoSided));
}

// And Boschloo's test has that power there: the chance of each table, summed over those that it rejects.
TEST(EpisodesNeeded, IsWhatBoschloosTestNeeds) {
  const int n = EpisodesNeeded(0.8, 0.4, 0.8, kOneSided).value();
  const auto chance = [n](double rate, int k) {
    return std::exp(std::lgamma(n + 1.0) - std::lgamma(k + 1.0) - std::lgamma(n - k + 1.0) + k * std::log(rate) +
                    (n - k) * std::log1p(-rate));
  };
  double power = 0.0;
  for (int base = 0; base <= n; ++base) {
    for (int run = 0; run < base; ++run) {
      if (BoschlooWorse({base, n}, {run, n}) <= 0.05) power += chance(0.8, base) * chance(0.4, run);
    }
  }
  EXPECT_NEAR(power, 0.8, 0.04);
}

}  // namespace
}  // namespace divla
