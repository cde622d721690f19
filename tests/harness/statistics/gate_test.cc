#include "harness/statistics/gate.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <boost/math/distributions/beta.hpp>
#include <cmath>
#include <functional>
#include <limits>
#include <string>

#include "harness/compare/paired_clusters.h"
#include "sim/rng.h"

namespace divla {
namespace {

// Each changed pair a cluster of its own.
GateTest TestPairs(const std::vector<GateStratum>& strata, std::size_t tasks, int tosses) {
  std::vector<GateCluster> clusters;
  for (std::size_t i = 0; i < strata.size(); ++i) {
    clusters.insert(clusters.end(), static_cast<std::size_t>(strata[i].counts.lost), {{{i, -1}}});
    clusters.insert(clusters.end(), static_cast<std::size_t>(strata[i].counts.won), {{{i, 1}}});
  }
  return TestForWorse(strata, clusters, tasks, tosses);
}

TEST(GateWeights, AreLogOddsByHand) {
  EXPECT_NEAR(GateWeight({10, 0, 0, 10}), 2 * std::log(0.575 / 0.425), 1e-12);
  EXPECT_NEAR(GateWeight({7, 3, 0, 0}), std::log(0.925 / 0.075) - std::log(0.775 / 0.225), 1e-12);
  EXPECT_NEAR(GateWeight({20, 0, 0, 0}), std::log(0.98 / 0.02) - std::log(0.925 / 0.075), 1e-12);
  EXPECT_EQ(GateWeight({}), 0.0);
  EXPECT_EQ(GateWeight({4, 3, 1, 2}), GateWeight({4, 1, 3, 2}));
}

TEST(Gate, TossesEnoughForItsLevel) {
  EXPECT_EQ(GateTosses(0.05), 9'999);
  EXPECT_EQ(GateTosses(0.001), 50'000);
  // Ten lost of ten, 1/1024, counts at a level of 0.002 and not at 0.0005.
  const std::vector<GateStratum> strata{{0, {10, 10, 0, 5}}};
  EXPECT_LE(TestPairs(strata, 1, GateTosses(0.002)).all, 0.002);
  EXPECT_GT(TestPairs(strata, 1, GateTosses(0.0005)).all, 0.0005);
}

// Two tasks with 5 and 4 changed pairs: all 2^9 outcomes of the coins one by one, instead of tosses.
TEST(Gate, EqualsTheSumOverAllOutcomes) {
  const std::vector<GateStratum> strata{{0, {10, 4, 1, 5}}, {1, {16, 4, 0, 0}}};
  struct Outcome {
    double score, all, first, second, weighted;
  };
  const auto outcome = [&](int won_first, int won_second) {
    const double first = McNemarWorse({0, 5 - won_first, won_first, 0});
    const double second = McNemarWorse({0, 4 - won_second, won_second, 0});
    const double all = McNemarWorse({0, 9 - won_first - won_second, won_first + won_second, 0});
    const double score =
        GateWeight(strata[0].counts) * (5 - 2 * won_first) + GateWeight(strata[1].counts) * (4 - 2 * won_second);
    return Outcome{score, all, first, second, 0.0};
  };
  std::vector<Outcome> outcomes;
  for (unsigned coins = 0; coins < 512; ++coins) {
    outcomes.push_back(outcome(std::popcount(coins & 31U), std::popcount(coins >> 5U)));
  }
  const auto share = [&](const std::function<bool(const Outcome&)>& holds) {
    return static_cast<double>(std::count_if(outcomes.begin(), outcomes.end(), holds)) / 512;
  };
  const auto weigh = [&](Outcome& one) {
    one.weighted = share([&](const Outcome& other) { return other.score >= one.score - 1e-9; });
  };
  for (Outcome& one : outcomes) weigh(one);
  Outcome seen = outcome(1, 0);
  weigh(seen);
  const auto adjusted = [&](double p) {
    return share([&](const Outcome& one) {
      return std::min({one.all, one.first, one.second, one.weighted}) <= p + 1e-12;
    });
  };
  const GateTest test = TestPairs(strata, 2, 100'000);
  constexpr double kTossing = 0.005;  // three deviations of a share of 100,000
  EXPECT_NEAR(test.all, adjusted(seen.all), kTossing);
  EXPECT_NEAR(test.weighted, adjusted(seen.weighted), kTossing);
  EXPECT_NEAR(test.tasks[0], adjusted(seen.first), kTossing);
  EXPECT_NEAR(test.tasks[1], adjusted(seen.second), kTossing);
  EXPECT_LT(test.weighted, test.all);  // four lost of 20 that were all solved weigh more
}

// Two tasks, the first with two cells. Of its scenes one lost in both cells, one lost twice and won once in them, one won
// in one and lost in the other, which leaves a coin for the weighted look alone; the second task's scenes are single
// pairs. All 2^6 outcomes one by one.
TEST(Gate, TossesAnEpisodeAndItsTwinsTogether) {
  const std::vector<GateStratum> strata{{0, {20, 4, 1, 5}}, {0, {3, 3, 1, 20}}, {1, {16, 3, 0, 0}}};
  const std::vector<GateCluster> clusters{
      {{{0, -2}, {1, -1}}}, {{{0, -2}, {1, 1}}}, {{{0, 1}, {1, -1}}}, {{{2, -1}}}, {{{2, -1}}}, {{{2, -1}}}, {{}}};
  std::vector<double> weights;
  for (const GateStratum& stratum : strata) weights.push_back(GateWeight(stratum.counts));
  struct Outcome {
    double first, second, all, score, weighted;
  };
  const auto chances = [](const std::vector<int>& sizes) { return TossedSums(sizes); };
  const std::vector<double> of_first = chances({3, 1}), of_second = chances({1, 1, 1}), of_all = chances({3, 1, 1, 1, 1});
  std::vector<Outcome> outcomes;
  for (unsigned coins = 0; coins < 64; ++coins) {  // a bit: the cluster fell out the other way than above
    std::size_t first = 0, second = 0;
    double score = 0.0;
    for (unsigned i = 0; i < 6; ++i) {
      const int sign = (coins >> i & 1U) ? -1 : 1;
      int sum = 0;
      for (const auto& [stratum, change] : clusters[i].changes) {
        sum += sign * change;
        score -= sign * change * weights[stratum];
      }
      (i < 3 ? first : second) += static_cast<std::size_t>(std::max(0, sum));
    }
    outcomes.push_back({of_first[first], of_second[second], of_all[first + second], score, 0.0});
  }
  const auto share = [&](const std::function<bool(const Outcome&)>& holds) {
    return static_cast<double>(std::count_if(outcomes.begin(), outcomes.end(), holds)) / 64;
  };
  for (Outcome& one : outcomes) {
    one.weighted = share([&](const Outcome& other) { return other.score >= one.score - 1e-9; });
  }
  const auto adjusted = [&](double p) {
    return share([&](const Outcome& one) {
      return std::min({one.first, one.second, one.all, one.weighted}) <= p + 1e-12;
    });
  };
  const GateTest test = TestForWorse(strata, clusters, 2, 100'000);
  constexpr double kTossing = 0.005;
  EXPECT_NEAR(test.tasks[0], adjusted(outcomes[0].first), kTossing);
  EXPECT_NEAR(test.tasks[1], adjusted(outcomes[0].second), kTossing);
  EXPECT_NEAR(test.all, adjusted(outcomes[0].all), kTossing);
  EXPECT_NEAR(test.weighted, adjusted(outcomes[0].weighted), kTossing);
  EXPECT_NE(outcomes[0].weighted, outcomes[4].weighted) << "the third cluster's coin counts";
}

TEST(Gate, IsTheSameEachTimeAndSaysNothingWithoutChanges) {
  const std::vector<GateStratum> strata{{0, {10, 7, 1, 5}}, {0, {3, 3, 2, 0}}, {1, {16, 70, 50, 0}}};
  constexpr int kFew = 1000;
  const GateTest one = TestPairs(strata, 2, kFew), two = TestPairs(strata, 2, kFew);
  EXPECT_EQ(one.all, two.all);
  EXPECT_EQ(one.weighted, two.weighted);
  EXPECT_EQ(one.tasks, two.tasks);
  const GateTest same = TestPairs({{0, {20, 0, 0, 12}}, {1, {32, 0, 0, 0}}}, 2, kFew);
  EXPECT_EQ(same.all, 1.0);
  EXPECT_EQ(same.weighted, 1.0);
  EXPECT_EQ(same.tasks, (std::vector<double>{1.0, 1.0}));
  EXPECT_EQ(TestPairs({}, 0, kFew).all, 1.0);
}

// --- how often the gate errs, by simulation ---
//
// Each episode has a chance of success of its own. Those of a task are drawn from Beta(rate * spread, (1 - rate) *
// spread): with spread = 0.5 nearly every episode is either always or never solved, with spread = infinity all are
// alike, which is the most noise that a task of that rate can have. The truth lies between. Both runs toss anew.
constexpr double kAlike = std::numeric_limits<double>::infinity();
constexpr int kEpisodes = 32, kDraws = 2000, kTosses = 999;
constexpr double kAlpha = 0.05;

const std::vector<double> kShipped{13 / 32.0, 24 / 32.0, 32 / 32.0};  // an earlier checkpoint on the suite quick

// 256 equally likely chances.
std::vector<double> Difficulties(double rate, double spread) {
  if (spread == kAlike || rate == 0.0 || rate == 1.0) return {rate};
  const boost::math::beta_distribution<double> beta(rate * spread, (1.0 - rate) * spread);
  std::vector<double> chances;
  for (int i = 0; i < 256; ++i) chances.push_back(boost::math::quantile(beta, (i + 0.5) / 256));
  return chances;
}

// The chance in RUN of an episode that has `chance` in BASE.
using Change = std::function<double(std::size_t task, double chance, Rng& rng)>;

// The share of draws that the gate flags, by the rule of `divla compare`.
double Flagged(const std::vector<double>& rates, double spread, const Change& change, bool same_noise = false,
               int episodes = kEpisodes) {
  std::vector<std::vector<double>> difficulties;
  for (const double rate : rates) difficulties.push_back(Difficulties(rate, spread));
  Rng rng({.seed = 1, .stream = "gate_test"});
  int flagged = 0;
  for (int draw = 0; draw < kDraws; ++draw) {
    std::vector<GateStratum> strata;
    PairedCounts all;
    for (std::size_t task = 0; task < rates.size(); ++task) {
      PairedCounts counts;
      for (int i = 0; i < episodes; ++i) {
        const auto& chances = difficulties[task];
        const double before = chances[static_cast<std::size_t>(rng.Int(static_cast<int>(chances.size())))];
        const double after = change(task, before, rng), first = rng.Uniform(), second = rng.Uniform();
        counts.Add(first < before, (same_noise ? first : second) < after);
      }
      strata.push_back({task, counts});
      all += counts;
    }
    const GateTest test = TestPairs(strata, rates.size(), kTosses);
    bool worse = all.Difference() < 0.0 && std::min(test.all, test.weighted) <= kAlpha;
    for (std::size_t task = 0; task < rates.size(); ++task) {
      worse = worse || (strata[task].counts.Difference() < 0.0 && test.tasks[task] <= kAlpha);
    }
    flagged += worse;
  }
  return static_cast<double>(flagged) / kDraws;
}

double Unchanged(std::size_t, double chance, Rng&) { return chance; }

TEST(GateErrors, AnUnchangedPolicyIsFlaggedInAtMostFiveOfAHundred) {
  for (const double spread : {kAlike, 5.0, 2.0, 0.5}) {
    const double share = Flagged(kShipped, spread, Unchanged);
    RecordProperty("shipped_" + std::to_string(spread), std::to_string(share));
    EXPECT_LE(share, 0.05) << spread;
  }
  // Other rates and more tasks. Three deviations of the counting above 0.05.
  const double most = 0.05 + 3 * std::sqrt(0.05 * 0.95 / kDraws);
  EXPECT_LE(Flagged({0.5, 0.5, 0.5}, kAlike, Unchanged), most);
  EXPECT_LE(Flagged({0.03, 0.5, 0.97}, kAlike, Unchanged), most);
  EXPECT_LE(Flagged(std::vector<double>(12, 0.8), 2.0, Unchanged, false, 10), most);
  EXPECT_EQ(Flagged(kShipped, 2.0, Unchanged, /*same_noise=*/true), 0.0);  // a policy that replays bit for bit
}

// Two policies equally good over all scenes, each better at some, and of each scene twelve twins.
TEST(GateErrors, ScenesWithTwinsAreFlaggedInAtMostFiveOfAHundredOnlyAsClusters) {
  constexpr int kScenes = 10, kTwins = 12;
  Rng rng({.seed = 2, .stream = "gate_test"});
  int flagged = 0, flagged_as_pairs = 0;
  for (int draw = 0; draw < kDraws; ++draw) {
    std::vector<GateStratum> strata;
    std::vector<GateCluster> clusters;
    for (std::size_t task = 0; task < 3; ++task) {
      for (int twin = 0; twin < kTwins; ++twin) strata.push_back({task, {}});
      for (int scene = 0; scene < kScenes; ++scene) {
        const double before = rng.Uniform(), after = rng.Uniform();  // how well each does there
        clusters.emplace_back();
        for (std::size_t stratum = task * kTwins; stratum < strata.size(); ++stratum) {
          const bool base = rng.Uniform() < before, run = rng.Uniform() < after;
          strata[stratum].counts.Add(base, run);
          if (base != run) clusters.back().changes.push_back({stratum, run ? 1 : -1});
        }
      }
    }
    const auto worse = [](const GateTest& test) {
      return std::min({test.all, test.weighted, test.tasks[0], test.tasks[1], test.tasks[2]}) <= kAlpha;
    };
    flagged += worse(TestForWorse(strata, clusters, 3, kTosses));
    flagged_as_pairs += worse(TestPairs(strata, 3, kTosses));
  }
  RecordProperty("as_clusters", std::to_string(static_cast<double>(flagged) / kDraws));
  RecordProperty("as_pairs", std::to_string(static_cast<double>(flagged_as_pairs) / kDraws));
  EXPECT_LE(flagged, (0.05 + 3 * std::sqrt(0.05 * 0.95 / kDraws)) * kDraws);
  EXPECT_GE(flagged, 0.03 * kDraws);
  EXPECT_GE(flagged_as_pairs, 0.3 * kDraws);
}

// 15 points fewer over all, in several ways; each of 3 tasks has a third of the episodes.
TEST(GateErrors, FifteenPointsAreCaughtInNinetyOfAHundred) {
  const double share = 0.15 / (69 / 96.0);  // of the successes
  struct Way {
    const char* name;
    Change change;
    double least, least_alike;
  };
  const auto one_task = [](std::size_t broken) -> Change {
    return [broken](std::size_t task, double chance, Rng&) {
      // 45 points of that task; the first has only 40.6, and loses them all but one in a hundred.
      return task == broken ? chance * (1.0 - std::min(0.99, 0.45 / kShipped[task])) : chance;
    };
  };
  const Way ways[] = {
      // The hardest to see: every task loses 15 points. With all episodes of a task alike 90 of 100 is out of reach: the
      // plain one-sided test of 96 pairs, which needs no adjustment, has a power of 77 % (PairedPower).
      {"uniform", [](std::size_t task, double chance, Rng&) { return chance * (1.0 - 0.15 / kShipped[task]); }, 0.90,
       0.87},
      {"in proportion", [&](std::size_t, double chance, Rng&) { return chance * (1.0 - share); }, 0.90, 0.90},
      {"episodes that break",
       [&](std::size_t, double chance, Rng& rng) { return rng.Uniform() < share ? 0.0 : chance; }, 0.90, 0.90},
      {"first task only", one_task(0), 0.90, 0.90},
      {"second task only", one_task(1), 0.90, 0.90},
      {"third task only", one_task(2), 0.90, 0.90},
  };
  for (const Way& way : ways) {
    for (const double spread : {kAlike, 5.0, 2.0}) {
      const double caught = Flagged(kShipped, spread, way.change);
      RecordProperty(std::string(way.name) + "_" + std::to_string(spread), std::to_string(caught));
      EXPECT_GE(caught, spread == kAlike ? way.least_alike : way.least) << way.name << " " << spread;
    }
  }
  const Change broken = [&](std::size_t, double chance, Rng&) { return chance * (1.0 - share); };
  EXPECT_GE(Flagged(kShipped, kAlike, broken, /*same_noise=*/true), 0.99);
}

}  // namespace
}  // namespace divla
