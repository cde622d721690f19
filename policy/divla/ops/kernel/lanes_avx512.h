// Sixteen floats in an AVX-512 register.
#pragma once

#include <immintrin.h>

#include "policy/divla/ops/kernel/loops.h"

namespace divla::kernel::DIVLA_KERNEL {

struct Lanes {
  using Vector = __m512;
  static constexpr int kWidth = 16, kSingleTile = 8, kTile = 4;  // of 32 registers: 8 or 16 sums, 16 or 8 weights
  static Vector Zero() { return _mm512_setzero_ps(); }
  static Vector LoadFloats(const float* from) { return _mm512_loadu_ps(from); }
  static Vector LoadHalves(const void* from) {
    return _mm512_cvtph_ps(_mm256_loadu_si256(static_cast<const __m256i*>(from)));
  }
  // A bfloat16 is the upper half of a float. In a register of pairs, the odd ones stand where they belong.
  static void LoadPairs(const void* from, Vector& even, Vector& odd) {
    const __m512i pairs = _mm512_loadu_si512(from);
    even = _mm512_castsi512_ps(_mm512_slli_epi32(pairs, 16));
    odd = _mm512_castsi512_ps(_mm512_and_si512(pairs, _mm512_set1_epi32(-65536)));
  }
  static Vector MultiplyAdd(const Vector& a, const Vector& b, const Vector& sum) { return _mm512_fmadd_ps(a, b, sum); }
  static float Total(const Vector& sum) {
    const __m256 half = _mm256_add_ps(_mm512_castps512_ps256(sum), _mm512_extractf32x8_ps(sum, 1));
    const __m128 quarter = _mm_add_ps(_mm256_castps256_ps128(half), _mm256_extractf128_ps(half, 1));
    const __m128 pair = _mm_add_ps(quarter, _mm_movehl_ps(quarter, quarter));
    return _mm_cvtss_f32(_mm_add_ss(pair, _mm_movehdup_ps(pair)));
  }
};

// Four registers of sums, so that no load waits for an addition.
inline std::uint64_t Read(const void* data, std::int64_t bytes) {
  const auto* at = static_cast<const unsigned char*>(data);
  __m512i sums[4] = {_mm512_setzero_si512(), _mm512_setzero_si512(), _mm512_setzero_si512(), _mm512_setzero_si512()};
  for (const unsigned char* end = at + bytes; at < end; at += 256) {
    for (int i = 0; i < 4; ++i) {
      _mm_prefetch(reinterpret_cast<const char*>(at) + kReadAhead + 64 * i, _MM_HINT_NTA);
      sums[i] = _mm512_add_epi64(sums[i], _mm512_loadu_si512(at + 64 * i));
    }
  }
  const __m512i sum = _mm512_add_epi64(_mm512_add_epi64(sums[0], sums[1]), _mm512_add_epi64(sums[2], sums[3]));
  return static_cast<std::uint64_t>(_mm512_reduce_add_epi64(sum));
}

}  // namespace divla::kernel::DIVLA_KERNEL
