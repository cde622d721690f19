#include "harness/statistics/betting.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "harness/compare/paired_statistics.h"
#include "sim/rng.h"

namespace divla {
namespace {

constexpr double kAlpha = 0.05;

// The capital of the header, written out: the mean over the shares of the product of the factors.
double Capital(const PairedCounts& counts, double mean_of_x) {
  double sum = 0.0;
  for (int i = 1; i <= 19; ++i) {
    const double share = i / 20.0;
    double product = 1.0;
    const auto times = [&](int count, double x) {
      for (int j = 0; j < count; ++j) product *= 1.0 + share * (x / mean_of_x - 1.0);
    };
    times(counts.won, 1.0);
    times(counts.both + counts.neither, 0.5);
    times(counts.lost, 0.0);
    sum += product;
  }
  return sum / 19;
}

TEST(Betting, TheBoundsAreWhereTheCapitalReachesItsThreshold) {
  for (const PairedCounts& counts :
       {PairedCounts{20, 1, 9, 10}, PairedCounts{0, 30, 5, 60}, PairedCounts{5, 0, 0, 90}}) {
    const Interval interval = BettingInterval(counts, kAlpha);
    EXPECT_NEAR(Capital(counts, (interval.low + 1) / 2), 2 / kAlpha, 1e-3);
    const PairedCounts turned{counts.both, counts.won, counts.lost, counts.neither};
    EXPECT_NEAR(Capital(turned, 1 - (interval.high + 1) / 2), 2 / kAlpha, 1e-3);
    for (const double mean : {-0.9, -0.3, -0.01, 0.0, 0.05, 0.4}) {
      EXPECT_EQ(BettingRulesOut(counts, mean, kAlpha), mean <= interval.low || mean >= interval.high) << mean;
    }
  }
  EXPECT_EQ(BettingInterval({}, kAlpha).low, -1.0);
  EXPECT_EQ(BettingInterval({}, kAlpha).high, 1.0);
  // One unchanged pair, by hand: the mean share is 1/2, so 1 + (0.5 / m - 1) / 2 = 40 at m = 0.5 / 79.
  EXPECT_NEAR(BettingInterval({1, 0, 0, 0}, kAlpha).low, 1.0 / 79 - 1.0, 1e-8);
  EXPECT_EQ(BettingInterval({0, 1, 0, 0}, kAlpha).low, -1.0);
}

TEST(Betting, TurnsOverWhenTheRunsAreSwapped) {
  for (int lost = 0; lost < 9; ++lost) {
    const Interval there = BettingInterval({8, lost, 6, 5}, kAlpha), back = BettingInterval({8, 6, lost, 5}, kAlpha);
    EXPECT_NEAR(there.low, -back.high, 1e-8);
  }
}

// A fair game: whatever mean of x is true, the expected capital stays 1. All 3^6 sequences of six pairs.
TEST(Betting, TheExpectedCapitalIsOneWhenTheMeanIsTrue) {
  for (const auto& [lost, won] : {std::pair{0.1, 0.1}, {0.3, 0.05}, {0.0, 0.4}}) {
    const double mean_of_x = (won - lost + 1) / 2;
    double expected = 0.0;
    for (int code = 0; code < 729; ++code) {
      PairedCounts counts;
      double chance = 1.0;
      for (int rest = code, i = 0; i < 6; ++i, rest /= 3) {
        if (rest % 3 == 0) chance *= lost, ++counts.lost;
        if (rest % 3 == 1) chance *= won, ++counts.won;
        if (rest % 3 == 2) chance *= 1 - lost - won, ++counts.both;
      }
      expected += chance * Capital(counts, mean_of_x);
    }
    EXPECT_NEAR(expected, 1.0, 1e-12);
  }
}

// One pair with these chances.
void AddPair(PairedCounts& counts, double lost, double won, Rng& rng) {
  const double u = rng.Uniform();
  if (u < lost) {
    ++counts.lost;
  } else {
    ++(u < lost + won ? counts.won : counts.both);
  }
}

// The guarantee: looking after every pair of 500, the truth is ever ruled out in at most alpha of the runs. The exact
// test, which is meant for one look, breaks its promise under the same looks, so the count can tell.
TEST(BettingErrors, PeekingAfterEveryPairStaysBelowAlpha) {
  constexpr int kRuns = 2000, kPairs = 500;
  for (const auto& [lost, won] : {std::pair{0.05, 0.05}, {0.15, 0.15}, {0.4, 0.4}, {0.2, 0.05}, {0.0, 0.1}}) {
    Rng rng({.seed = 1, .stream = "betting_test"});
    int ruled_out = 0, fixed_size = 0;
    for (int run = 0; run < kRuns; ++run) {
      PairedCounts counts;
      bool out = false, significant = false;
      for (int i = 1; i <= kPairs; ++i) {
        AddPair(counts, lost, won, rng);
        out = out || BettingRulesOut(counts, won - lost, kAlpha);
        if (lost == 0.15 && i % 10 == 0) significant = significant || McNemarExact(counts) <= kAlpha;
      }
      ruled_out += out;
      fixed_size += significant;
    }
    EXPECT_LE(ruled_out, kAlpha * kRuns) << lost << " " << won;
    if (lost == 0.15) {
      EXPECT_GE(fixed_size, 3 * kAlpha * kRuns);
    }
  }
}

// A suite has tasks, and its pairs are a shuffle of fixed ones: here one task wins what the other loses.
TEST(BettingErrors, ShuffledTasksThatDifferStayBelowAlpha) {
  constexpr int kRuns = 2000, kPairs = 300;
  Rng rng({.seed = 2, .stream = "betting_test"});
  int ruled_out = 0;
  for (int run = 0; run < kRuns; ++run) {
    std::vector<int> tasks;
    for (int i = 0; i < kPairs; ++i) tasks.push_back(i % 2);
    rng.Shuffle(tasks);
    PairedCounts counts;
    bool out = false;
    for (const int task : tasks) {
      AddPair(counts, task == 0 ? 0.4 : 0.1, task == 0 ? 0.1 : 0.4, rng);
      out = out || BettingRulesOut(counts, 0.0, kAlpha);
    }
    ruled_out += out;
  }
  EXPECT_LE(ruled_out, kAlpha * kRuns);
}

std::vector<double> Differences(int pairs, double lost, double won, Rng& rng) {
  std::vector<double> differences;
  for (int i = 0; i < pairs; ++i) {
    const double u = rng.Uniform();
    differences.push_back(u < lost ? -1.0 : u < lost + won ? 1.0 : 0.0);
  }
  return differences;
}

// Where a test of fixed size has a power of 99 % (PairedPower: 0.30 lost, 0.10 won, 200 pairs), and mostly far sooner.
TEST(BettingErrors, FindsARealDrop) {
  constexpr int kRuns = 300, kPairs = 200;
  Rng rng({.seed = 3, .stream = "betting_test"});
  int worse = 0;
  double pairs = 0.0;
  for (int run = 0; run < kRuns; ++run) {
    const SequentialResult result = WatchDifferences(Differences(kPairs, 0.30, 0.10, rng), kAlpha, 0.0);
    EXPECT_NE(result.verdict, SequentialVerdict::kBetter);
    worse += result.verdict == SequentialVerdict::kWorse;
    pairs += static_cast<double>(result.steps.size()) / kRuns;
  }
  EXPECT_GE(worse, 0.9 * kRuns);
  EXPECT_LE(pairs, 110);
}

TEST(Watch, StopsAtTheFirstVerdictAndItsIntervalsOnlyShrink) {
  Rng rng({.seed = 4, .stream = "betting_test"});
  const auto differences = Differences(400, 0.1, 0.1, rng);
  const SequentialResult result = WatchDifferences(differences, kAlpha, 0.0);
  PairedCounts counts;
  for (std::size_t i = 0; i < result.steps.size(); ++i) {
    counts.Add(differences[i]<0, differences[i]> 0);
    const Interval now = result.steps[i].interval, single = BettingInterval(counts, kAlpha);
    EXPECT_GE(now.low, single.low - 1e-8);
    EXPECT_LE(now.high, single.high + 1e-8);
    EXPECT_EQ(result.steps[i].mean, counts.Difference());
    if (i == 0) continue;
    EXPECT_GE(now.low, result.steps[i - 1].interval.low);
    EXPECT_LE(now.high, result.steps[i - 1].interval.high);
  }
  const SequentialResult lost = WatchDifferences(std::vector<double>(100, -1), kAlpha, 0.0);
  EXPECT_EQ(lost.verdict, SequentialVerdict::kWorse);
  EXPECT_EQ(lost.steps.size(), static_cast<std::size_t>(lost.decided_after));
  EXPECT_LT(lost.decided_after, 10);
  // One pair fewer did not decide.
  EXPECT_EQ(
      WatchDifferences(std::vector<double>(static_cast<std::size_t>(lost.decided_after) - 1, -1), kAlpha, 0.0).verdict,
      SequentialVerdict::kInconclusive);
  EXPECT_EQ(WatchDifferences(std::vector<double>(100, 1), kAlpha, 0.0).verdict, SequentialVerdict::kBetter);
}

// One cluster of d = 0.5, that is x = 3/4: with a mean share of 1/2 the capital is 1 + (3/4 / m - 1) / 2, which is 40 at
// m = 3/4 / 79.
TEST(Watch, AClusterCountsByItsMean) {
  const SequentialResult one = WatchDifferences(std::vector<double>{0.5}, kAlpha, 0.0);
  EXPECT_NEAR(one.steps[0].interval.low, 1.5 / 79 - 1.0, 1e-8);
  EXPECT_EQ(one.steps[0].mean, 0.5);
  const SequentialResult there = WatchDifferences(std::vector<double>{0.5, -0.25, 0.75, 0.75, 0.1}, kAlpha, 0.0);
  const SequentialResult back = WatchDifferences(std::vector<double>{-0.5, 0.25, -0.75, -0.75, -0.1}, kAlpha, 0.0);
  EXPECT_NEAR(there.steps.back().interval.low, -back.steps.back().interval.high, 1e-8);
  EXPECT_NEAR(there.steps.back().interval.high, -back.steps.back().interval.low, 1e-8);
}

// Two policies equally good over all scenes, each better at some: looked at after every scene with its ten twins.
TEST(BettingErrors, ScenesWithTwinsAreRarelyCalledBetterOrWorse) {
  constexpr int kRuns = 400, kScenes = 120, kTwins = 10;
  Rng rng({.seed = 5, .stream = "betting_test"});
  int called = 0;
  for (int run = 0; run < kRuns; ++run) {
    std::vector<double> scenes;
    for (int scene = 0; scene < kScenes; ++scene) {
      const double won = rng.Uniform() < 0.5 ? 0.6 : 0.1;
      double sum = 0.0;
      for (const double difference : Differences(kTwins, 0.7 - won, won, rng)) sum += difference;
      scenes.push_back(sum / kTwins);
    }
    called += WatchDifferences(scenes, kAlpha, 0.0).verdict != SequentialVerdict::kInconclusive;
  }
  RecordProperty("called", called);
  EXPECT_LE(called, 0.05 * kRuns);
}

TEST(Watch, TheMarginDecidesWhatIsEquivalent) {
  const std::vector<double> unchanged(300, 0);
  EXPECT_EQ(WatchDifferences(unchanged, kAlpha, 0.0).verdict, SequentialVerdict::kInconclusive);
  EXPECT_EQ(WatchDifferences(unchanged, kAlpha, 0.05).verdict, SequentialVerdict::kEquivalent);
  EXPECT_EQ(WatchDifferences(unchanged, kAlpha, 0.01).verdict, SequentialVerdict::kInconclusive);
  // A drop of 5 points in a margin of 10 is not worse; without a margin it is.
  std::vector<double> drop;
  for (int i = 0; i < 1000; ++i) drop.push_back(i % 20 == 0 ? -1 : 0);
  EXPECT_EQ(WatchDifferences(drop, kAlpha, 0.10).verdict, SequentialVerdict::kEquivalent);
  EXPECT_EQ(WatchDifferences(drop, kAlpha, 0.0).verdict, SequentialVerdict::kWorse);
}

TEST(WatchDeathTest, RefusesWhatIsNoDifference) {
  EXPECT_DEATH(WatchDifferences(std::vector<double>{2}, kAlpha, 0.0), "paired difference");
  EXPECT_DEATH(WatchDifferences(std::vector<double>{0}, 0.0, 0.0), "alpha");
}

}  // namespace
}  // namespace divla
