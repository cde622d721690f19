#include "harness/statistics/gate.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <map>
#include <tuple>

#include "harness/compare/paired_clusters.h"
#include "sim/check.h"
#include "sim/rng.h"

namespace divla {
namespace {

constexpr double kDrop = 0.15;     // that the weights are tuned to
constexpr double kExtreme = 0.02;  // rates nearer to 0 or 1 weigh no more: so many episodes cannot tell them apart
constexpr double kTies = 1e-9;     // sums of weights whose rounding differs are equal

// Heads among `coins` fair coins.
int Toss(Rng& rng, int coins) {
  int heads = 0;
  for (; coins >= 64; coins -= 64) heads += std::popcount(rng.NextU64());
  if (coins > 0) heads += std::popcount(rng.NextU64() >> (64 - coins));
  return heads;
}

// Coins that are alike: each that shows heads adds `wins` to what its task won, and takes `weight` from the weighted
// look's score, to which tails add as much.
struct Coins {
  std::size_t task{};
  int wins{};  // 0 or above
  double weight{};
  int count{};
  int heads{};  // as the pairs fell out
};

// Alike clusters together, in the order in which they first appear.
std::vector<Coins> CoinsOfClusters(std::span<const GateStratum> strata, std::span<const GateCluster> clusters) {
  std::vector<Coins> coins;
  std::map<std::tuple<std::size_t, int, double>, std::size_t> places;
  for (const GateCluster& cluster : clusters) {
    if (cluster.changes.empty()) continue;
    Coins coin{.task = strata[cluster.changes.front().first].task, .wins = 0, .weight = 0.0, .count = 1, .heads = 1};
    for (const auto& [stratum, change] : cluster.changes) {
      DIVLA_CHECK(strata[stratum].task == coin.task, "a cluster belongs to a task");
      coin.wins += change;
      coin.weight += GateWeight(strata[stratum].counts) * change;
    }
    if (coin.wins < 0 || (coin.wins == 0 && coin.weight < 0.0)) {
      coin.wins = -coin.wins;
      coin.weight = -coin.weight;
      coin.heads = 0;
    }
    if (coin.wins == 0 && coin.weight == 0.0) continue;  // both sides of it are the same
    const auto [place, is_new] = places.try_emplace({coin.task, coin.wins, coin.weight}, coins.size());
    if (is_new) {
      coins.push_back(coin);
    } else {
      ++coins[place->second].count;
      coins[place->second].heads += coin.heads;
    }
  }
  return coins;
}

// The chance of at most so many wins, for every number of them. `sizes`: of all coins that are tossed, none of them 0.
std::vector<double> Table(const std::vector<int>& sizes) {
  if (std::any_of(sizes.begin(), sizes.end(), [](int size) { return size != 1; })) return TossedSums(sizes);
  const int changed = static_cast<int>(sizes.size());
  std::vector<double> table;
  for (int won = 0; won <= changed; ++won) table.push_back(McNemarWorse({0, changed - won, won, 0}));
  return table;
}

// All looks, for the pairs as they are and for each toss.
class Looks {
 public:
  Looks(std::span<const Coins> coins, std::size_t tasks) : coins_(coins) {
    std::vector<std::vector<int>> sizes(tasks + 1);
    for (const Coins& coin : coins) {
      DIVLA_CHECK(coin.task < tasks, "a stratum belongs to a task");
      if (coin.wins == 0) continue;
      for (const std::size_t look : {coin.task, tasks}) {
        sizes[look].insert(sizes[look].end(), static_cast<std::size_t>(coin.count), coin.wins);
      }
    }
    for (const std::vector<int>& of_look : sizes) tables_.push_back(Table(of_look));
    won_.resize(tasks + 1);
  }

