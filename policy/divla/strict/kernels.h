// The arithmetic of strict mode on plain arrays. Every result is made of additions, subtractions, multiplications,
// divisions and square roots, each rounded exactly as IEEE 754 says, in an order that is written down here and depends
// on the sizes alone. No fused multiply-add, no approximate reciprocal, no libm. So the bits depend neither on the
// processor nor on its vector width, the compiler's choices, the number of threads or what else is in a batch.
//
// All arrays are float32, row-major and dense unless a stride is given. Any thread may call.
#pragma once

#include <cstdint>

namespace divla::strict {

// out[r][c] = (sum over k = 0, 1, 2, ... of a[r][k] * b[k][c], from 0, one after the other) + bias[c]
struct Product {
  std::int64_t rows{}, columns{}, depth{};
  const float* a{};  // rows x depth, stride depth
  const float* b{};  // depth x columns
  std::int64_t b_stride{};
  const float* bias{};  // columns; null: none is added
  float* out{};         // rows x columns, stride columns; overlaps nothing
};
void Multiply(const Product& product);

// Sums over a row are taken in kLanes partial sums, element i into sum i % kLanes, which are then added in order of
// lane. Zeros at a row's end change nothing, so a padded row has the bits of the row alone.
inline constexpr std::int64_t kLanes = 16;

// x[r] = exp(x[r] - max) / sum; entries 87 or more below the maximum become exactly 0. In place; n >= 1.
void SoftmaxRows(float* x, std::int64_t rows, std::int64_t n);

// out[r] = (x[r] - mean) / sqrt(variance + eps); not `centred`: x[r] / sqrt(mean square + eps).
void StandardizeRows(const float* x, float* out, std::int64_t rows, std::int64_t n, bool centred, float eps);

// Index of the largest entry of each row, the first of equals. n >= 1, no NaN.
void ArgmaxRows(const float* x, std::int64_t* out, std::int64_t rows, std::int64_t n);

// In place, relative error of the exponential at most 2^-22 (tested).
void Exp(float* x, std::int64_t n);       // 0 below -87; above 88 as for 88; NaN stays NaN
void Silu(float* x, std::int64_t n);      // x / (1 + exp(-x))
void Gelu(float* x, std::int64_t n);      // x/2 (1 + erf(x / sqrt 2)), erf to 1.5e-7
void GeluTanh(float* x, std::int64_t n);  // the tanh approximation of it (Hendrycks and Gimpel 2016)
void Mish(float* x, std::int64_t n);      // x tanh(log(1 + exp(x))) (Misra 2019)

}  // namespace divla::strict
