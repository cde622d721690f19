// meta/stats.json: minimum, maximum, mean, standard deviation and quantiles of each feature, as LeRobot defines them
// (huggingface/lerobot, src/lerobot/datasets/compute_stats.py), worked out from the definition:
//   - of an episode: over its frames; quantiles by a histogram of 5000 bins between minimum and maximum, within a bin by
//     straight line, so a quantile is right to a bin's width;
//   - of pictures: over all pixels of a sample of the episode's frames (SampledFrames), each 150 to 300 pixels wide
//     (every N-th pixel of larger ones), in [0, 1], one number for each colour; `count` counts pictures;
//   - of the dataset: minima, maxima, pooled mean and variance, and the mean of the episodes' quantiles weighted by their
//     counts, which is not the quantile of all frames.
#pragma once

#include <array>
#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <span>
#include <string>
#include <vector>

#include "sim/image.h"

namespace divla {

inline constexpr std::array<double, 5> kStatisticQuantiles{0.01, 0.10, 0.50, 0.90, 0.99};

struct FeatureStatistics {
  std::int64_t count{};
  std::vector<double> min, max, mean, std;         // one number for each element
  std::array<std::vector<double>, 5> quantiles{};  // of kStatisticQuantiles
  bool operator==(const FeatureStatistics&) const = default;
};

// Of (frames x dim) finite numbers, row-major; at least one frame.
FeatureStatistics StatisticsOf(std::span<const double> values, int dim);

// Which frames of an episode of this length (at least 1) are looked at for the statistics of its pictures; ascending.
std::vector<int> SampledFrames(int length);

class PictureStatistics {
 public:
  void Add(const Image& picture);
  FeatureStatistics Result() const;  // at least one picture

 private:
  std::array<std::array<std::int64_t, 256>, 3> levels_{};  // colour -> level -> pixels
  std::int64_t pictures_{};
};

// Adds an episode's statistics to those of the episodes before.
void AddTo(FeatureStatistics& all, const FeatureStatistics& episode);

// {"min": [..], "max", "mean", "std", "count": [n], "q01", "q10", "q50", "q90", "q99"}; of a picture each number is
// [[x]], the shape (3, 1, 1) that divides a picture's channels.
nlohmann::json ToJson(const FeatureStatistics& statistics, bool picture);

// "q01".
std::string QuantileName(std::size_t index);

}  // namespace divla
