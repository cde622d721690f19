// Statistics against closed forms. That LeRobot's own package finds the same numbers: tests/acceptance/lerobot.sh.
#include "harness/lerobot/feature_statistics.h"

#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

namespace divla {
namespace {

// 0, 1, ..., n - 1 beside a constant.
FeatureStatistics OfRamp(int n) {
  std::vector<double> values;
  for (int i = 0; i < n; ++i) {
    values.push_back(i);
    values.push_back(-2.5);
  }
  return StatisticsOf(values, 2);
}

TEST(FeatureStatistics, OfARampAreItsClosedForms) {
  const int n = 1001;
  const FeatureStatistics ramp = OfRamp(n);
  EXPECT_EQ(ramp.count, n);
  EXPECT_EQ(ramp.min, (std::vector<double>{0, -2.5}));
  EXPECT_EQ(ramp.max, (std::vector<double>{1000, -2.5}));
  EXPECT_DOUBLE_EQ(ramp.mean[0], 500);
  EXPECT_NEAR(ramp.std[0], std::sqrt((static_cast<double>(n) * n - 1) / 12), 1e-9);  // of 0 .. n-1
  EXPECT_EQ(ramp.std[1], 0);
  for (std::size_t q = 0; q < kStatisticQuantiles.size(); ++q) {
    // Right to the distance of two values and the width of a bin.
    EXPECT_NEAR(ramp.quantiles[q][0], kStatisticQuantiles[q] * 1000, 1.0 + 1000.0 / 5000) << q;
    EXPECT_NEAR(ramp.quantiles[q][1], -2.5, 1e-9) << q;
  }
}

TEST(FeatureStatistics, OneFrameIsItsOwnQuantiles) {
  const FeatureStatistics one = StatisticsOf(std::vector<double>{3, 4}, 2);
  EXPECT_EQ(one.count, 1);
  EXPECT_EQ(one.std, (std::vector<double>{0, 0}));
  for (const auto& quantile : one.quantiles) EXPECT_EQ(quantile, (std::vector<double>{3, 4}));
}

// The numbers that LeRobot's comment gives, and a short episode, of which every frame is looked at.
TEST(FeatureStatistics, FramesOfAnEpisodeAreSampled) {
  EXPECT_EQ(SampledFrames(1), (std::vector<int>{0}));
  EXPECT_EQ(SampledFrames(3), (std::vector<int>{0, 1, 2}));
  for (const auto& [length, count] : std::vector<std::pair<int, std::size_t>>{
           {100, 100}, {400, 100}, {1000, 177}, {2000, 299}, {5000, 594}, {10'000, 1000}, {20'000, 1681}}) {
    const std::vector<int> frames = SampledFrames(length);
    EXPECT_EQ(frames.size(), count);
    EXPECT_EQ(frames.front(), 0);
    EXPECT_EQ(frames.back(), length - 1);
    for (std::size_t i = 1; i < frames.size(); ++i) EXPECT_LT(frames[i - 1], frames[i]);
  }
  const std::vector<int> spread = SampledFrames(199);  // 99 steps of 2
  for (std::size_t i = 0; i < spread.size(); ++i) EXPECT_EQ(spread[i], 2 * static_cast<int>(i));
}

TEST(FeatureStatistics, PicturesAreCountedByPixelInZeroToOne) {
  Image half{2, 2, {255, 0, 51, 255, 0, 51, 0, 0, 51, 0, 0, 51}};
  PictureStatistics pictures;
  pictures.Add(half);
  pictures.Add(half);
  const FeatureStatistics result = pictures.Result();
  EXPECT_EQ(result.count, 2);
  EXPECT_EQ(result.min, (std::vector<double>{0, 0, 0.2}));
  EXPECT_EQ(result.max, (std::vector<double>{1, 0, 0.2}));
  EXPECT_DOUBLE_EQ(result.mean[0], 0.5);
  EXPECT_DOUBLE_EQ(result.std[0], 0.5);
  EXPECT_NEAR(result.quantiles[1][0], 0, 1e-3);
  EXPECT_NEAR(result.quantiles[3][0], 1, 1e-3);
  EXPECT_EQ(ToJson(result, true)["mean"], nlohmann::json::parse("[[[0.5]], [[0.0]], [[0.2]]]"));
}

// Of a large picture only every second row and column counts: the other pixels may be anything.
TEST(FeatureStatistics, LargePicturesAreThinned) {
  Image large{300, 300, {}};
  large.rgb.assign(large.ByteCount(), 200);
  for (std::size_t y = 0; y < 300; ++y) {
    for (std::size_t x = 0; x < 300; ++x) {
      if (y % 2 == 0 && x % 2 == 0)
        std::fill_n(large.rgb.begin() + static_cast<std::ptrdiff_t>(3 * (300 * y + x)), 3, 51);
    }
  }
  PictureStatistics pictures;
  pictures.Add(large);
  EXPECT_EQ(pictures.Result().max, (std::vector<double>{0.2, 0.2, 0.2}));
}

// Pooled minimum, maximum, mean and deviation are those of all frames together; quantiles are the weighted mean.
TEST(FeatureStatistics, EpisodesArePooled) {
  std::vector<double> all;
  FeatureStatistics pooled;
  double weighted = 0;
  for (const int length : {3, 50, 7}) {
    std::vector<double> values;
    for (int i = 0; i < length; ++i) values.push_back(std::sin(1.7 * i + length) * length);
    const FeatureStatistics own = StatisticsOf(values, 1);
    weighted += own.quantiles[2][0] * length / 60;
    AddTo(pooled, own);
    all.insert(all.end(), values.begin(), values.end());
  }
  const FeatureStatistics together = StatisticsOf(all, 1);
  EXPECT_EQ(pooled.count, 60);
  EXPECT_EQ(pooled.min, together.min);
  EXPECT_EQ(pooled.max, together.max);
  EXPECT_NEAR(pooled.mean[0], together.mean[0], 1e-12);
  EXPECT_NEAR(pooled.std[0], together.std[0], 1e-12);
  EXPECT_NEAR(pooled.quantiles[2][0], weighted, 1e-12);
}

}  // namespace
}  // namespace divla
