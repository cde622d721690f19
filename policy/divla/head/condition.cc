#include "policy/divla/head/condition.h"

#include "policy/divla/head/condition_action_tokens.h"
#include "policy/divla/head/condition_instruction.h"
#include "policy/divla/ops/ops.h"

namespace divla {
namespace {

constexpr std::int64_t kStateWidth = 128;
const std::string kCombine = "condition.combine.";

std::string StateMlp(const std::string& embodiment) { return "embodiments." + embodiment + ".state_mlp."; }

}  // namespace

void AddCondition(ParamSpecs& specs, const DivlaConfig& config) {
  const std::int64_t cond = config.head.cond_dim;
  if (config.head.HasLanguageModel()) {
    AddActionTokens(specs, config);
  } else {
    AddInstruction(specs, config);
  }
  AddLinear(specs, kCombine + "fc1", cond + kStateWidth, cond);
  AddLayerNorm(specs, kCombine + "norm1", cond);
  AddLinear(specs, kCombine + "fc2", cond, cond);
  AddLayerNorm(specs, kCombine + "norm2", cond);
  AddLinear(specs, kCombine + "fc3", cond, cond);
  if (config.head.reasoning) AddReasoningSummary(specs, config);
  for (const auto& [name, body] : config.embodiments) {
    AddLinear(specs, StateMlp(name) + "fc1", body.state_dim + body.ToolDim(), kStateWidth);
    AddLinear(specs, StateMlp(name) + "fc2", kStateWidth, kStateWidth);
  }
}

at::Tensor Condition(const ParamStore& params, const std::string& embodiment, const at::Tensor& z,
                     const at::Tensor& proprioception) {
  const std::string mlp = StateMlp(embodiment);
  const at::Tensor state = Linear(params, mlp + "fc2", Gelu(Linear(params, mlp + "fc1", proprioception)));
  at::Tensor c = LayerNorm(params, kCombine + "norm1", Gelu(Linear(params, kCombine + "fc1", at::cat({z, state}, -1))));
  c = LayerNorm(params, kCombine + "norm2", Gelu(Linear(params, kCombine + "fc2", c)));
  return Linear(params, kCombine + "fc3", c);
}

}  // namespace divla
