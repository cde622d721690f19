// The noise predictor: ConditionalUnet1D of Diffusion Policy (Chi et al. 2023; divla.md section 1.5) over the steps of
// an action chunk, with an input layer and a bottom MLP of its own for every embodiment (DiVLA paper section 3.1) and
// FiLM by the reasoning, if the policy has one, in every residual block (zero-initialised, so it starts as the identity).
//
//   x (N,T,A) ─ input layer ─ down: 2 blocks, /2, 2 blocks, /2, 2 blocks ─ 2 blocks ─ up: 2 blocks (with skip), x2, … ─
//   conv ─ MLP block: conv,GN,Mish ─ FiLM(c, time) ─ conv,GN,Mish ─ FiLM(r) ─ + residual
#pragma once

#include <string>

#include "policy/divla/config.h"
#include "policy/divla/weights/params.h"

namespace divla {

void AddUnet(ParamSpecs& specs, const DivlaConfig& config);

// x (N, chunk_size, A) noisy actions; timesteps (N) i64; c (N, cond_dim); r (N, text hidden), undefined without reasoning.
// -> (N, chunk_size, A)
// injected (N, 1) f32: 0 where FiLM by the reasoning is the identity; undefined: it is 1 everywhere.
at::Tensor Unet(const PolicyHeadConfig& config, const ParamStore& params, const std::string& embodiment,
                const at::Tensor& x, const at::Tensor& timesteps, const at::Tensor& c, const at::Tensor& r,
                const at::Tensor& injected = {});

}  // namespace divla
