#include "policy/divla/train/optimizer.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <numbers>

namespace divla {

FlatParams Flatten(const ParamSpecs& specs, const ParamStore& initial) {
  FlatParams flat{.specs = specs, .offsets = {}, .values = {}, .decay = {}};
  std::int64_t count = 0;
  for (const ParamSpec& spec : specs) {
    flat.offsets.push_back(count);
    count += Param(initial, spec.name).numel();
    count = (count + 15) / 16 * 16;  // each tensor starts on a cache line
  }
  flat.values = at::zeros({count}, at::kFloat);
  flat.decay = at::zeros({count}, at::kFloat);
  for (std::size_t i = 0; i < specs.size(); ++i) {
    const at::Tensor& tensor = Param(initial, specs[i].name);
    flat.values.narrow(0, flat.offsets[i], tensor.numel()).copy_(tensor.flatten());
    if (specs[i].decay) flat.decay.narrow(0, flat.offsets[i], tensor.numel()).fill_(1.0);
  }
  return flat;
}

ParamStore Views(const FlatParams& flat, const at::Tensor& values) {
  ParamStore views;
  for (std::size_t i = 0; i < flat.specs.size(); ++i) {
    std::int64_t count = 1;
    for (std::int64_t size : flat.specs[i].shape) count *= size;
    views.emplace(flat.specs[i].name, values.narrow(0, flat.offsets[i], count).view(flat.specs[i].shape));
  }
  return views;
}

Replica MakeReplica(const FlatParams& flat) {
  Replica replica;
  replica.gradient = at::zeros_like(flat.values);
  const ParamStore gradients = Views(flat, replica.gradient);
  for (const auto& [name, view] : Views(flat, flat.values)) {
    at::Tensor leaf = view.detach();
    leaf.set_requires_grad(true);
    leaf.mutable_grad() = gradients.at(name);
    replica.params.emplace(name, leaf);
  }
  return replica;
}

AdamW MakeAdamW(const FlatParams& flat) {
  return {at::zeros_like(flat.values), at::zeros_like(flat.values), flat.values.clone()};
}

double LearningRate(const TrainConfig& config, int step) {
  if (step < config.warmup_steps) return config.learning_rate * (step + 1) / config.warmup_steps;
  const double done = static_cast<double>(step - config.warmup_steps) / std::max(1, config.steps - config.warmup_steps);
  const double cosine = 0.5 * (1.0 + std::cos(std::numbers::pi * std::min(1.0, done)));
  return config.learning_rate * (config.final_lr_fraction + (1.0 - config.final_lr_fraction) * cosine);
}

double Step(const TrainConfig& config, int step, FlatParams& flat, AdamW& state, std::vector<Replica>& replicas) {
  const std::int64_t count = flat.values.numel();
  float* gradient = replicas[0].gradient.mutable_data_ptr<float>();
  for (std::size_t r = 1; r < replicas.size(); ++r) {
    const float* other = replicas[r].gradient.const_data_ptr<float>();
    for (std::int64_t i = 0; i < count; ++i) gradient[i] += other[i];
  }
  const float share = 1.0F / static_cast<float>(replicas.size());
  // Eight partial sums: fast, and the same order on every machine.
  double square[8] = {};
  for (std::int64_t i = 0; i < count; i += 8) {
    for (std::int64_t j = 0; j < 8; ++j) {
      const double g = static_cast<double>(gradient[i + j] * share);
      square[j] += g * g;
    }
  }
  double norm = 0;
  for (double part : square) norm += part;
  norm = std::sqrt(norm);
  const auto scale = static_cast<float>(static_cast<double>(share) * std::min(1.0, config.clip_norm / (norm + 1e-6)));

  const auto beta1 = static_cast<float>(config.beta1), beta2 = static_cast<float>(config.beta2);
  const auto rate = static_cast<float>(LearningRate(config, step));
  const auto correction1 = static_cast<float>(1.0 / (1.0 - std::pow(config.beta1, step + 1)));
  const auto correction2 = static_cast<float>(1.0 / (1.0 - std::pow(config.beta2, step + 1)));
  const auto shrink = rate * static_cast<float>(config.weight_decay);
  const auto keep = static_cast<float>(std::min(config.ema_decay, (1.0 + step) / (10.0 + step)));
  float* w = flat.values.mutable_data_ptr<float>();
  const float* decay = flat.decay.const_data_ptr<float>();
  float* m = state.first.mutable_data_ptr<float>();
  float* v = state.second.mutable_data_ptr<float>();
  float* average = state.average.mutable_data_ptr<float>();
  for (std::int64_t i = 0; i < count; ++i) {
    const float g = gradient[i] * scale;
    m[i] = beta1 * m[i] + (1.0F - beta1) * g;
    v[i] = beta2 * v[i] + (1.0F - beta2) * g * g;
    w[i] -= rate * (m[i] * correction1) / (std::sqrt(v[i] * correction2) + 1e-8F) + shrink * decay[i] * w[i];
    average[i] = keep * average[i] + (1.0F - keep) * w[i];
  }
  for (Replica& replica : replicas) {
    std::memset(replica.gradient.mutable_data_ptr<float>(), 0, static_cast<std::size_t>(count) * sizeof(float));
  }
  return norm;
}

}  // namespace divla
