// The condition without a language model: that of Diffusion Policy (Chi et al. 2023, section 3.2), which sees pictures as
// keypoints by a spatial softmax (Finn et al. 2016), with an instruction beside them.
//
//   instruction ─ token embeddings ─ mean ─ LN ─ Linear ─ GELU ─ Linear ─ LN ──────────────────┐
//   visual tokens ─ keypoints of each view ─ concat ─ per-embodiment Linear ─ LN ──────────────┴─ concat ─ Linear ─
//   GELU ─ Linear ─ LN ─── z (N, cond_dim)
//
// A keypoint is the mean place of one feature: every cell of the merged grid weighs in by a softmax over the cells. The
// grid is coarse (16 pixels), so that a cell's place is its centre plus an offset that is read from its token, zero at
// first (ours).
#pragma once

#include <string>
#include <vector>

#include "policy/divla/config.h"
#include "policy/divla/weights/params.h"

namespace divla {

void AddInstruction(ParamSpecs& specs, const DivlaConfig& config);

// Token lists of different length side by side, (N, L): padding is token 0 with weight 0; a list's weights are one over
// its length, so an empty list has only zeros.
struct TokenLists {
  at::Tensor ids;      // i64
  at::Tensor weights;  // f32
};
TokenLists PadTokenLists(const std::vector<std::vector<int>>& lists);

// The mean embedding of each list, (N, d); 0 of an empty one.
at::Tensor MeanEmbedding(const ParamStore& params, const TokenLists& lists);

// views (B, V, TokensPerView, d), as from EncodeViews -> (B, V, keypoints, 2): (x, y), -1 and 1 at the picture's edges
at::Tensor Keypoints(const VisionConfig& vision, const ParamStore& params, const at::Tensor& views);

// mean (N, d), keypoints (N, V, keypoints, 2) -> z (N, cond_dim)
at::Tensor ProjectInstruction(const ParamStore& params, const std::string& embodiment, const at::Tensor& mean,
                              const at::Tensor& keypoints);

}  // namespace divla
