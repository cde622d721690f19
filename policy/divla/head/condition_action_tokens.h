// The condition of DiVLA (paper section 3.1): learned tokens that the language model reads after its answer, and the
// answer itself where it reasons.
//
//   K action-token states ─ concat ─ LN ─ Linear ─ GELU ─ Linear ─ LN ─── z (N, cond_dim)
//   reasoning states ─ mean ─ LN ──────────────────────────────────────── r (N, text hidden): FiLM in the UNet
#pragma once

#include "policy/divla/config.h"
#include "policy/divla/weights/params.h"

namespace divla {

void AddActionTokens(ParamSpecs& specs, const DivlaConfig& config);
void AddReasoningSummary(ParamSpecs& specs, const DivlaConfig& config);

// The K learned action-token embeddings, (K, d).
const at::Tensor& ActionTokens(const ParamStore& params);

at::Tensor ProjectActionTokens(const ParamStore& params, const at::Tensor& states);   // (N, K, d) -> z
at::Tensor ReasoningSummary(const ParamStore& params, const at::Tensor& mean_state);  // (N, d) -> r

}  // namespace divla
