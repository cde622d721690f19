// Weights as a sorted map from name to tensor, and the list of weights that a configuration needs.
// A network part is a pair of free functions: one lists its weights with shapes, one computes.
#pragma once

#include <ATen/ATen.h>

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace divla {

using ParamStore = std::map<std::string, at::Tensor>;  // f32

enum class Init {
  kZero,
  kOne,
  kFanIn,   // uniform in +-1/sqrt(product of all sizes but the first)
  kNormal,  // normal with deviation `scale`
};

struct ParamSpec {
  std::string name;
  std::vector<std::int64_t> shape;
  Init init{Init::kFanIn};
  double scale{1.0};
  bool decay{false};  // weight decay applies (matrices; not biases, norms, embeddings, positions)
};

using ParamSpecs = std::vector<ParamSpec>;

// The usual layers: "<prefix>.weight" and, where there is one, "<prefix>.bias".
void AddLinear(ParamSpecs& specs, const std::string& prefix, std::int64_t in, std::int64_t out, bool bias = true);
void AddLayerNorm(ParamSpecs& specs, const std::string& prefix, std::int64_t size);
const at::Tensor& Param(const ParamStore& params, const std::string& name);  // stops the program when missing
at::Tensor Linear(const ParamStore& params, const std::string& prefix, const at::Tensor& x);
at::Tensor LayerNorm(const ParamStore& params, const std::string& prefix, const at::Tensor& x, double eps = 1e-6);

// Fresh weights; each tensor's numbers come from its own stream of `seed`, keyed by its name.
ParamStore InitParams(const ParamSpecs& specs, std::uint64_t seed);

// Takes exactly the tensors of `specs` from `found`. Throws InputError "file F: tensor 'n': expected [..], found ..".
ParamStore TakeParams(const ParamSpecs& specs, const ParamStore& found, const std::string& file);

}  // namespace divla
