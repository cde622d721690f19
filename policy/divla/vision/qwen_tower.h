// Qwen2-VL's vision tower and merger (Wang et al. 2024, section 2.1; sizes and formulas in divla.md 5.3): pictures of
// any size, 2-D rotary positions, full attention inside a picture and none between pictures, then 2x2 patches to one
// token of the language model.
//
//   pixel_values (N, 1176) ─ Linear ─ blocks: LN, attention, LN, MLP ─ (N, embed_dim) ─ LN ─ 2x2 merge ─ Linear ─ GELU ─
//   Linear ─ (N / 4, hidden_size)
#pragma once

#include <span>
#include <vector>

#include "policy/divla/hf/hf_config.h"
#include "policy/divla/weights/params.h"

namespace divla {

// Patches of one picture; both sides are multiples of spatial_merge_size.
struct PatchGrid {
  int height{}, width{};
  bool operator==(const PatchGrid&) const = default;
};

// One picture as the tower reads it: values (height * width, PatchValues()), row-major, in merge-block order.
struct PixelPatches {
  PatchGrid grid;
  std::vector<float> values;
  bool operator==(const PixelPatches&) const = default;
};

void AddQwenTower(ParamSpecs& specs, const QwenVisionConfig& config);

// pixel_values: the rows of all pictures, one after the other, each in merge-block order (policy/divla/images/). The
// weights' type and device are the tower's. -> (sum of tokens, hidden_size)
at::Tensor QwenTower(const QwenVisionConfig& config, const ParamStore& params, const at::Tensor& pixel_values,
                     std::span<const PatchGrid> grids);

}  // namespace divla
