#include "policy/divla/head/condition.h"

#include "policy/divla/ops/ops.h"

namespace divla {
namespace {

constexpr std::int64_t kStateWidth = 128;
const std::string kCondition = "condition.";

std::string StateMlp(const std::string& embodiment) { return "embodiments." + embodiment + ".state_mlp."; }

}  // namespace

void AddCondition(ParamSpecs& specs, const DivlaConfig& config) {
  const std::int64_t width = config.text.hidden_size, cond = config.head.cond_dim, k = config.head.num_action_tokens;
  specs.push_back({"action_tokens.weight", {k, width}, Init::kNormal, 0.3});
  AddLayerNorm(specs, kCondition + "projector.norm_in", k * width);
  AddLinear(specs, kCondition + "projector.fc1", k * width, cond);
  AddLinear(specs, kCondition + "projector.fc2", cond, cond);
  AddLayerNorm(specs, kCondition + "projector.norm_out", cond);
  AddLinear(specs, kCondition + "combine.fc1", cond + kStateWidth, cond);
  AddLayerNorm(specs, kCondition + "combine.norm1", cond);
  AddLinear(specs, kCondition + "combine.fc2", cond, cond);
  AddLayerNorm(specs, kCondition + "combine.norm2", cond);
  AddLinear(specs, kCondition + "combine.fc3", cond, cond);
  AddLayerNorm(specs, kCondition + "reasoning_norm", width);
  for (const auto& [name, body] : config.embodiments) {
    AddLinear(specs, StateMlp(name) + "fc1", body.state_dim + body.ToolDim(), kStateWidth);
    AddLinear(specs, StateMlp(name) + "fc2", kStateWidth, kStateWidth);
  }
}

const at::Tensor& ActionTokens(const ParamStore& params) { return Param(params, "action_tokens.weight"); }

at::Tensor ProjectActionTokens(const ParamStore& params, const at::Tensor& states) {
  const std::string prefix = kCondition + "projector.";
  const at::Tensor in = LayerNorm(params, prefix + "norm_in", states.flatten(1));
  const at::Tensor out = Linear(params, prefix + "fc2", Gelu(Linear(params, prefix + "fc1", in)));
  return LayerNorm(params, prefix + "norm_out", out);
}

at::Tensor Condition(const ParamStore& params, const std::string& embodiment, const at::Tensor& z,
                     const at::Tensor& proprioception) {
  const std::string mlp = StateMlp(embodiment), combine = kCondition + "combine.";
  const at::Tensor state = Linear(params, mlp + "fc2", Gelu(Linear(params, mlp + "fc1", proprioception)));
  at::Tensor c = LayerNorm(params, combine + "norm1", Gelu(Linear(params, combine + "fc1", at::cat({z, state}, -1))));
  c = LayerNorm(params, combine + "norm2", Gelu(Linear(params, combine + "fc2", c)));
  return Linear(params, combine + "fc3", c);
}

at::Tensor ReasoningSummary(const ParamStore& params, const at::Tensor& mean_state) {
  return LayerNorm(params, kCondition + "reasoning_norm", mean_state);
}

}  // namespace divla
