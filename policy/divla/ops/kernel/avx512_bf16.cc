// AVX-512 with bfloat16 arithmetic. CMakeLists.txt sets the instruction set for this file alone.
#define DIVLA_KERNEL avx512_bf16
#include "policy/divla/ops/kernel/lanes_avx512.h"

namespace divla::kernel::avx512_bf16 {
namespace {

// Each lane adds the products of two pairs, in float32, both rounded; numbers below 2^-126 count as zero.
struct Bfloat16Dots {
  using X = std::uint16_t;
  using Weights = __m512bh;
  using Part = __m512bh;
  using Sum = __m512;
  static constexpr int kBytes = 2, kStep = 32, kSingleTile = 8, kTile = 4, kManyRows = 8, kManyTile = 3;
  static Sum Zero() { return _mm512_setzero_ps(); }
  static Weights Load(const void* from) { return reinterpret_cast<__m512bh>(_mm512_loadu_si512(from)); }
  static Part LoadPart(const void* from) { return Load(from); }
  static Sum Add(const Sum& sum, const Weights& weights, const Part& part) {
    return _mm512_dpbf16_ps(sum, weights, part);
  }
  static float Total(const Sum& sum) { return Lanes::Total(sum); }
};

}  // namespace

// Known to the compiler: code that sets it when the program starts would run on every processor.
constinit const Kernels kKernels = {{Multiply<Float32Weights<Lanes>>, Multiply<Float16Weights<Lanes>>,
                                     Multiply<Bfloat16Weights<Lanes>>, Multiply<Bfloat16Dots>},
                                    PackPairs<Lanes>,
                                    Read};

}  // namespace divla::kernel::avx512_bf16
