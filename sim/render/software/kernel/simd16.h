// Sixteen lanes (AVX-512 F, DQ); see simd4.h.
#pragma once

#include <immintrin.h>

#include <cstdint>

namespace divla::software::DIVLA_KERNEL {
namespace {

struct M16 {
  __mmask16 v;
  unsigned Bits() const { return v; }
};
inline M16 operator&(M16 a, M16 b) { return {static_cast<__mmask16>(a.v & b.v)}; }
inline M16 operator|(M16 a, M16 b) { return {static_cast<__mmask16>(a.v | b.v)}; }
inline M16 AndNot(M16 a, M16 b) { return {static_cast<__mmask16>(a.v & ~b.v)}; }

struct I16 {
  static constexpr int kLanes = 16;
  using Mask = M16;
  __m512i v;
  I16() = default;
  I16(__m512i x) : v(x) {}
  I16(std::int32_t x) : v(_mm512_set1_epi32(x)) {}
  static I16 Load(const std::int32_t* p) { return _mm512_loadu_si512(p); }
  void Store(std::int32_t* p) const { _mm512_storeu_si512(p, v); }
  static I16 Gather(const std::int32_t* p, I16 i) { return _mm512_i32gather_epi32(i.v, p, 4); }
  static void GatherPairs(const std::int32_t* p, I16 i, I16& first, I16& second) {
    const __m512i low = _mm512_i32gather_epi64(_mm512_castsi512_si256(i.v), p, 4);
    const __m512i high = _mm512_i32gather_epi64(_mm512_extracti32x8_epi32(i.v, 1), p, 4);
    const __m512i even = _mm512_setr_epi32(0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30);
    first = _mm512_permutex2var_epi32(low, even, high);
    second = _mm512_permutex2var_epi32(low, _mm512_add_epi32(even, _mm512_set1_epi32(1)), high);
  }
  static I16 LoadQuads(const std::int32_t* p, const std::int32_t* quad) {
    const auto at = [&](int k) { return _mm_loadu_si128(reinterpret_cast<const __m128i*>(p + 4 * quad[k])); };
    const __m512i low = _mm512_inserti32x4(_mm512_castsi128_si512(at(0)), at(1), 1);
    return _mm512_inserti32x4(_mm512_inserti32x4(low, at(2), 2), at(3), 3);
  }
  void StoreQuads(std::int32_t* p, const std::int32_t* quad) const {
    const auto at = [&](int k) { return reinterpret_cast<__m128i*>(p + 4 * quad[k]); };
    _mm_storeu_si128(at(0), _mm512_castsi512_si128(v));
    _mm_storeu_si128(at(1), _mm512_extracti32x4_epi32(v, 1));
    _mm_storeu_si128(at(2), _mm512_extracti32x4_epi32(v, 2));
    _mm_storeu_si128(at(3), _mm512_extracti32x4_epi32(v, 3));
  }
};
inline I16 operator+(I16 a, I16 b) { return _mm512_add_epi32(a.v, b.v); }
inline I16 operator-(I16 a, I16 b) { return _mm512_sub_epi32(a.v, b.v); }
inline I16 operator*(I16 a, I16 b) { return _mm512_mullo_epi32(a.v, b.v); }
inline I16 operator&(I16 a, I16 b) { return _mm512_and_si512(a.v, b.v); }
inline I16 operator|(I16 a, I16 b) { return _mm512_or_si512(a.v, b.v); }
inline I16 ShiftLeft(I16 a, int n) { return _mm512_sll_epi32(a.v, _mm_cvtsi32_si128(n)); }
inline I16 ShiftRight(I16 a, int n) { return _mm512_srl_epi32(a.v, _mm_cvtsi32_si128(n)); }
inline I16 Min(I16 a, I16 b) { return _mm512_min_epi32(a.v, b.v); }
inline I16 Max(I16 a, I16 b) { return _mm512_max_epi32(a.v, b.v); }
inline M16 operator==(I16 a, I16 b) { return {_mm512_cmpeq_epi32_mask(a.v, b.v)}; }
inline M16 operator<(I16 a, I16 b) { return {_mm512_cmplt_epi32_mask(a.v, b.v)}; }
inline I16 Select(M16 m, I16 a, I16 b) { return _mm512_mask_blend_epi32(m.v, b.v, a.v); }

struct F16 {
  static constexpr int kLanes = 16;
  using Mask = M16;
  using Int = I16;
  __m512 v;
  F16() = default;
  F16(__m512 x) : v(x) {}
  F16(float x) : v(_mm512_set1_ps(x)) {}
  static F16 Gather(const float* p, I16 i) { return _mm512_i32gather_ps(i.v, p, 4); }
  static F16 Load(const float* p) { return _mm512_loadu_ps(p); }
  void Store(float* p) const { _mm512_storeu_ps(p, v); }
  static F16 LoadQuads(const float* p, const std::int32_t* quad) {
    const auto at = [&](int k) { return _mm_loadu_ps(p + 4 * quad[k]); };
    const __m512 low = _mm512_insertf32x4(_mm512_castps128_ps512(at(0)), at(1), 1);
    return _mm512_insertf32x4(_mm512_insertf32x4(low, at(2), 2), at(3), 3);
  }
  void StoreQuads(float* p, const std::int32_t* quad) const {
    _mm_storeu_ps(p + 4 * quad[0], _mm512_castps512_ps128(v));
    _mm_storeu_ps(p + 4 * quad[1], _mm512_extractf32x4_ps(v, 1));
    _mm_storeu_ps(p + 4 * quad[2], _mm512_extractf32x4_ps(v, 2));
    _mm_storeu_ps(p + 4 * quad[3], _mm512_extractf32x4_ps(v, 3));
  }
};
inline F16 operator+(F16 a, F16 b) { return _mm512_add_ps(a.v, b.v); }
inline F16 operator-(F16 a, F16 b) { return _mm512_sub_ps(a.v, b.v); }
inline F16 operator*(F16 a, F16 b) { return _mm512_mul_ps(a.v, b.v); }
inline F16 operator/(F16 a, F16 b) { return _mm512_div_ps(a.v, b.v); }
inline F16 Min(F16 a, F16 b) { return _mm512_min_ps(a.v, b.v); }
inline F16 Max(F16 a, F16 b) { return _mm512_max_ps(a.v, b.v); }
inline F16 Sqrt(F16 a) { return _mm512_sqrt_ps(a.v); }
inline F16 Floor(F16 a) { return _mm512_roundscale_ps(a.v, _MM_FROUND_TO_NEG_INF | _MM_FROUND_NO_EXC); }
inline F16 Abs(F16 a) { return _mm512_abs_ps(a.v); }
inline M16 operator<(F16 a, F16 b) { return {_mm512_cmp_ps_mask(a.v, b.v, _CMP_LT_OQ)}; }
inline M16 operator<=(F16 a, F16 b) { return {_mm512_cmp_ps_mask(a.v, b.v, _CMP_LE_OQ)}; }
inline M16 operator>(F16 a, F16 b) { return {_mm512_cmp_ps_mask(a.v, b.v, _CMP_GT_OQ)}; }
inline M16 operator>=(F16 a, F16 b) { return {_mm512_cmp_ps_mask(a.v, b.v, _CMP_GE_OQ)}; }
inline F16 Select(M16 m, F16 a, F16 b) { return _mm512_mask_blend_ps(m.v, b.v, a.v); }
inline I16 Truncate(F16 a) { return _mm512_cvttps_epi32(a.v); }
inline F16 ToFloat(I16 a) { return _mm512_cvtepi32_ps(a.v); }
inline I16 BitsOf(F16 a) { return _mm512_castps_si512(a.v); }
inline F16 FromBits(I16 a) { return _mm512_castsi512_ps(a.v); }

}  // namespace
}  // namespace divla::software::DIVLA_KERNEL
