// The picture part: one SigLIP-type tower shared by all views (Zhai et al. 2023; DiVLA paper section 3.1), then the
// projector that merges 2x2 patches and maps them to the language model's width.
//
//   image (N,3,H,W) ─ conv stem (or one patch convolution) ─ + learned position ─ pre-LN blocks ─ LN   (N, gh*gw, d)
//     ─ 2x2 merge ─ LN ─ Linear ─ GELU ─ Linear                                                       (N, tokens, D)
#pragma once

#include "policy/divla/config.h"
#include "policy/divla/weights/params.h"

namespace divla {

void AddVisionTower(ParamSpecs& specs, const VisionConfig& config);
void AddProjector(ParamSpecs& specs, const VisionConfig& config, int text_hidden_size);

// (N, 3, H, W) in [-1, 1] -> (N, GridHeight*GridWidth, hidden_size), rows first.
at::Tensor VisionTower(const VisionConfig& config, const ParamStore& params, const at::Tensor& images);

// -> (N, TokensPerView, text hidden size), rows first.
at::Tensor Project(const VisionConfig& config, const ParamStore& params, const at::Tensor& patches);

}  // namespace divla
