// Attention for training without copies in between: from the joint product of q, k and v to heads, softmax of packed
// causal scores, and back to rows, as one pass over memory each, with their own backward pass. Products stay with
// LibTorch. f32 or bfloat16 on the CPU; inside the loops everything is float32.
//
// Rows are [prefix P | segment 0 .. S-1 of L each] (language/language_model.h); S = 0 is plain attention over P tokens.
#pragma once

#include <ATen/ATen.h>

namespace divla {

struct HeadLayout {
  std::int64_t heads{}, kv{};                   // of queries, of keys and values; heads is a multiple of kv
  std::int64_t prefix{}, segments{}, length{};  // P, S, L
};

// Queries are scaled by 1 / sqrt(hd). The rest is undefined when there are no segments.
struct SplitHeads {
  at::Tensor q_prefix, k_prefix, v_prefix;  // (B*kv, heads/kv*P, hd), (B*kv, P, hd) twice
  at::Tensor q_rest, k_rest, v_rest;        // (B*kv*S, heads/kv*L, hd), (B*kv*S, L, hd) twice
};
// qkv (B, P+S*L, (heads + 2 kv) * hd): queries, keys, values. cos and sin (P+L, hd/2) f32 turn queries and keys as
// Rotate (fused.h) does, one table for all segments; undefined: no turn.
SplitHeads SplitIntoHeads(const at::Tensor& qkv, const HeadLayout& layout, const at::Tensor& cos,
                          const at::Tensor& sin);

// Softmax over far and near scores together, row by row: far (N, F) all of it or undefined, near (N, L) with N a
// multiple of L: row n sees its first n % L + 1 columns when causal, else all. Hidden weights are 0.
struct PairOfWeights {
  at::Tensor far, near;
};
PairOfWeights JointSoftmax(const at::Tensor& far, const at::Tensor& near, bool causal);

// Back to rows (B, P+S*L, heads*hd), or (B, S*L, heads*hd) without `prefix`. prefix as q_prefix, rest as q_rest; either
// may be undefined.
at::Tensor JoinHeads(const at::Tensor& prefix, const at::Tensor& rest, const HeadLayout& layout);

}  // namespace divla
