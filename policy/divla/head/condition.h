// From what was read to what the diffusion head sees (DiVLA paper section 3.1).
//
//   z, of the configured kind (condition_action_tokens.h, condition_instruction.h) ──┐
//   state, tool (normalised) ─ per-embodiment MLP ───────────────────────────────────┴─ concat ─ MLP with LN ─── c
#pragma once

#include <string>

#include "policy/divla/config.h"
#include "policy/divla/weights/params.h"

namespace divla {

// Everything of the configured kind, up to c.
void AddCondition(ParamSpecs& specs, const DivlaConfig& config);

// z (N, cond_dim), proprioception (N, state_dim + tool_dim) normalised -> c (N, cond_dim)
at::Tensor Condition(const ParamStore& params, const std::string& embodiment, const at::Tensor& z,
                     const at::Tensor& proprioception);

}  // namespace divla
