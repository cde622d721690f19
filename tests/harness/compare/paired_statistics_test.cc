#include "harness/compare/paired_statistics.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>

namespace divla {
namespace {

struct Known {
  PairedCounts counts;  // both, lost, won, neither
  Interval interval;    // of RUN minus BASE, 95 %
};

// The first: Cavo et al. 2012 as in Fagerland, Lydersen and Laake, "Statistical Analysis of Contingency Tables" (2017),
// chapter 8, whose published software gives [-0.1186, -0.0046] for the square-and-add interval. All of them, to six
// digits, from Newcombe's definition in another language; signs and columns turned to RUN minus BASE.
constexpr std::array<Known, 6> kKnown{{
    {{59, 16, 6, 80}, {-0.118621, -0.004625}},
    {{1, 7, 1, 12}, {-0.506920, -0.025559}},
    {{20, 2, 12, 16}, {0.056156, 0.329207}},
    {{36, 2, 12, 0}, {0.056930, 0.340428}},   // a negative correlation is not corrected
    {{50, 0, 0, 50}, {-0.019234, 0.019234}},  // no pair changed, and still not certain
    {{10, 0, 0, 0}, {-0.277533, 0.277533}},   // no correlation to be had
}};

TEST(PairedDifference, EqualsPublishedValues) {
  for (const Known& known : kKnown) {
    const Interval interval = PairedDifferenceInterval(known.counts);
    EXPECT_NEAR(interval.low, known.interval.low, 1e-6) << known.counts.both << " " << known.counts.lost;
    EXPECT_NEAR(interval.high, known.interval.high, 1e-6) << known.counts.both << " " << known.counts.lost;
  }
}

TEST(PairedDifference, TurnsOverWhenTheRunsAreSwapped) {
  for (int lost = 0; lost < 6; ++lost) {
    const PairedCounts there{4, lost, 3, 5}, back{4, 3, lost, 5};
    EXPECT_NEAR(PairedDifferenceInterval(there).low, -PairedDifferenceInterval(back).high, 1e-12);
    EXPECT_EQ(there.Difference(), -back.Difference());
  }
}

TEST(PairedDifference, SaysNothingWithoutPairsAndStaysInRange) {
  EXPECT_EQ(PairedDifferenceInterval({}).low, -1.0);
  EXPECT_EQ(PairedDifferenceInterval({}).high, 1.0);
  EXPECT_EQ(PairedCounts{}.Difference(), 0.0);
  EXPECT_GE(PairedDifferenceInterval({0, 3, 0, 0}).low, -1.0);
}

// Sums of binomial coefficients over powers of two, computed exactly in another language.
TEST(McNemar, EqualsTheSumOfTheTails) {
  EXPECT_DOUBLE_EQ(McNemarExact({9, 1, 7, 3}), 0.0703125);
  EXPECT_DOUBLE_EQ(McNemarExact({0, 12, 2, 0}), 0.012939453125);
  EXPECT_DOUBLE_EQ(McNemarExact({1, 0, 5, 1}), 0.0625);
  EXPECT_DOUBLE_EQ(McNemarExact({1, 6, 0, 1}), 0.03125);
  EXPECT_NEAR(McNemarExact({0, 80, 121, 0}), 0.004660051974640122, 1e-12);
  EXPECT_EQ(McNemarExact({0, 5, 5, 0}), 1.0);
  EXPECT_EQ(McNemarExact({40, 0, 0, 60}), 1.0);
}

// Python 3.11, scipy 1.17.1, for (won, lost) with x = min and n = sum:
//   2 * binom.cdf(x, n, .5) - binom.pmf(x, n, .5)   and   binomtest(won, n, .5, alternative='less').pvalue
TEST(McNemar, MidPAndOneSideEqualOtherPrograms) {
  EXPECT_NEAR(McNemarMidP({9, 1, 7, 3}), 0.0390625, 1e-14);
  EXPECT_NEAR(McNemarMidP({0, 12, 2, 0}), 0.007385253906249991, 1e-14);
  EXPECT_NEAR(McNemarMidP({1, 0, 5, 1}), 0.03125, 1e-14);
  EXPECT_NEAR(McNemarMidP({0, 80, 121, 0}), 0.003808622600903987, 1e-12);
  EXPECT_EQ(McNemarMidP({0, 4, 4, 0}), 1.0);
  EXPECT_EQ(McNemarMidP({4, 0, 0, 4}), 1.0);
  EXPECT_NEAR(McNemarWorse({9, 1, 7, 3}), 0.99609375, 1e-14);
  EXPECT_NEAR(McNemarWorse({0, 12, 2, 0}), 0.0064697265625, 1e-14);
  EXPECT_NEAR(McNemarWorse({1, 6, 0, 1}), 0.015625, 1e-14);
  EXPECT_NEAR(McNemarWorse({0, 80, 121, 0}), 0.998521403386416, 1e-12);
  EXPECT_NEAR(McNemarWorse({0, 4, 4, 0}), 0.63671875, 1e-14);
  EXPECT_EQ(McNemarWorse({4, 0, 0, 4}), 1.0);
}

// By hand: sorted 0.01, 0.02, 0.03, 0.3 times 4, 3, 2, 1, and never less than the one before.
TEST(Holm, StepsDown) {
  const std::vector<double> adjusted = HolmAdjusted(std::array{0.3, 0.01, 0.03, 0.02});
  ASSERT_EQ(adjusted.size(), 4U);
  EXPECT_NEAR(adjusted[0], 0.3, 1e-15);
  EXPECT_NEAR(adjusted[1], 0.04, 1e-15);
  EXPECT_NEAR(adjusted[2], 0.06, 1e-15);
  EXPECT_NEAR(adjusted[3], 0.06, 1e-15);
  EXPECT_EQ(HolmAdjusted(std::array{0.6, 0.9}), (std::vector<double>{1.0, 1.0}));
  EXPECT_TRUE(HolmAdjusted({}).empty());
}

TEST(PairedDeathTest, RefusesImpossibleCounts) {
  EXPECT_DEATH(McNemarExact({0, -1, 2, 0}), "counts of pairs");
  EXPECT_DEATH(PairedDifferenceInterval({-1, 1, 2, 0}), "counts of pairs");
}

}  // namespace
}  // namespace divla
