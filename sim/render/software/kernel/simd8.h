// Eight lanes (AVX2); see simd4.h.
#pragma once

#include <immintrin.h>

#include <cstdint>

namespace divla::software::DIVLA_KERNEL {
namespace {

struct M8 {
  __m256 v;
  unsigned Bits() const { return static_cast<unsigned>(_mm256_movemask_ps(v)); }
};
inline M8 operator&(M8 a, M8 b) { return {_mm256_and_ps(a.v, b.v)}; }
inline M8 operator|(M8 a, M8 b) { return {_mm256_or_ps(a.v, b.v)}; }
inline M8 AndNot(M8 a, M8 b) { return {_mm256_andnot_ps(b.v, a.v)}; }

struct I8 {
  static constexpr int kLanes = 8;
  using Mask = M8;
  __m256i v;
  I8() = default;
  I8(__m256i x) : v(x) {}
  I8(std::int32_t x) : v(_mm256_set1_epi32(x)) {}
  static I8 Load(const std::int32_t* p) { return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p)); }
  void Store(std::int32_t* p) const { _mm256_storeu_si256(reinterpret_cast<__m256i*>(p), v); }
  static I8 Gather(const std::int32_t* p, I8 i) { return _mm256_i32gather_epi32(p, i.v, 4); }
  static void GatherPairs(const std::int32_t* p, I8 i, I8& first, I8& second) {
    const auto* pairs = reinterpret_cast<const long long*>(p);
    // Pairs of the lanes 0 1 4 5 and 2 3 6 7, so that the shuffles below, which work on halves, bring them in order.
    const __m256i turned = _mm256_permute4x64_epi64(i.v, 0xd8);
    const __m256 a = _mm256_castsi256_ps(_mm256_i32gather_epi64(pairs, _mm256_castsi256_si128(turned), 4));
    const __m256 b = _mm256_castsi256_ps(_mm256_i32gather_epi64(pairs, _mm256_extracti128_si256(turned, 1), 4));
    first = _mm256_castps_si256(_mm256_shuffle_ps(a, b, 0x88));
    second = _mm256_castps_si256(_mm256_shuffle_ps(a, b, 0xdd));
  }
  static I8 LoadQuads(const std::int32_t* p, const std::int32_t* quad) {
    const auto* low = reinterpret_cast<const __m128i*>(p + 4 * quad[0]);
    return _mm256_inserti128_si256(_mm256_castsi128_si256(_mm_loadu_si128(low)),
                                   _mm_loadu_si128(reinterpret_cast<const __m128i*>(p + 4 * quad[1])), 1);
  }
  void StoreQuads(std::int32_t* p, const std::int32_t* quad) const {
    _mm_storeu_si128(reinterpret_cast<__m128i*>(p + 4 * quad[0]), _mm256_castsi256_si128(v));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(p + 4 * quad[1]), _mm256_extracti128_si256(v, 1));
  }
};
inline I8 operator+(I8 a, I8 b) { return _mm256_add_epi32(a.v, b.v); }
inline I8 operator-(I8 a, I8 b) { return _mm256_sub_epi32(a.v, b.v); }
inline I8 operator*(I8 a, I8 b) { return _mm256_mullo_epi32(a.v, b.v); }
inline I8 operator&(I8 a, I8 b) { return _mm256_and_si256(a.v, b.v); }
inline I8 operator|(I8 a, I8 b) { return _mm256_or_si256(a.v, b.v); }
inline I8 ShiftLeft(I8 a, int n) { return _mm256_slli_epi32(a.v, n); }
inline I8 ShiftRight(I8 a, int n) { return _mm256_srli_epi32(a.v, n); }
inline I8 Min(I8 a, I8 b) { return _mm256_min_epi32(a.v, b.v); }
inline I8 Max(I8 a, I8 b) { return _mm256_max_epi32(a.v, b.v); }
inline M8 operator==(I8 a, I8 b) { return {_mm256_castsi256_ps(_mm256_cmpeq_epi32(a.v, b.v))}; }
inline M8 operator<(I8 a, I8 b) { return {_mm256_castsi256_ps(_mm256_cmpgt_epi32(b.v, a.v))}; }
inline I8 Select(M8 m, I8 a, I8 b) { return _mm256_blendv_epi8(b.v, a.v, _mm256_castps_si256(m.v)); }

struct F8 {
  static constexpr int kLanes = 8;
  using Mask = M8;
  using Int = I8;
  __m256 v;
  F8() = default;
  F8(__m256 x) : v(x) {}
  F8(float x) : v(_mm256_set1_ps(x)) {}
  static F8 Gather(const float* p, I8 i) { return _mm256_i32gather_ps(p, i.v, 4); }
  static F8 Load(const float* p) { return _mm256_loadu_ps(p); }
  void Store(float* p) const { _mm256_storeu_ps(p, v); }
  static F8 LoadQuads(const float* p, const std::int32_t* quad) {
    return _mm256_insertf128_ps(_mm256_castps128_ps256(_mm_loadu_ps(p + 4 * quad[0])), _mm_loadu_ps(p + 4 * quad[1]),
                                1);
  }
  void StoreQuads(float* p, const std::int32_t* quad) const {
    _mm_storeu_ps(p + 4 * quad[0], _mm256_castps256_ps128(v));
    _mm_storeu_ps(p + 4 * quad[1], _mm256_extractf128_ps(v, 1));
  }
};
inline F8 operator+(F8 a, F8 b) { return _mm256_add_ps(a.v, b.v); }
inline F8 operator-(F8 a, F8 b) { return _mm256_sub_ps(a.v, b.v); }
inline F8 operator*(F8 a, F8 b) { return _mm256_mul_ps(a.v, b.v); }
inline F8 operator/(F8 a, F8 b) { return _mm256_div_ps(a.v, b.v); }
inline F8 Min(F8 a, F8 b) { return _mm256_min_ps(a.v, b.v); }
inline F8 Max(F8 a, F8 b) { return _mm256_max_ps(a.v, b.v); }
inline F8 Sqrt(F8 a) { return _mm256_sqrt_ps(a.v); }
inline F8 Floor(F8 a) { return _mm256_floor_ps(a.v); }
inline F8 Abs(F8 a) { return _mm256_and_ps(a.v, _mm256_castsi256_ps(_mm256_set1_epi32(0x7fffffff))); }
inline M8 operator<(F8 a, F8 b) { return {_mm256_cmp_ps(a.v, b.v, _CMP_LT_OQ)}; }
inline M8 operator<=(F8 a, F8 b) { return {_mm256_cmp_ps(a.v, b.v, _CMP_LE_OQ)}; }
inline M8 operator>(F8 a, F8 b) { return {_mm256_cmp_ps(a.v, b.v, _CMP_GT_OQ)}; }
inline M8 operator>=(F8 a, F8 b) { return {_mm256_cmp_ps(a.v, b.v, _CMP_GE_OQ)}; }
inline F8 Select(M8 m, F8 a, F8 b) { return _mm256_blendv_ps(b.v, a.v, m.v); }
inline I8 Truncate(F8 a) { return _mm256_cvttps_epi32(a.v); }
inline F8 ToFloat(I8 a) { return _mm256_cvtepi32_ps(a.v); }
inline I8 BitsOf(F8 a) { return _mm256_castps_si256(a.v); }
inline F8 FromBits(I8 a) { return _mm256_castsi256_ps(a.v); }

}  // namespace
}  // namespace divla::software::DIVLA_KERNEL
