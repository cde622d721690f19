#include <algorithm>
#include <cmath>

#include "policy/divla/strict/kernels.h"

#define DIVLA_WIDE __attribute__((target_clones("avx512f", "avx2", "default")))

namespace divla::strict {
namespace {

// Sum of term(i) for i = 0 .. n-1 in kLanes partial sums.
template <class Term>
[[gnu::always_inline]] inline float LaneSum(std::int64_t n, const Term& term) {
  float lanes[kLanes] = {};
  std::int64_t i = 0;
  for (; i + kLanes <= n; i += kLanes) {
    for (std::int64_t j = 0; j < kLanes; ++j) lanes[j] += term(i + j);
  }
  for (std::int64_t j = 0; i + j < n; ++j) lanes[j] += term(i + j);
  float sum = 0;
  for (const float lane : lanes) sum += lane;
  return sum;
}

DIVLA_WIDE float Sum(const float* x, std::int64_t n) {
  return LaneSum(n, [x](std::int64_t i) { return x[i]; });
}

DIVLA_WIDE float SumOfSquares(const float* x, std::int64_t n, float centre) {
  return LaneSum(n, [x, centre](std::int64_t i) { return (x[i] - centre) * (x[i] - centre); });
}

}  // namespace

void SoftmaxRows(float* x, std::int64_t rows, std::int64_t n) {
  for (std::int64_t r = 0; r < rows; ++r) {
    float* row = x + r * n;
    const float most = *std::max_element(row, row + n);
    for (std::int64_t i = 0; i < n; ++i) row[i] -= most;
  }
  Exp(x, rows * n);
  for (std::int64_t r = 0; r < rows; ++r) {
    float* row = x + r * n;
    const float sum = Sum(row, n);
    for (std::int64_t i = 0; i < n; ++i) row[i] /= sum;
  }
}

void StandardizeRows(const float* x, float* out, std::int64_t rows, std::int64_t n, bool centred, float eps) {
  const auto count = static_cast<float>(n);
  for (std::int64_t r = 0; r < rows; ++r, x += n, out += n) {
    const float centre = centred ? Sum(x, n) / count : 0.0F;
    const float deviation = std::sqrt(SumOfSquares(x, n, centre) / count + eps);
    for (std::int64_t i = 0; i < n; ++i) out[i] = (x[i] - centre) / deviation;
  }
}

void ArgmaxRows(const float* x, std::int64_t* out, std::int64_t rows, std::int64_t n) {
  for (std::int64_t r = 0; r < rows; ++r, x += n) out[r] = std::max_element(x, x + n) - x;
}

}  // namespace divla::strict
