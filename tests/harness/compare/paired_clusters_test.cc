#include "harness/compare/paired_clusters.h"

#include <gtest/gtest.h>

#include <array>
#include <bit>
#include <string>
#include <vector>

#include "sim/rng.h"

namespace divla {
namespace {

// A scene each: its pairs, '+' won, '-' lost, '=' success in both, '.' in none.
PairedClusters Clusters(const std::vector<std::string>& scenes) {
  PairedClusters clusters;
  for (std::size_t scene = 0; scene < scenes.size(); ++scene) {
    for (std::size_t twin = 0; twin < scenes[scene].size(); ++twin) {
      const char pair = scenes[scene][twin];
      clusters.Add({"carry", twin == 0 ? "none" : "object_size", static_cast<int>(twin), static_cast<int>(scene)},
                   pair == '-' || pair == '=', pair == '+' || pair == '=');
    }
  }
  return clusters;
}

TEST(PairedClusters, IsMcNemarAndNewcombeWhereEverySceneHasOnePair) {
  const PairedClusters clusters = Clusters({"+", "+", "-", "=", ".", "=", "+", "+"});
  const PairedCounts counts{2, 1, 4, 1};
  EXPECT_EQ(clusters.Counts(), counts);
  EXPECT_FALSE(clusters.HasTwins());
  EXPECT_EQ(clusters.EffectivePairs(), 8.0);
  EXPECT_EQ(clusters.Exact(), McNemarExact(counts));
  EXPECT_EQ(clusters.MidP(), McNemarMidP(counts));
  EXPECT_EQ(clusters.DifferenceInterval(0.9).low, PairedDifferenceInterval(counts, 0.9).low);
  EXPECT_EQ(clusters.DifferenceInterval(0.9).high, PairedDifferenceInterval(counts, 0.9).high);
}

TEST(PairedClusters, TellsTasksAndIndicesApart) {
  PairedClusters clusters;
  clusters.Add({"carry", "none", 0, 3}, false, true);
  clusters.Add({"carry", "object_size", 2, 3}, false, true);
  EXPECT_EQ(clusters.Clusters(), 1);
  clusters.Add({"stack", "none", 0, 3}, false, true);
  clusters.Add({"carry", "none", 0, 4}, false, true);
  EXPECT_EQ(clusters.Clusters(), 3);
  EXPECT_TRUE(clusters.HasTwins());
}

// The coins 3, 1 and 2 have the sums 0 1 2 3 3 4 5 6 in their eight outcomes. +3 -1 +2 won five of six, as far from the
// middle as one: two outcomes of eight on each side. A scene that changed both ways as often has no coin.
TEST(PairedClusters, TossesWholeScenes) {
  const PairedClusters clusters = Clusters({"+++", "-.=", "++=", "+-.", "==="});
  EXPECT_EQ(clusters.Counts(), (PairedCounts{5, 2, 6, 2}));
  EXPECT_DOUBLE_EQ(clusters.Exact(), 0.5);
  EXPECT_DOUBLE_EQ(clusters.MidP(), 0.375);
  EXPECT_EQ(Clusters({"+-", "=="}).Exact(), 1.0);
  EXPECT_EQ(Clusters({"+-", "=="}).MidP(), 1.0);
  EXPECT_EQ(Clusters({"++", "--"}).Exact(), 1.0);
}

TEST(PairedClusters, TossedSumsEqualTheSumOverAllOutcomes) {
  const std::array<int, 5> sizes{4, 1, 7, 4, 2};
  std::vector<double> wanted(19);
  for (unsigned coins = 0; coins < 32; ++coins) {
    std::size_t sum = 0;
    for (unsigned i = 0; i < 5; ++i) sum += (coins >> i & 1U) ? static_cast<std::size_t>(sizes[i]) : 0;
    for (std::size_t at_most = sum; at_most < wanted.size(); ++at_most) wanted[at_most] += 1.0 / 32;
  }
  EXPECT_EQ(TossedSums(sizes), wanted);
  EXPECT_EQ(TossedSums({}), std::vector<double>{1.0});
}

// Four scenes with two pairs each, sums 2 2 -2 0, a difference of 1/4: the squares around it are 11, the variance between
// scenes 4/3 * 11/64, that of independent pairs 3/4 - 1/16 over their number. That is 3 pairs, times (1.959964 / 3.182446)^2.
TEST(PairedClusters, EffectivePairsByHand) {
  EXPECT_NEAR(Clusters({"++", "++", "--", "=."}).EffectivePairs(), 1.137877, 1e-5);
  // Scenes that are more alike than chance would make them count for no more than their pairs.
  EXPECT_EQ(Clusters({"+-", "-+", "+-", "+=", "-.", "+-", "-+", "+-", "-+"}).EffectivePairs(), 18.0);
  // Where no scene differs from another, the scenes.
  EXPECT_EQ(Clusters({"==.", "..=", "==="}).EffectivePairs(), 3.0);
  EXPECT_EQ(Clusters({"+++"}).EffectivePairs(), 1.0);
  EXPECT_EQ(PairedClusters().EffectivePairs(), 0.0);
  EXPECT_EQ(PairedClusters().DifferenceInterval().low, -1.0);
}

// Two policies equally good over all scenes, each better at some: of a scene's twins one wins more often, whichever it is.
// Who takes the pairs for independent is wrong three times as often as he says.
TEST(PairedClusters, IntervalsAndTestsKeepTheirLevel) {
  constexpr int kDraws = 2000;
  for (const auto& [scenes, twins] : {std::pair{60, 10}, {12, 30}}) {
    Rng rng({.seed = 1, .stream = "paired_clusters_test"});
    int held = 0, held_plain = 0, found = 0, found_plain = 0;
    for (int draw = 0; draw < kDraws; ++draw) {
      PairedClusters clusters;
      for (int scene = 0; scene < scenes; ++scene) {
        const double won = rng.Uniform() < 0.5 ? 0.25 : 0.05;
        for (int twin = 0; twin < twins; ++twin) {
          const double chance = rng.Uniform();
          const bool same = rng.Uniform() < 0.5;
          clusters.Add({"carry", "none", twin, scene}, chance < 0.3 - won || (chance >= 0.3 && same),
                       (chance >= 0.3 - won && chance < 0.3) || (chance >= 0.3 && same));
        }
      }
      const auto holds = [](const Interval& interval) { return interval.low <= 0.0 && 0.0 <= interval.high; };
      held += holds(clusters.DifferenceInterval());
      held_plain += holds(PairedDifferenceInterval(clusters.Counts()));
      found += clusters.Exact() <= 0.05;
      found_plain += McNemarExact(clusters.Counts()) <= 0.05;
    }
    RecordProperty("held_" + std::to_string(scenes), held);
    RecordProperty("held_plain_" + std::to_string(scenes), held_plain);
    EXPECT_GE(held, 0.94 * kDraws) << scenes;
    EXPECT_LE(held, 0.98 * kDraws) << scenes;
    EXPECT_LE(held_plain, 0.87 * kDraws) << scenes;
    EXPECT_LE(found, 0.06 * kDraws) << scenes;
    EXPECT_GE(found_plain, 0.13 * kDraws) << scenes;
  }
}

}  // namespace
}  // namespace divla
