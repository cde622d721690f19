#include "harness/lerobot/feature_statistics.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "sim/check.h"

namespace divla {
namespace {

constexpr int kBins = 5000;
constexpr double kPadding = 1e-10;  // of the histogram beyond minimum and maximum
constexpr int kLeastSample = 100, kMostSample = 10'000;
constexpr int kLargePicture = 300, kPictureTarget = 150;  // pixels

// How often each value occurs; values ascending.
struct Occurrence {
  double value{};
  std::int64_t times{};
};

void AddElement(std::span<const Occurrence> values, std::int64_t total, FeatureStatistics& out) {
  const double low = values.front().value, high = values.back().value;
  double sum = 0;
  for (const Occurrence& each : values) sum += each.value * static_cast<double>(each.times);
  const double mean = sum / static_cast<double>(total);
  double squares = 0;
  for (const Occurrence& each : values) {
    squares += (each.value - mean) * (each.value - mean) * static_cast<double>(each.times);
  }
  out.min.push_back(low);
  out.max.push_back(high);
  out.mean.push_back(mean);
  out.std.push_back(std::sqrt(squares / static_cast<double>(total)));

  if (total < 2) {  // no histogram of one value
    for (auto& quantile : out.quantiles) quantile.push_back(mean);
    return;
  }
  const double first = low - kPadding, width = (high + kPadding - first) / kBins;
  std::vector<std::int64_t> bins(kBins, 0);
  for (const Occurrence& each : values) {
    const double bin = width > 0 ? std::floor((each.value - first) / width) : 0.0;
    bins[static_cast<std::size_t>(std::clamp(bin, 0.0, kBins - 1.0))] += each.times;
  }
  for (std::size_t q = 0; q < kStatisticQuantiles.size(); ++q) {
    const double target = kStatisticQuantiles[q] * static_cast<double>(total);
    std::int64_t before = 0;
    std::size_t bin = 0;
    while (bin + 1 < bins.size() && static_cast<double>(before + bins[bin]) < target) before += bins[bin++];
    // In the first bin the lower edge, without a line through it.
    const double share =
        bin == 0 ? 0.0
                 : (target - static_cast<double>(before)) / static_cast<double>(std::max<std::int64_t>(1, bins[bin]));
    out.quantiles[q].push_back(first + width * (static_cast<double>(bin) + share));
  }
}

}  // namespace

FeatureStatistics StatisticsOf(std::span<const double> values, int dim) {
  DIVLA_CHECK(dim > 0 && !values.empty() && values.size() % static_cast<std::size_t>(dim) == 0, "whole rows");
  FeatureStatistics result;
  const std::size_t rows = values.size() / static_cast<std::size_t>(dim);
  result.count = static_cast<std::int64_t>(rows);
  std::vector<Occurrence> column(rows);
  for (std::size_t element = 0; element < static_cast<std::size_t>(dim); ++element) {
    for (std::size_t row = 0; row < rows; ++row) {
      const double value = values[row * static_cast<std::size_t>(dim) + element];
      DIVLA_CHECK(std::isfinite(value), "statistics of finite numbers");
      column[row] = {value, 1};
    }
    std::sort(column.begin(), column.end(), [](const auto& a, const auto& b) { return a.value < b.value; });
    AddElement(column, result.count, result);
  }
  return result;
}

std::vector<int> SampledFrames(int length) {
  DIVLA_CHECK(length > 0, "an episode with frames");
  // length ^ 0.75, between the bounds, and never more than there are. Square roots are exact where the power is whole.
  const auto power = static_cast<int>(std::sqrt(length * std::sqrt(static_cast<double>(length))));
  const int count = std::max(std::min(kLeastSample, length), std::min(power, kMostSample));
  std::vector<int> frames;
  for (int i = 0; i < count; ++i) {
    const double place = count == 1 ? 0.0 : i * (static_cast<double>(length - 1) / (count - 1));
    frames.push_back(std::min(length - 1, static_cast<int>(std::nearbyint(place))));
  }
  return frames;
}

void PictureStatistics::Add(const Image& picture) {
  DIVLA_CHECK(picture.rgb.size() == picture.ByteCount() && !picture.rgb.empty(), "a whole picture");
  int step = 1;
  if (std::max(picture.width, picture.height) >= kLargePicture) {
    step = std::max(1, (picture.width > picture.height ? picture.width : picture.height) / kPictureTarget);
  }
  for (int y = 0; y < picture.height; y += step) {
    const std::uint8_t* row =
        picture.rgb.data() + static_cast<std::size_t>(y) * static_cast<std::size_t>(picture.width) * 3;
    for (int x = 0; x < picture.width; x += step) {
      for (std::size_t colour = 0; colour < 3; ++colour) ++levels_[colour][row[3 * x + static_cast<int>(colour)]];
    }
  }
  ++pictures_;
}

FeatureStatistics PictureStatistics::Result() const {
  DIVLA_CHECK(pictures_ > 0, "at least one picture");
  FeatureStatistics result;
  for (const auto& levels : levels_) {
    std::vector<Occurrence> values;
    std::int64_t total = 0;
    for (std::size_t level = 0; level < levels.size(); ++level) {
      if (levels[level] > 0) values.push_back({static_cast<double>(level), levels[level]});
      total += levels[level];
    }
    AddElement(values, total, result);
  }
  const auto to_share = [](std::vector<double>& numbers) {
    for (double& number : numbers) number /= 255.0;
  };
  for (auto* numbers : {&result.min, &result.max, &result.mean, &result.std}) to_share(*numbers);
  for (auto& numbers : result.quantiles) to_share(numbers);
  result.count = pictures_;
  return result;
}

void AddTo(FeatureStatistics& all, const FeatureStatistics& episode) {
  if (all.count == 0) {
    all = episode;
    return;
  }
  DIVLA_CHECK(all.mean.size() == episode.mean.size(), "statistics of one feature");
  const auto before = static_cast<double>(all.count), more = static_cast<double>(episode.count), sum = before + more;
  for (std::size_t i = 0; i < all.mean.size(); ++i) {
    all.min[i] = std::min(all.min[i], episode.min[i]);
    all.max[i] = std::max(all.max[i], episode.max[i]);
    // Chan, Golub and LeVeque 1979: two variances about their own means.
    const double apart = episode.mean[i] - all.mean[i];
    const double variance = (before * all.std[i] * all.std[i] + more * episode.std[i] * episode.std[i] +
                             apart * apart * before * more / sum) /
                            sum;
    all.mean[i] += apart * more / sum;
    all.std[i] = std::sqrt(variance);
    for (std::size_t q = 0; q < all.quantiles.size(); ++q) {
      all.quantiles[q][i] = (all.quantiles[q][i] * before + episode.quantiles[q][i] * more) / sum;
    }
  }
  all.count += episode.count;
}

std::string QuantileName(std::size_t index) {
  return fmt::format("q{:02d}", static_cast<int>(std::lround(kStatisticQuantiles.at(index) * 100)));
}

nlohmann::json ToJson(const FeatureStatistics& statistics, bool picture) {
  const auto shaped = [picture](const std::vector<double>& numbers) {
    nlohmann::json value = nlohmann::json::array();
    for (const double number : numbers) {
      if (picture) {
        value.push_back(nlohmann::json::array({nlohmann::json::array({number})}));
      } else {
        value.push_back(number);
      }
    }
    return value;
  };
  nlohmann::json value{{"min", shaped(statistics.min)},
                       {"max", shaped(statistics.max)},
                       {"mean", shaped(statistics.mean)},
                       {"std", shaped(statistics.std)},
                       {"count", {statistics.count}}};
  for (std::size_t q = 0; q < statistics.quantiles.size(); ++q) {
    value[QuantileName(q)] = shaped(statistics.quantiles[q]);
  }
  return value;
}

}  // namespace divla
