// DDIM (Song et al. 2021) on the squared-cosine schedule (Nichol & Dhariwal 2021), betas in float32, eta 0: the
// scheduler of the released DiVLA code (divla.md section 1.6).
#pragma once

#include <ATen/ATen.h>

#include <functional>
#include <string>
#include <vector>

#include "policy/divla/config.h"

namespace divla {

struct DdimSchedule {
  std::vector<float> alphas_cumprod;  // (num_train_timesteps)
  std::vector<int> timesteps;         // of inference, falling
};
DdimSchedule MakeDdimSchedule(const PolicyHeadConfig& config);

// sqrt(a_t) sample + sqrt(1 - a_t) noise. sample, noise (N, T, A); timesteps (N) i64.
at::Tensor AddNoise(const DdimSchedule& schedule, const at::Tensor& sample, const at::Tensor& noise,
                    const at::Tensor& timesteps);

// predict(x, t) -> the network's output for all rows at training timestep t. noise (N, T, A) -> sample (N, T, A),
// clipped. `watch`, if not empty, gets after each step its number from 1 on and the clean sample that is expected then
// (N, T, A), clipped.
at::Tensor DdimSample(const PolicyHeadConfig& config, const DdimSchedule& schedule, const at::Tensor& noise,
                      const std::function<at::Tensor(const at::Tensor&, int)>& predict,
                      const std::function<void(int, const at::Tensor&)>& watch = {});

}  // namespace divla
