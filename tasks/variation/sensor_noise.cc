#include <algorithm>
#include <cmath>
#include <cstddef>

#include "sim/action.h"
#include "tasks/variation/apply.h"

namespace divla {
namespace {

// Deviation of the sum of four uniform bytes: sqrt(4 (256^2 - 1) / 12).
const double kSumDeviation = std::sqrt(4.0 * (256.0 * 256.0 - 1.0) / 12.0);
constexpr int kSumMean = 510;

void AddToImage(Rng rng, double deviation, Image& image) {
  const double scale = deviation / kSumDeviation;
  for (std::uint8_t& pixel : image.rgb) {
    const std::uint32_t bits = rng.NextU32();
    const int sum = static_cast<int>((bits & 255U) + ((bits >> 8U) & 255U) + ((bits >> 16U) & 255U) + (bits >> 24U));
    const double value = std::floor(pixel + scale * (sum - kSumMean) + 0.5);
    pixel = static_cast<std::uint8_t>(std::clamp(value, 0.0, 255.0));
  }
}

}  // namespace

void AddSensorNoise(const EpisodePlan& plan, int step, Observation& observation) {
  const SensorNoise& noise = plan.variation.noise;
  if (noise == SensorNoise{}) return;
  const auto stream = [&](const std::string& name) {
    return Rng({plan.seed, plan.key.task, plan.key.axis, 0, plan.key.index, name, static_cast<std::uint64_t>(step)});
  };
  if (noise.pixel > 0) {
    for (auto& [camera, image] : observation.images) AddToImage(stream("noise-" + camera), noise.pixel, image);
  }
  Rng joints = stream("noise-joints");
  for (float& joint : observation.state) joint += static_cast<float>(noise.joint * joints.Normal());
  Rng tool = stream("noise-tool");
  for (std::size_t first = 0; first < observation.tool.size(); first += kToolPoseSize) {
    for (std::size_t i = 0; i < 3; ++i) observation.tool[first + i] += static_cast<float>(noise.tool * tool.Normal());
  }
}

}  // namespace divla
