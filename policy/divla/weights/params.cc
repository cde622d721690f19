#include "policy/divla/weights/params.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cmath>
#include <set>

#include "policy/divla/ops/ops.h"
#include "sim/check.h"
#include "sim/rng.h"

namespace divla {

void AddLinear(ParamSpecs& specs, const std::string& prefix, std::int64_t in, std::int64_t out, bool bias) {
  specs.push_back({prefix + ".weight", {out, in}, Init::kFanIn, 1.0, true});
  if (bias) specs.push_back({prefix + ".bias", {out}, Init::kZero});
}

void AddLayerNorm(ParamSpecs& specs, const std::string& prefix, std::int64_t size) {
  specs.push_back({prefix + ".weight", {size}, Init::kOne});
  specs.push_back({prefix + ".bias", {size}, Init::kZero});
}

const at::Tensor& Param(const ParamStore& params, const std::string& name) {
  const auto found = params.find(name);
  DIVLA_CHECK(found != params.end(), "no weight named " + name);
  return found->second;
}

at::Tensor Linear(const ParamStore& params, const std::string& prefix, const at::Tensor& x) {
  const auto bias = params.find(prefix + ".bias");
  return Affine(x, Param(params, prefix + ".weight"),
                bias == params.end() ? std::optional<at::Tensor>() : std::optional<at::Tensor>(bias->second));
}

at::Tensor LayerNorm(const ParamStore& params, const std::string& prefix, const at::Tensor& x, double eps) {
  return NormalizeLayer(x, Param(params, prefix + ".weight"), Param(params, prefix + ".bias"), eps);
}

ParamStore InitParams(const ParamSpecs& specs, std::uint64_t seed) {
  ParamStore params;
  for (const ParamSpec& spec : specs) {
    at::Tensor tensor = at::zeros(spec.shape, at::kFloat);
    float* values = tensor.mutable_data_ptr<float>();
    const std::int64_t count = tensor.numel();
    if (spec.init == Init::kOne) {
      tensor.fill_(1.0);
    } else if (spec.init != Init::kZero) {
      Rng rng({.seed = seed, .task = spec.name, .stream = "init"});
      const double bound = 1.0 / std::sqrt(static_cast<double>(count / spec.shape[0]));
      for (std::int64_t i = 0; i < count; ++i) {
        values[i] = static_cast<float>(spec.init == Init::kFanIn ? rng.Uniform(-bound, bound) * spec.scale
                                                                 : rng.Normal() * spec.scale);
      }
    }
    const bool fresh = params.emplace(spec.name, tensor).second;
    DIVLA_CHECK(fresh, "two weights named " + spec.name);
  }
  return params;
}

ParamStore TakeParams(const ParamSpecs& specs, const ParamStore& found, const std::string& file) {
  ParamStore params;
  for (const ParamSpec& spec : specs) {
    const auto it = found.find(spec.name);
    if (it == found.end()) {
      throw InputError(fmt::format("file {}: tensor '{}': expected shape [{}], found none", file, spec.name,
                                   fmt::join(spec.shape, ", ")));
    }
    if (it->second.sizes() != at::IntArrayRef(spec.shape)) {
      throw InputError(fmt::format("file {}: tensor '{}': expected shape [{}], found [{}]", file, spec.name,
                                   fmt::join(spec.shape, ", "), fmt::join(it->second.sizes().vec(), ", ")));
    }
    params.emplace(spec.name, it->second.to(at::kFloat).contiguous());
  }
  for (const auto& [name, tensor] : found) {
    if (!params.contains(name)) {
      throw InputError(fmt::format("file {}: tensor '{}': expected no such tensor, found shape [{}]", file, name,
                                   fmt::join(tensor.sizes().vec(), ", ")));
    }
  }
  return params;
}

}  // namespace divla
