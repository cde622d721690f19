// Arithmetic on unevaluated sums of two doubles, and the bits of a double. Only IEEE operations that round to nearest:
// every function here gives the same bits on every machine as long as no multiplication is fused with an addition
// (-ffp-contract=off) and no SSE control bit is changed.
// Source of the sums and products: T. J. Dekker, "A floating-point technique for extending the available precision",
// 1971.
#pragma once

#include <bit>
#include <cstdint>

#include "sim/libm/tables.h"

namespace divla::libm {

inline constexpr std::uint64_t kSignBit = 0x8000000000000000;
inline constexpr std::uint64_t kInfinityBits = 0x7ff0000000000000;
// Adding and taking away 1.5 * 2^52 rounds a double below 2^51 to an integer, which then stands in the low bits of the
// sum.
inline constexpr double kRounder = 0x1.8p52;

inline std::uint64_t Bits(double x) { return std::bit_cast<std::uint64_t>(x); }
inline double FromBits(std::uint64_t bits) { return std::bit_cast<double>(bits); }
inline double Abs(double x) { return FromBits(Bits(x) & ~kSignBit); }
inline double WithSignOf(double magnitude, double sign) { return FromBits(Bits(magnitude) | (Bits(sign) & kSignBit)); }
inline double Sqrt(double x) { return __builtin_sqrt(x); }  // one instruction: exactly rounded
inline bool IsNan(double x) { return x != x; }

// 2^exponent for -1022 <= exponent <= 1023.
inline double PowerOfTwoDouble(int exponent) { return FromBits(static_cast<std::uint64_t>(exponent + 1023) << 52); }

// The first 26 bits of the mantissa: products of two such numbers are exact.
inline double Head(double x) { return FromBits(Bits(x) & 0xfffffffff8000000); }

// Exact sum of any a and b.
inline Pair TwoSum(double a, double b) {
  const double sum = a + b;
  const double b_part = sum - a;
  return {sum, (a - (sum - b_part)) + (b - b_part)};
}

// Exact sum when |a| >= |b| or a is zero.
inline Pair FastTwoSum(double a, double b) {
  const double sum = a + b;
  return {sum, b - (sum - a)};
}

// a * b with a relative error below 2^-104, without overflow or underflow.
inline Pair TwoProduct(double a, double b) {
  const double a_head = Head(a);
  const double b_head = Head(b);
  const double a_tail = a - a_head;
  const double b_tail = b - b_head;
  const double product = a * b;
  return {product, (((a_head * b_head - product) + a_head * b_tail) + a_tail * b_head) + a_tail * b_tail};
}

// The float nearest to hi + lo (ties to even), rounded once: where hi alone would end on a bit that a second rounding
// could read as a tie, its last bit is made odd towards lo ("round to odd"; Boldo and Melquiond, 2008).
inline float ToFloat(Pair sum) {
  const Pair normal = FastTwoSum(sum.hi, sum.lo);
  std::uint64_t bits = Bits(normal.hi);
  if (normal.lo != 0 && (bits & 1) == 0) {
    const bool away = (normal.lo > 0) == (normal.hi > 0);
    bits = away ? bits + 1 : bits - 1;
  }
  return static_cast<float>(FromBits(bits));
}

// Whether every number within `units` units in the last place of x, a double in the range of normal floats, rounds to
// the same float as x.
inline bool RoundsSafely(double x, std::uint64_t units) {
  constexpr std::uint64_t kHalf = std::uint64_t{1} << 28;
  constexpr std::uint64_t kMask = (std::uint64_t{1} << 29) - 1;
  return ((Bits(x) + units - kHalf) & kMask) > 2 * units;
}

}  // namespace divla::libm