  // One more outcome. `heads(coin)`: how many of these coins show heads. Looks of p: the tasks, then all.
  template <class Heads>
  void Add(const Heads& heads) {
    std::fill(won_.begin(), won_.end(), 0);
    double score = 0.0;
    for (const Coins& coin : coins_) {
      const int shown = heads(coin), won = coin.wins * shown;
      won_[coin.task] += won;
      won_.back() += won;
      score += coin.weight * (coin.count - 2 * shown);
    }
    scores_.push_back(score);
    double smallest = 1.0;
    for (std::size_t look = 0; look < tables_.size(); ++look) smallest = std::min(smallest, P(look));
    smallest_.push_back(smallest);
  }
  // Of the outcome added last.
  double P(std::size_t look) const { return tables_[look][static_cast<std::size_t>(won_[look])]; }

  // The weighted look of every outcome: its rank among all.
  std::vector<double> WeightedP() const {
    std::vector<double> sorted = scores_;
    std::sort(sorted.begin(), sorted.end());
    std::vector<double> p;
    for (const double score : scores_) {
      const auto below = std::lower_bound(sorted.begin(), sorted.end(), score - kTies) - sorted.begin();
      p.push_back(static_cast<double>(std::ssize(sorted) - below) / static_cast<double>(sorted.size()));
    }
    return p;
  }
  const std::vector<double>& Smallest() const { return smallest_; }  // of the looks with a table

 private:
  std::span<const Coins> coins_;
  std::vector<std::vector<double>> tables_;
  std::vector<int> won_;
  std::vector<double> scores_, smallest_;
};

GateTest Test(std::span<const Coins> coins, std::size_t tasks, int tosses) {
  DIVLA_CHECK(tosses >= 1, "at least one toss");
  Looks looks(coins, tasks);
  looks.Add([](const Coins& coin) { return coin.heads; });
  std::vector<double> seen;
  for (std::size_t look = 0; look <= tasks; ++look) seen.push_back(looks.P(look));
  Rng rng({.seed = 1, .stream = "gate"});
  for (int toss = 0; toss < tosses; ++toss) {
    looks.Add([&](const Coins& coin) { return Toss(rng, coin.count); });
  }
  const std::vector<double> weighted = looks.WeightedP();
  std::vector<double> smallest = looks.Smallest();
  for (std::size_t i = 0; i < smallest.size(); ++i) smallest[i] = std::min(smallest[i], weighted[i]);
  std::sort(smallest.begin(), smallest.end());
  const auto adjusted = [&](double p) {
    const auto striking = std::upper_bound(smallest.begin(), smallest.end(), p * (1.0 + kTies)) - smallest.begin();
    return static_cast<double>(striking) / static_cast<double>(smallest.size());
  };
  GateTest test{.all = adjusted(seen[tasks]), .weighted = adjusted(weighted[0]), .tasks = {}};
  for (std::size_t task = 0; task < tasks; ++task) test.tasks.push_back(adjusted(seen[task]));
  return test;
}

double Logit(double rate) { return std::log(rate / (1.0 - rate)); }

}  // namespace

double GateWeight(const PairedCounts& counts) {
  if (counts.Pairs() == 0) return 0.0;
  const double rate = (counts.Base() + counts.Run()) / (2.0 * counts.Pairs());
  const auto inside = [](double value) { return std::clamp(value, kExtreme, 1.0 - kExtreme); };
  return Logit(inside(rate + kDrop / 2)) - Logit(inside(rate - kDrop / 2));
}

int GateTosses(double alpha) {
  DIVLA_CHECK(alpha >= 1e-6 && alpha < 1.0, "alpha in [1e-6, 1)");
  // The share of n tosses has the deviation sqrt(alpha / n): with n = 50 / alpha, alpha / 7.
  return std::max(9'999, static_cast<int>(std::ceil(50.0 / alpha)));
}

GateTest TestForWorse(std::span<const GateStratum> strata, std::span<const GateCluster> clusters, std::size_t tasks,
                      int tosses) {
  return Test(CoinsOfClusters(strata, clusters), tasks, tosses);
}

}  // namespace divla
