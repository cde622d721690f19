// The operations of the networks whose last bits depend on the machine, each in two ways: LibTorch's, and inside a
// StrictScope our own (policy/divla/strict/kernels.h). What the networks use beside these either moves numbers or
// computes each result by one exactly rounded operation (+, -, *, /, square root, comparison), so it is LibTorch's in
// both modes.
//
// Strict mode is for inference: float32 on the CPU, and no gradient is recorded through it.
#pragma once

#include <ATen/ATen.h>

#include <optional>
#include <string>

namespace divla {

// Whether gradients are being recorded on the CPU: then the fused loops of training (fused_rows.h, fused_attention.h)
// are the faster form, and products with a bfloat16 weight take a float32 x (mixed precision).
bool Trained(const at::Tensor& x);
// Whether a product with this weight is a matter of the weight's way from memory (a few rows, a large bfloat16 weight, no
// gradient, on the CPU); then Affine is SkinnyAffine of skinny_affine.h.
bool IsSkinny(const at::Tensor& x, const at::Tensor& weight);
// x (..., in), weight (out, in), bias (out) -> (..., out)
at::Tensor Affine(const at::Tensor& x, const at::Tensor& weight, const std::optional<at::Tensor>& bias = {});
// a (..., m, k), b (..., k, n) with equal leading sizes -> (..., m, n)
at::Tensor MatrixProduct(const at::Tensor& a, const at::Tensor& b);
// x (N, in, H, W), weight (out, in, kh, kw) -> (N, out, H', W')
at::Tensor Convolve2d(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias, std::int64_t stride,
                      std::int64_t padding = 0);
// x (N, in, T), weight (out, in, k) -> (N, out, T')
at::Tensor Convolve1d(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias, std::int64_t stride,
                      std::int64_t padding);
// The transposed convolution. x (N, in, T), weight (in, out, k) -> (N, out, (T - 1) stride - 2 padding + k)
at::Tensor Upconvolve1d(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias, std::int64_t stride,
                        std::int64_t padding);

at::Tensor Softmax(const at::Tensor& x);  // over the last dimension
at::Tensor NormalizeLayer(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias, double eps);
// x (N, C, T), C in `groups` groups of neighbours; weight and bias (C)
at::Tensor NormalizeGroups(const at::Tensor& x, std::int64_t groups, const at::Tensor& weight, const at::Tensor& bias,
                           double eps);
at::Tensor NormalizeRootMeanSquare(const at::Tensor& x, const at::Tensor& weight, double eps);

at::Tensor Silu(const at::Tensor& x);
at::Tensor Gelu(const at::Tensor& x, const std::string& approximate = "none");  // "none" or "tanh"
at::Tensor Mish(const at::Tensor& x);
// Strict: by libm in double precision, rounded to float32.
at::Tensor Sine(const at::Tensor& x);
at::Tensor Cosine(const at::Tensor& x);
at::Tensor Exponential(const at::Tensor& x);

at::Tensor MultiplyAdd(const at::Tensor& sum, const at::Tensor& a, const at::Tensor& b);  // sum + a * b
at::Tensor Argmax(const at::Tensor& x);  // over the last dimension; strict: the first of equals

// The same weight with its memory in the order that strict products read: the first dimension innermost. Sizes and
// values stay; without it every product would copy its weight into that order.
at::Tensor ForStrictProducts(const at::Tensor& weight);

}  // namespace divla
