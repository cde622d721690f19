// Pieces of a residual network for training, as one pass over memory each, with their own backward pass. The residual
// sum is float32; what goes into products is float32 or bfloat16 (mixed precision, Micikevicius et al. 2018). On the
// CPU only.
#pragma once

#include <ATen/ATen.h>

namespace divla {

// x + delta and its norm over the last dimension: the end of one residual branch and the beginning of the next.
struct SumAndNorm {
  at::Tensor sum;     // f32, of x's shape
  at::Tensor normed;  // of the asked type
};
// x (..., n) f32; delta as x, f32 or bfloat16, or undefined: then sum is x; weight and bias (n) f32. Without bias the
// norm is x / sqrt(mean(x^2) + eps) * weight, with it LayerNorm.
SumAndNorm AddAndNorm(const at::Tensor& x, const at::Tensor& delta, const at::Tensor& weight, const at::Tensor& bias,
                      double eps, at::ScalarType type);

// x (..., 2 n), f32 or bfloat16 -> silu(first half) * second half (..., n)
at::Tensor SwiGlu(const at::Tensor& x);

// silu, keeping x and its memory order
at::Tensor FusedSilu(const at::Tensor& x);

}  // namespace divla
