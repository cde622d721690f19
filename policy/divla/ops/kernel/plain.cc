// Plain C++: for processors without AVX2, and to compare the others with.
#define DIVLA_KERNEL plain
#include "policy/divla/ops/kernel/loops.h"
#include "policy/divla/ops/kernel/numbers.h"

namespace divla::kernel::plain {
namespace {

struct Lanes {
  static constexpr int kWidth = 4, kSingleTile = 4, kTile = 2;
  struct Vector {
    float lanes[kWidth];
  };
  static Vector Zero() { return {}; }
  static Vector LoadFloats(const float* from) {
    Vector out;
    __builtin_memcpy(out.lanes, from, sizeof(out.lanes));
    return out;
  }
  static Vector LoadHalves(const unsigned char* from) {
    std::uint16_t halves[kWidth];
    __builtin_memcpy(halves, from, sizeof(halves));
    Vector out;
    for (int i = 0; i < kWidth; ++i) out.lanes[i] = FloatOfHalf(halves[i]);
    return out;
  }
  static void LoadPairs(const unsigned char* from, Vector& even, Vector& odd) {
    std::uint16_t numbers[2 * kWidth];
    __builtin_memcpy(numbers, from, sizeof(numbers));
    for (int i = 0; i < kWidth; ++i) {
      even.lanes[i] = FloatOfBfloat16(numbers[2 * i]);
      odd.lanes[i] = FloatOfBfloat16(numbers[2 * i + 1]);
    }
  }
  static Vector MultiplyAdd(const Vector& a, const Vector& b, const Vector& sum) {
    Vector out;
    for (int i = 0; i < kWidth; ++i) out.lanes[i] = sum.lanes[i] + a.lanes[i] * b.lanes[i];
    return out;
  }
  static float Total(const Vector& sum) { return (sum.lanes[0] + sum.lanes[2]) + (sum.lanes[1] + sum.lanes[3]); }
};

std::uint64_t Read(const void* data, std::int64_t bytes) {
  const auto* at = static_cast<const unsigned char*>(data);
  std::uint64_t sums[8] = {};
  for (const unsigned char* end = at + bytes; at < end; at += 64) {
    std::uint64_t numbers[8];
    __builtin_memcpy(numbers, at, sizeof(numbers));
    for (int i = 0; i < 8; ++i) sums[i] += numbers[i];
  }
  std::uint64_t sum = 0;
  for (const std::uint64_t part : sums) sum += part;
  return sum;
}

}  // namespace

// Known to the compiler: code that sets it when the program starts would run on every processor.
constinit const Kernels kKernels = {
    {Multiply<Float32Weights<Lanes>>, Multiply<Float16Weights<Lanes>>, Multiply<Bfloat16Weights<Lanes>>, nullptr},
    PackPairs<Lanes>,
    Read};

}  // namespace divla::kernel::plain
