#include "harness/compare/paired_clusters.h"

#include <algorithm>
#include <boost/math/distributions/normal.hpp>
#include <boost/math/distributions/students_t.hpp>
#include <cmath>
#include <numeric>

#include "sim/check.h"

namespace divla {

void PairedClusters::Add(const EpisodeKey& key, bool base, bool run) {
  clusters_[SceneOf(key)].Add(base, run);
  counts_.Add(base, run);
}

double PairedClusters::EffectivePairs(double confidence) const {
  const double pairs = counts_.Pairs(), clusters = Clusters();
  if (!HasTwins()) return pairs;
  const double difference = counts_.Difference();
  double squares = 0.0;
  for (const auto& [scene, counts] : clusters_) {
    squares += std::pow(counts.won - counts.lost - difference * counts.Pairs(), 2);
  }
  if (clusters < 2.0 || squares == 0.0) return clusters;
  const double between = clusters / (clusters - 1.0) * squares / (pairs * pairs);  // of the ratio estimator
  const double one = (counts_.won + counts_.lost) / pairs - difference * difference;
  const double tail = 0.5 + confidence / 2;
  const double z = boost::math::quantile(boost::math::normal(), tail);
  const double t = boost::math::quantile(boost::math::students_t(clusters - 1.0), tail);
  return std::clamp(one / between * std::pow(z / t, 2), 1.0, pairs);
}

Interval PairedClusters::DifferenceInterval(double confidence) const {
  if (!HasTwins()) return PairedDifferenceInterval(counts_, confidence);
  return PairedDifferenceOfShares(counts_, EffectivePairs(confidence), confidence);
}

PairedClusters::Flips PairedClusters::ChangedClusters() const {
  Flips flips;
  for (const auto& [scene, counts] : clusters_) {
    const int sum = counts.won - counts.lost;
    if (sum == 0) continue;
    flips.sizes.push_back(std::abs(sum));
    flips.won += std::max(0, sum);
  }
  return flips;
}

double PairedClusters::Exact() const {
  if (!HasTwins()) return McNemarExact(counts_);
  const Flips flips = ChangedClusters();
  const std::vector<double> sums = TossedSums(flips.sizes);
  // The distribution is symmetric, so the tail on the other side is as long.
  const auto other = sums.size() - 1 - static_cast<std::size_t>(flips.won);
  return std::min(1.0, 2.0 * sums[std::min(static_cast<std::size_t>(flips.won), other)]);
}

double PairedClusters::MidP() const {
  if (!HasTwins()) return McNemarMidP(counts_);
  const Flips flips = ChangedClusters();
  const std::vector<double> sums = TossedSums(flips.sizes);
  const auto won = static_cast<std::size_t>(flips.won), other = sums.size() - 1 - won;
  if (won == other) return 1.0;
  const std::size_t fewer = std::min(won, other);
  const double below = fewer == 0 ? 0.0 : sums[fewer - 1];
  return std::min(1.0, sums[fewer] + below);  // twice the tail, less what was seen once
}

std::vector<double> TossedSums(std::span<const int> sizes) {
  std::vector<double> chances{1.0};  // of each sum, of the coins so far
  for (const int size : sizes) {
    DIVLA_CHECK(size >= 1, "the size of a coin");
    const std::size_t before = chances.size(), step = static_cast<std::size_t>(size);
    chances.resize(before + step);
    for (std::size_t sum = chances.size(); sum-- > 0;) {
      const double tails = sum < before ? chances[sum] : 0.0, heads = sum < step ? 0.0 : chances[sum - step];
      chances[sum] = 0.5 * tails + 0.5 * heads;
    }
  }
  std::partial_sum(chances.begin(), chances.end(), chances.begin());
  return chances;
}

}  // namespace divla
