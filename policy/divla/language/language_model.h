// The Qwen2-VL language model (Wang et al. 2024; divla.md section 5.2) in two forms that compute the same thing: a
// cached one for reading a prompt and writing tokens, and a packed one for training.
//
//   x ─ RMSNorm ─ q,k,v (with bias) ─ M-RoPE ─ causal attention, grouped keys ─ o ─ + ─ RMSNorm ─ SwiGLU ─ + ─ … ─
//   RMSNorm
#pragma once

#include <vector>

#include "policy/divla/config.h"
#include "policy/divla/weights/params.h"

namespace divla {

void AddLanguageModel(ParamSpecs& specs, const TextConfig& config);

at::Tensor EmbedTokens(const ParamStore& params, const at::Tensor& ids);  // (...) -> (..., d)
at::Tensor Logits(const TextConfig& config, const ParamStore& params,
                  const at::Tensor& hidden);  // (..., d) -> (..., V)

// Rotary angles of M-RoPE: each frequency belongs to the temporal, height or width position.
struct RopeTable {
  at::Tensor cos, sin;  // (T, HeadDim/2)
};
RopeTable MakeRopeTable(const TextConfig& config, const at::Tensor& positions);  // positions (3, T) i64

// Training: rows of [prefix P | segment 0 .. S-1 of L each]. The prefix is causal; a segment sees the prefix and,
// causally, itself, never another segment. rope: of the prefix and of one segment (P + L rows; all segments share
// positions).
struct Packing {
  std::int64_t prefix{}, segments{}, length{};  // P, S, L
};
// x (B, P + S*L, d) f32 -> hidden states after the final norm, same shape, or those of the segments only (B, S*L, d):
// the last layer then leaves out what nobody reads. In the type of the layers' matrices (all f32 or all bfloat16); the
// residual sum is f32 in any case.
at::Tensor PackedForward(const TextConfig& config, const ParamStore& params, const at::Tensor& x,
                         const Packing& packing, const RopeTable& rope, bool segments_only = false);

// Inference, in the type and on the device of the weights; scores, softmax, norms and rotations in float32. Keys and
// values by layer, (B, kv heads, slots, HeadDim), allocated once.
struct KvCache {
  std::vector<at::Tensor> keys, values;
};
KvCache MakeKvCache(const TextConfig& config, std::int64_t batch, std::int64_t slots,
                    const at::TensorOptions& options = at::kFloat);

// x (B, T, d) goes to cache slots `slots` (B, T) i64; each token sees the slots up to its own, so rows of different
// length stand side by side and whatever lies behind a row's end is never seen. rope: by slot. used: only the first so
// many slots take part, more than the largest of `slots`; 0 asks the device, which waits for it. Its size changes no
// row's result: masked slots weigh exactly 0. attention, if asked: how much each token looks at each slot, mean over
// heads and layers, (B, T, used) f32. -> (B, T, d) after the final norm.
at::Tensor CachedForward(const TextConfig& config, const ParamStore& params, const at::Tensor& x,
                         const at::Tensor& slots, const RopeTable& rope, KvCache& cache, std::int64_t used = 0,
                         at::Tensor* attention = nullptr);

}  // namespace divla
