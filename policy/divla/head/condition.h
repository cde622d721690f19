// From the language model's hidden states to what the diffusion head sees (DiVLA paper section 3.1).
//
//   K action-token states ─ concat ─ LN ─ Linear ─ GELU ─ Linear ─ LN ─────────────── z (N, cond_dim)
//   state, tool (normalised) ─ per-embodiment MLP ─┬─ concat with z ─ MLP with LN ─── c (N, cond_dim)
//   reasoning states ─ mean ─ LN ──────────────────────────────────────────────────── r (N, text hidden): FiLM in the
//   UNet
#pragma once

#include <string>

#include "policy/divla/config.h"
#include "policy/divla/weights/params.h"

namespace divla {

void AddCondition(ParamSpecs& specs, const DivlaConfig& config);

// The K learned action-token embeddings, (K, d).
const at::Tensor& ActionTokens(const ParamStore& params);

at::Tensor ProjectActionTokens(const ParamStore& params, const at::Tensor& states);  // (N, K, d) -> z
// proprioception (N, state_dim + tool_dim), normalised -> c
at::Tensor Condition(const ParamStore& params, const std::string& embodiment, const at::Tensor& z,
                     const at::Tensor& proprioception);
at::Tensor ReasoningSummary(const ParamStore& params, const at::Tensor& mean_state);  // (N, d) -> r

}  // namespace divla
