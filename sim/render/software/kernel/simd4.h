// Four lanes (SSE4.2): float F4, int32 I4, mask M4. The same names exist with 8 and 16 lanes. Every operation is
// exactly rounded IEEE arithmetic on each lane by itself, so a lane's bits do not depend on the number of lanes.
#pragma once

#include <smmintrin.h>

#include <cstdint>

namespace divla::software::DIVLA_KERNEL {
namespace {

struct M4 {
  __m128 v;
  unsigned Bits() const { return static_cast<unsigned>(_mm_movemask_ps(v)); }
};
inline M4 operator&(M4 a, M4 b) { return {_mm_and_ps(a.v, b.v)}; }
inline M4 operator|(M4 a, M4 b) { return {_mm_or_ps(a.v, b.v)}; }
inline M4 AndNot(M4 a, M4 b) { return {_mm_andnot_ps(b.v, a.v)}; }  // a and not b

struct F4;
struct I4 {
  static constexpr int kLanes = 4;
  using Mask = M4;
  __m128i v;
  I4() = default;
  I4(__m128i x) : v(x) {}
  I4(std::int32_t x) : v(_mm_set1_epi32(x)) {}
  static I4 Load(const std::int32_t* p) { return _mm_loadu_si128(reinterpret_cast<const __m128i*>(p)); }
  void Store(std::int32_t* p) const { _mm_storeu_si128(reinterpret_cast<__m128i*>(p), v); }
  static I4 Gather(const std::int32_t* p, I4 i) {
    return _mm_setr_epi32(p[_mm_extract_epi32(i.v, 0)], p[_mm_extract_epi32(i.v, 1)], p[_mm_extract_epi32(i.v, 2)],
                          p[_mm_extract_epi32(i.v, 3)]);
  }
  // first = p[i], second = p[i + 1].
  static void GatherPairs(const std::int32_t* p, I4 i, I4& first, I4& second) {
    const auto pair = [&](std::int32_t at) { return _mm_loadl_epi64(reinterpret_cast<const __m128i*>(p + at)); };
    const __m128i low = _mm_unpacklo_epi32(pair(_mm_extract_epi32(i.v, 0)), pair(_mm_extract_epi32(i.v, 1)));
    const __m128i high = _mm_unpacklo_epi32(pair(_mm_extract_epi32(i.v, 2)), pair(_mm_extract_epi32(i.v, 3)));
    first = _mm_unpacklo_epi64(low, high);
    second = _mm_unpackhi_epi64(low, high);
  }
  // Four numbers from p + 4 quad[k] for the k-th four lanes; LoadQuads and StoreQuads of floats likewise.
  static I4 LoadQuads(const std::int32_t* p, const std::int32_t* quad) { return Load(p + 4 * quad[0]); }
  void StoreQuads(std::int32_t* p, const std::int32_t* quad) const { Store(p + 4 * quad[0]); }
};
inline I4 operator+(I4 a, I4 b) { return _mm_add_epi32(a.v, b.v); }
inline I4 operator-(I4 a, I4 b) { return _mm_sub_epi32(a.v, b.v); }
inline I4 operator*(I4 a, I4 b) { return _mm_mullo_epi32(a.v, b.v); }
inline I4 operator&(I4 a, I4 b) { return _mm_and_si128(a.v, b.v); }
inline I4 operator|(I4 a, I4 b) { return _mm_or_si128(a.v, b.v); }
inline I4 ShiftLeft(I4 a, int n) { return _mm_slli_epi32(a.v, n); }
inline I4 ShiftRight(I4 a, int n) { return _mm_srli_epi32(a.v, n); }
inline I4 Min(I4 a, I4 b) { return _mm_min_epi32(a.v, b.v); }
inline I4 Max(I4 a, I4 b) { return _mm_max_epi32(a.v, b.v); }
inline M4 operator==(I4 a, I4 b) { return {_mm_castsi128_ps(_mm_cmpeq_epi32(a.v, b.v))}; }
inline M4 operator<(I4 a, I4 b) { return {_mm_castsi128_ps(_mm_cmplt_epi32(a.v, b.v))}; }
inline I4 Select(M4 m, I4 a, I4 b) { return _mm_blendv_epi8(b.v, a.v, _mm_castps_si128(m.v)); }

struct F4 {
  static constexpr int kLanes = 4;
  using Mask = M4;
  using Int = I4;
  __m128 v;
  F4() = default;
  F4(__m128 x) : v(x) {}
  F4(float x) : v(_mm_set1_ps(x)) {}
  static F4 Gather(const float* p, I4 i) {
    return _mm_setr_ps(p[_mm_extract_epi32(i.v, 0)], p[_mm_extract_epi32(i.v, 1)], p[_mm_extract_epi32(i.v, 2)],
                       p[_mm_extract_epi32(i.v, 3)]);
  }
  static F4 Load(const float* p) { return _mm_loadu_ps(p); }
  void Store(float* p) const { _mm_storeu_ps(p, v); }
  static F4 LoadQuads(const float* p, const std::int32_t* quad) { return Load(p + 4 * quad[0]); }
  void StoreQuads(float* p, const std::int32_t* quad) const { Store(p + 4 * quad[0]); }
};
inline F4 operator+(F4 a, F4 b) { return _mm_add_ps(a.v, b.v); }
inline F4 operator-(F4 a, F4 b) { return _mm_sub_ps(a.v, b.v); }
inline F4 operator*(F4 a, F4 b) { return _mm_mul_ps(a.v, b.v); }
inline F4 operator/(F4 a, F4 b) { return _mm_div_ps(a.v, b.v); }
inline F4 Min(F4 a, F4 b) { return _mm_min_ps(a.v, b.v); }
inline F4 Max(F4 a, F4 b) { return _mm_max_ps(a.v, b.v); }
inline F4 Sqrt(F4 a) { return _mm_sqrt_ps(a.v); }
inline F4 Floor(F4 a) { return _mm_floor_ps(a.v); }
inline F4 Abs(F4 a) { return _mm_and_ps(a.v, _mm_castsi128_ps(_mm_set1_epi32(0x7fffffff))); }
inline M4 operator<(F4 a, F4 b) { return {_mm_cmplt_ps(a.v, b.v)}; }
inline M4 operator<=(F4 a, F4 b) { return {_mm_cmple_ps(a.v, b.v)}; }
inline M4 operator>(F4 a, F4 b) { return {_mm_cmpgt_ps(a.v, b.v)}; }
inline M4 operator>=(F4 a, F4 b) { return {_mm_cmpge_ps(a.v, b.v)}; }
inline F4 Select(M4 m, F4 a, F4 b) { return _mm_blendv_ps(b.v, a.v, m.v); }
inline I4 Truncate(F4 a) { return _mm_cvttps_epi32(a.v); }  // the caller keeps it in the range of int32
inline F4 ToFloat(I4 a) { return _mm_cvtepi32_ps(a.v); }
inline I4 BitsOf(F4 a) { return _mm_castps_si128(a.v); }
inline F4 FromBits(I4 a) { return _mm_castsi128_ps(a.v); }

}  // namespace
}  // namespace divla::software::DIVLA_KERNEL
