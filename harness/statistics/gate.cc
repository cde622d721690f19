#include "harness/statistics/gate.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>

#include "harness/compare/paired_statistics.h"
#include "sim/check.h"
#include "sim/rng.h"

namespace divla {
namespace {

constexpr double kDrop = 0.15;     // that the weights are tuned to
constexpr double kExtreme = 0.02;  // rates nearer to 0 or 1 weigh no more: so many episodes cannot tell them apart
constexpr double kTies = 1e-9;     // sums of weights whose rounding differs are equal

int Changed(const PairedCounts& counts) { return counts.lost + counts.won; }

// Heads among `coins` fair coins.
int Toss(Rng& rng, int coins) {
  int heads = 0;
  for (; coins >= 64; coins -= 64) heads += std::popcount(rng.NextU64());
  if (coins > 0) heads += std::popcount(rng.NextU64() >> (64 - coins));
  return heads;
}

// McNemarWorse for every number of wins among `changed` pairs.
std::vector<double> Table(int changed) {
  std::vector<double> table;
  for (int won = 0; won <= changed; ++won) table.push_back(McNemarWorse({0, changed - won, won, 0}));
  return table;
}

// All looks, for the pairs as they are and for each toss.
class Looks {
 public:
  Looks(std::span<const GateStratum> strata, std::size_t tasks) : strata_(strata) {
    std::vector<int> changed(tasks + 1);
    for (const GateStratum& stratum : strata) {
      DIVLA_CHECK(stratum.task < tasks, "a stratum belongs to a task");
      changed[stratum.task] += Changed(stratum.counts);
      changed[tasks] += Changed(stratum.counts);
      weights_.push_back(GateWeight(stratum.counts));
    }
    for (const int count : changed) tables_.push_back(Table(count));
    won_.resize(tasks + 1);
  }

  // One more outcome. `wins(i)`: of stratum i, wins among its changed pairs. Entries of p: the tasks, then all.
  template <class Wins>
  void Add(const Wins& wins) {
    std::fill(won_.begin(), won_.end(), 0);
    double score = 0.0;
    for (std::size_t i = 0; i < strata_.size(); ++i) {
      const int won = wins(i);
      won_[strata_[i].task] += won;
      won_.back() += won;
      score += weights_[i] * (Changed(strata_[i].counts) - 2 * won);
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
  std::span<const GateStratum> strata_;
  std::vector<double> weights_;
  std::vector<std::vector<double>> tables_;
  std::vector<int> won_;
  std::vector<double> scores_, smallest_;
};

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

GateTest TestForWorse(std::span<const GateStratum> strata, std::size_t tasks, int tosses) {
  DIVLA_CHECK(tosses >= 1, "at least one toss");
  Looks looks(strata, tasks);
  looks.Add([&](std::size_t i) { return strata[i].counts.won; });
  std::vector<double> seen;
  for (std::size_t look = 0; look <= tasks; ++look) seen.push_back(looks.P(look));
  Rng rng({.seed = 1, .stream = "gate"});
  for (int toss = 0; toss < tosses; ++toss) {
    looks.Add([&](std::size_t i) { return Toss(rng, Changed(strata[i].counts)); });
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

}  // namespace divla
