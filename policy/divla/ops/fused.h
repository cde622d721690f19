// Operations that a small model spends much of its time in while it writes, as one pass over memory each. f32 on the CPU
// runs the fused loops; anything else runs the same formula with plain tensor operations. They have no gradient, and asking
// for one is our mistake: training has its own (fused_rows.h, fused_attention.h).
#pragma once

#include <ATen/ATen.h>

namespace divla {

// x / sqrt(mean(x^2) + eps) * weight over the last dimension. x (..., n), weight (n).
at::Tensor RmsNorm(const at::Tensor& x, const at::Tensor& weight, double eps);

// Rotates the pairs (i, i + hd/2) of the last dimension. x (B, T, H, hd); cos, sin (T, hd/2) or (B*T, hd/2).
at::Tensor Rotate(const at::Tensor& x, const at::Tensor& cos, const at::Tensor& sin);

}  // namespace divla
