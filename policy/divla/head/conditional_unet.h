// ConditionalUnet1D as the released DiVLA code has it (unet_diffusion_policy; divla.md 1.5): Diffusion Policy's noise
// predictor (Chi et al. 2023) with scale and offset in every block, without "1 +"; the state enters with the condition.
//
//   condition (N, D) ─ LN ─ concat state ─ Linear ─┐
//   time ─ sinusoid ─ Linear ─ Mish ─ Linear ──────┴─ feature (N, E + D) of every residual block
//   x (N, T, A) ─ down: 2 blocks, /2, … ─ 2 blocks ─ up: skip, 2 blocks, x2, … ─ conv, GN, Mish ─ 1x1 conv ─ (N, T, A)
#pragma once

#include "policy/divla/hf/hf_config.h"
#include "policy/divla/weights/params.h"

namespace divla {

void AddConditionalUnet(ParamSpecs& specs, const ReleasedHeadConfig& config);

// condition (N, global_cond_dim), state (N, state_dim) normalised -> what all denoising steps share, (N, D).
at::Tensor UnetCondition(const ParamStore& params, const at::Tensor& condition, const at::Tensor& state);

// x (N, prediction_horizon, input_dim) noisy actions at training timestep `timestep`, the same for all rows;
// global: as from UnetCondition. -> the predicted noise, like x. The time features are computed in the weights' type,
// or in bfloat16, which is what the released code has, where the configuration says so.
at::Tensor ConditionalUnet(const ReleasedHeadConfig& config, const ParamStore& params, const at::Tensor& x,
                           int timestep, const at::Tensor& global);

}  // namespace divla
