// AVX2 with FMA and F16C: eight floats in a register. CMakeLists.txt sets the instruction set for this file alone.
#define DIVLA_KERNEL avx2
#include <immintrin.h>

#include "policy/divla/ops/kernel/loops.h"

namespace divla::kernel::avx2 {
namespace {

struct Lanes {
  using Vector = __m256;
  static constexpr int kWidth = 8, kSingleTile = 4, kTile = 2;  // of 16 registers: 4 or 8 sums, 8 or 4 weights
  static Vector Zero() { return _mm256_setzero_ps(); }
  static Vector LoadFloats(const float* from) { return _mm256_loadu_ps(from); }
  static Vector LoadHalves(const void* from) {
    return _mm256_cvtph_ps(_mm_loadu_si128(static_cast<const __m128i*>(from)));
  }
  // A bfloat16 is the upper half of a float. In a register of pairs, the odd ones stand where they belong.
  static void LoadPairs(const void* from, Vector& even, Vector& odd) {
    const __m256i pairs = _mm256_loadu_si256(static_cast<const __m256i*>(from));
    even = _mm256_castsi256_ps(_mm256_slli_epi32(pairs, 16));
    odd = _mm256_castsi256_ps(_mm256_and_si256(pairs, _mm256_set1_epi32(-65536)));
  }
  static Vector MultiplyAdd(const Vector& a, const Vector& b, const Vector& sum) { return _mm256_fmadd_ps(a, b, sum); }
  static float Total(const Vector& sum) {
    const __m128 quarter = _mm_add_ps(_mm256_castps256_ps128(sum), _mm256_extractf128_ps(sum, 1));
    const __m128 pair = _mm_add_ps(quarter, _mm_movehl_ps(quarter, quarter));
    return _mm_cvtss_f32(_mm_add_ss(pair, _mm_movehdup_ps(pair)));
  }
};

std::uint64_t Read(const void* data, std::int64_t bytes) {
  const auto* at = static_cast<const unsigned char*>(data);
  __m256i sums[4] = {_mm256_setzero_si256(), _mm256_setzero_si256(), _mm256_setzero_si256(), _mm256_setzero_si256()};
  for (const unsigned char* end = at + bytes; at < end; at += 128) {
    for (int i = 0; i < 4; i += 2) {
      _mm_prefetch(reinterpret_cast<const char*>(at) + kReadAhead + 32 * i, _MM_HINT_NTA);
    }
    for (int i = 0; i < 4; ++i) {
      sums[i] = _mm256_add_epi64(sums[i], _mm256_loadu_si256(reinterpret_cast<const __m256i*>(at + 32 * i)));
    }
  }
  const __m256i sum = _mm256_add_epi64(_mm256_add_epi64(sums[0], sums[1]), _mm256_add_epi64(sums[2], sums[3]));
  alignas(32) std::uint64_t lanes[4];
  _mm256_store_si256(reinterpret_cast<__m256i*>(lanes), sum);
  return lanes[0] + lanes[1] + lanes[2] + lanes[3];
}

}  // namespace

// Known to the compiler: code that sets it when the program starts would run on every processor.
constinit const Kernels kKernels = {
    {Multiply<Float32Weights<Lanes>>, Multiply<Float16Weights<Lanes>>, Multiply<Bfloat16Weights<Lanes>>, nullptr},
    PackPairs<Lanes>,
    Read};

}  // namespace divla::kernel::avx2
