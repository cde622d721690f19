#include "policy/divla/head/ddim.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace divla {

DdimSchedule MakeDdimSchedule(const PolicyHeadConfig& config) {
  const int steps = config.num_train_timesteps;
  const auto bar = [](double t) {
    const double c = std::cos((t + 0.008) / 1.008 * std::numbers::pi / 2);
    return c * c;
  };
  DdimSchedule schedule;
  float product = 1.0F;
  for (int i = 0; i < steps; ++i) {
    const double beta =
        std::min(1.0 - bar(static_cast<double>(i + 1) / steps) / bar(static_cast<double>(i) / steps), 0.999);
    product *= 1.0F - static_cast<float>(beta);
    schedule.alphas_cumprod.push_back(product);
  }
  const int ratio = steps / config.num_inference_timesteps;
  for (int i = config.num_inference_timesteps - 1; i >= 0; --i) schedule.timesteps.push_back(i * ratio);
  return schedule;
}

at::Tensor AddNoise(const DdimSchedule& schedule, const at::Tensor& sample, const at::Tensor& noise,
                    const at::Tensor& timesteps) {
  const at::Tensor table = at::tensor(schedule.alphas_cumprod, at::kFloat);
  const at::Tensor a = table.index_select(0, timesteps).view({-1, 1, 1});
  return a.sqrt() * sample + (1.0 - a).sqrt() * noise;
}

at::Tensor DdimSample(const PolicyHeadConfig& config, const DdimSchedule& schedule, const at::Tensor& noise,
                      const std::function<at::Tensor(const at::Tensor&, int)>& predict,
                      const std::function<void(int, const at::Tensor&)>& watch) {
  at::Tensor x = noise;
  int step = 0;
  const int ratio = config.num_train_timesteps / config.num_inference_timesteps;
  for (int t : schedule.timesteps) {
    const double a = schedule.alphas_cumprod[static_cast<std::size_t>(t)];
    const double a_next = t - ratio >= 0 ? schedule.alphas_cumprod[static_cast<std::size_t>(t - ratio)] : 1.0;
    const at::Tensor out = predict(x, t);
    at::Tensor sample, epsilon;
    if (config.prediction_type == "sample") {
      sample = out.clamp(-config.clip_sample_range, config.clip_sample_range);
      epsilon = (x - std::sqrt(a) * out) / std::sqrt(1.0 - a);  // from the raw output, as diffusers does
    } else {
      sample =
          ((x - std::sqrt(1.0 - a) * out) / std::sqrt(a)).clamp(-config.clip_sample_range, config.clip_sample_range);
      epsilon = out;
    }
    if (watch) watch(++step, sample);
    x = std::sqrt(a_next) * sample + std::sqrt(1.0 - a_next) * epsilon;
  }
  return x;
}

}  // namespace divla
