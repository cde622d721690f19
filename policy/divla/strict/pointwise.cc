#include <bit>
#include <cmath>

#include "policy/divla/strict/kernels.h"

// Compiled with -fno-trapping-math (policy/CMakeLists.txt): the comparisons below may then become vector code. That
// option is about raised flags, which nobody reads, and changes no value.
#define DIVLA_WIDE __attribute__((target_clones("avx512f", "avx2", "default")))

namespace divla::strict {
namespace {

// exp(x) = 2^n exp(r) with n the whole number nearest to x / log 2 and |r| <= log(2)/2; log 2 is subtracted in two
// parts of which the first has few digits, so that n times it is exact (Cody and Waite, "Software Manual for the
// Elementary Functions", 1980). exp(r) is its Taylor polynomial of degree 7: the remainder is below 6e-9.
[[gnu::always_inline]] inline float ExpOf(float x) {
  constexpr float kLowest = -87.0F, kHighest = 88.0F;  // 2^n stays a normal number in between
  constexpr float kLog2E = 1.44269504F, kLog2High = 0.693359375F, kLog2Low = -2.12194440e-4F;
  constexpr float kRound = 12582912.0F;  // 1.5 * 2^23: adding and subtracting it rounds to a whole number
  const float clipped = x >= kLowest ? (x > kHighest ? kHighest : x) : kLowest;  // NaN too: it has no whole number
  const float n = (clipped * kLog2E + kRound) - kRound;
  const float r = (clipped - n * kLog2High) - n * kLog2Low;
  float y = 1.0F / 5040.0F;
  y = y * r + 1.0F / 720.0F;
  y = y * r + 1.0F / 120.0F;
  y = y * r + 1.0F / 24.0F;
  y = y * r + 1.0F / 6.0F;
  y = y * r + 0.5F;
  y = y * r + 1.0F;
  y = y * r + 1.0F;
  const float power = std::bit_cast<float>((static_cast<int>(n) + 127) << 23);
  return x >= kLowest ? y * power : x < kLowest ? 0.0F : x;
}

// erf by formula 7.1.26 of Abramowitz and Stegun, "Handbook of Mathematical Functions" (1964); error at most 1.5e-7.
[[gnu::always_inline]] inline float ErfOf(float x) {
  const float size = std::fabs(x);
  const float t = 1.0F / (1.0F + 0.3275911F * size);
  float y = 1.061405429F;
  y = y * t - 1.453152027F;
  y = y * t + 1.421413741F;
  y = y * t - 0.284496736F;
  y = y * t + 0.254829592F;
  const float value = 1.0F - y * t * ExpOf(-size * size);
  return std::copysign(value, x);
}

}  // namespace

DIVLA_WIDE void Exp(float* x, std::int64_t n) {
  for (std::int64_t i = 0; i < n; ++i) x[i] = ExpOf(x[i]);
}

DIVLA_WIDE void Silu(float* x, std::int64_t n) {
  for (std::int64_t i = 0; i < n; ++i) x[i] = x[i] / (1.0F + ExpOf(-x[i]));
}

DIVLA_WIDE void Gelu(float* x, std::int64_t n) {
  constexpr float kRootHalf = 0.707106781F;
  for (std::int64_t i = 0; i < n; ++i) x[i] = 0.5F * x[i] * (1.0F + ErfOf(x[i] * kRootHalf));
}

// (1 + tanh u)/2 = 1/(1 + exp(-2u)) with u = sqrt(2/pi) (x + 0.044715 x^3)
DIVLA_WIDE void GeluTanh(float* x, std::int64_t n) {
  constexpr float kTwiceRoot = 1.59576912F;  // 2 sqrt(2/pi)
  for (std::int64_t i = 0; i < n; ++i) {
    const float v = x[i];
    x[i] = v / (1.0F + ExpOf(-kTwiceRoot * (v + 0.044715F * v * v * v)));
  }
}

// With e = exp(x): tanh(log(1 + e)) = ((1+e)^2 - 1) / ((1+e)^2 + 1) = m / (m + 2), m = e (e + 2). From x = 20 on it is
// 1 to the last bit.
DIVLA_WIDE void Mish(float* x, std::int64_t n) {
  for (std::int64_t i = 0; i < n; ++i) {
    const float v = x[i], e = ExpOf(v > 20.0F ? 20.0F : v), m = e * (e + 2.0F);
    x[i] = v * (m / (m + 2.0F));
  }
}

}  // namespace divla::strict
