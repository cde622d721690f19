#include "policy/divla/head/condition_action_tokens.h"

#include "policy/divla/ops/ops.h"

namespace divla {
namespace {

const std::string kTokens = "action_tokens.weight", kProjector = "condition.projector.",
                  kReasoningNorm = "condition.reasoning_norm";

}  // namespace

void AddActionTokens(ParamSpecs& specs, const DivlaConfig& config) {
  const std::int64_t width = config.text.hidden_size, cond = config.head.cond_dim, k = config.head.num_action_tokens;
  specs.push_back({kTokens, {k, width}, Init::kNormal, 0.3});
  AddLayerNorm(specs, kProjector + "norm_in", k * width);
  AddLinear(specs, kProjector + "fc1", k * width, cond);
  AddLinear(specs, kProjector + "fc2", cond, cond);
  AddLayerNorm(specs, kProjector + "norm_out", cond);
}

void AddReasoningSummary(ParamSpecs& specs, const DivlaConfig& config) {
  AddLayerNorm(specs, kReasoningNorm, config.text.hidden_size);
}

const at::Tensor& ActionTokens(const ParamStore& params) { return Param(params, kTokens); }

at::Tensor ProjectActionTokens(const ParamStore& params, const at::Tensor& states) {
  const at::Tensor in = LayerNorm(params, kProjector + "norm_in", states.flatten(1));
  const at::Tensor out = Linear(params, kProjector + "fc2", Gelu(Linear(params, kProjector + "fc1", in)));
  return LayerNorm(params, kProjector + "norm_out", out);
}

at::Tensor ReasoningSummary(const ParamStore& params, const at::Tensor& mean_state) {
  return LayerNorm(params, kReasoningNorm, mean_state);
}

}  // namespace divla
