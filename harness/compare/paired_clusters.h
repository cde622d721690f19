// Pairs that are not independent: an episode and its perturbed twins share scene and starting state, and a policy that
// gets better or worse at one of them does so at all. Who counts 4,320 such pairs of 120 scenes as 4,320 trials reports
// intervals that are too narrow and differences that are not there. Here the scene is the unit.
//
// Where no episode has a twin every number is that of harness/compare/paired_statistics.h, bit for bit. No shared state,
// thread-safe.
#pragma once

#include <map>
#include <span>
#include <vector>

#include "harness/compare/paired_statistics.h"
#include "harness/records/scene_key.h"

namespace divla {

class PairedClusters {
 public:
  void Add(const EpisodeKey& key, bool base, bool run);

  const PairedCounts& Counts() const { return counts_; }  // of all pairs
  int Clusters() const { return static_cast<int>(clusters_.size()); }
  bool HasTwins() const { return Clusters() < counts_.Pairs(); }

  // How many independent pairs say as much about Difference() as these: the pairs divided by the design effect, the
  // variance between clusters over that of as many independent pairs (Kish 1965), and that times (z / t)^2 with
  // Clusters() - 1 degrees of freedom, because few clusters know their own variance badly (Korn & Graubard 1998, Survey
  // Methodology 24). 1 to Counts().Pairs(); as many as there are clusters where the variance says nothing (one cluster, or
  // all changed alike). 0 without pairs.
  double EffectivePairs(double confidence = kConfidence) const;
  // Newcombe's interval of Difference() for so many pairs.
  Interval DifferenceInterval(double confidence = kConfidence) const;

  // Two-sided p that no scene changed: the coin is tossed for whole clusters, all pairs of which it turns over together
  // (randomisation by cluster: Gail, Mark, Carroll, Green & Pee 1996, Statistics in Medicine 15, 1069-1092). Exact, by
  // the distribution of the sum; McNemar's exact test when each cluster is one pair. `MidP`: what was seen counts half.
  double Exact() const;
  double MidP() const;

 private:
  // The sums of won - lost that are not 0, without their signs, and of these the sum that was won.
  struct Flips {
    std::vector<int> sizes;
    int won{};
  };
  Flips ChangedClusters() const;

  std::map<SceneKey, PairedCounts> clusters_;
  PairedCounts counts_;
};

// Coins of these sizes, each 1 or above, are tossed, and those that show heads are summed up: the chance of a sum of at
// most x, for every x from 0 to the sum of all.
std::vector<double> TossedSums(std::span<const int> sizes);

}  // namespace divla
