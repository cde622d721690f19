// Standardisation of what goes into and comes out of the policy head, one set of numbers per embodiment, saved with the
// weights as "normalizer.<embodiment>.{state,tool,action}_{mean,std}". End-effector positions are predicted relative to
// the tool's position at the query (small numbers learn faster: reference recipe), so they are made relative before.
#pragma once

#include <string>

#include "policy/divla/config.h"
#include "policy/divla/weights/params.h"

namespace divla {

void AddNormalizer(ParamSpecs& specs, const DivlaConfig& config);

// actions (N, T, A) absolute <-> relative to `tool` (N, arms*9); joint-position actions pass unchanged.
at::Tensor ToRelative(const EmbodimentConfig& body, const at::Tensor& actions, const at::Tensor& tool);
at::Tensor ToAbsolute(const EmbodimentConfig& body, const at::Tensor& actions, const at::Tensor& tool);

at::Tensor Normalize(const ParamStore& params, const std::string& embodiment, const std::string& what,
                     const at::Tensor& x);
at::Tensor Denormalize(const ParamStore& params, const std::string& embodiment, const std::string& what,
                       const at::Tensor& x);

// state (N, S), tool (N, arms*9) -> (N, S + arms*9), normalised
at::Tensor Proprioception(const ParamStore& params, const std::string& embodiment, const at::Tensor& state,
                          const at::Tensor& tool);

// Smallest deviation of each action entry, so that constant entries do not blow up. (A)
at::Tensor ActionStdFloor(const EmbodimentConfig& body);

}  // namespace divla
