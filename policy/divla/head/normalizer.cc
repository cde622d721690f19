#include "policy/divla/head/normalizer.h"

namespace divla {
namespace {

std::string Name(const std::string& embodiment, const std::string& what) {
  return "normalizer." + embodiment + "." + what;
}

at::Tensor AddToolPosition(const EmbodimentConfig& body, const at::Tensor& actions, const at::Tensor& tool,
                           double sign) {
  if (body.action_kind == ActionKind::kJointPosition) return actions;
  at::Tensor out = actions.clone();
  for (int arm = 0; arm < body.Arms(); ++arm) {
    out.narrow(2, arm * kEndEffectorActionSize, 3).add_(tool.narrow(1, arm * kToolPoseSize, 3).unsqueeze(1), sign);
  }
  return out;
}

}  // namespace

void AddNormalizer(ParamSpecs& specs, const DivlaConfig& config) {
  for (const auto& [name, body] : config.embodiments) {
    for (const auto& [what, size] :
         {std::pair{"state", body.state_dim}, {"tool", body.ToolDim()}, {"action", body.action_dim}}) {
      specs.push_back({Name(name, what) + "_mean", {size}, Init::kZero});
      specs.push_back({Name(name, what) + "_std", {size}, Init::kOne});
    }
  }
}

at::Tensor ToRelative(const EmbodimentConfig& body, const at::Tensor& actions, const at::Tensor& tool) {
  return AddToolPosition(body, actions, tool, -1.0);
}

at::Tensor ToAbsolute(const EmbodimentConfig& body, const at::Tensor& actions, const at::Tensor& tool) {
  return AddToolPosition(body, actions, tool, 1.0);
}

at::Tensor Normalize(const ParamStore& params, const std::string& embodiment, const std::string& what,
                     const at::Tensor& x) {
  return (x - Param(params, Name(embodiment, what) + "_mean")) / Param(params, Name(embodiment, what) + "_std");
}

at::Tensor Denormalize(const ParamStore& params, const std::string& embodiment, const std::string& what,
                       const at::Tensor& x) {
  return x * Param(params, Name(embodiment, what) + "_std") + Param(params, Name(embodiment, what) + "_mean");
}

at::Tensor Proprioception(const ParamStore& params, const std::string& embodiment, const at::Tensor& state,
                          const at::Tensor& tool) {
  return at::cat({Normalize(params, embodiment, "state", state), Normalize(params, embodiment, "tool", tool)}, 1);
}

at::Tensor ActionStdFloor(const EmbodimentConfig& body) {
  at::Tensor floor = at::full({body.action_dim}, 0.01F, at::kFloat);
  if (body.action_kind == ActionKind::kEndEffectorPose) {
    for (int arm = 0; arm < body.Arms(); ++arm) {
      floor.narrow(0, arm * kEndEffectorActionSize + 3, 6).fill_(0.05);
    }
  }
  return floor;
}

}  // namespace divla
