// An angle as a multiple of pi/128 and a rest, for sin, cos and tan.
#pragma once

#include <cstdint>

#include "sim/libm/double_double.h"

namespace divla::libm {

inline constexpr double kStepsPerRadian = 0x1.45f306dc9c883p+5;  // 128 / pi
// pi/128 in pieces: the first three have 30 bits, so that their products with a count below 2^23 are exact.
inline constexpr double kStep1 = 0x1.921fb54800000p-6;
inline constexpr double kStep2 = -0x1.de973dc800000p-37;
inline constexpr double kStep3 = -0x1.9d9cceb800000p-68;
inline constexpr double kStep4 = -0x1.1fc8f8cbb5bf7p-99;
inline constexpr double kLongReductionFrom = 0x1p17;

// x = steps * pi/128 + rest + rest_tail, |rest| <= pi/256 (or a hair more), steps modulo 256.
struct Reduced {
  std::uint64_t steps;
  double rest;
  double rest_tail;
};

// For finite x of kLongReductionFrom and more (Payne and Hanek, 1983): exact product of the mantissa with 256 bits of
// 1/(2 pi). The error of the rest is below 2^-190; no double comes nearer to a multiple of pi/2 than about 2^-62 of its
// size.
Reduced ReduceLong(double x);

// For finite x. Below kLongReductionFrom (Cody and Waite, 1980) the error is below 2^-126.
inline Reduced Reduce(double x) {
  if (Abs(x) >= kLongReductionFrom) return ReduceLong(x);
  const double rounded = x * kStepsPerRadian + kRounder;
  const double count = rounded - kRounder;
  const double first = x - count * kStep1;  // exact
  const Pair second = TwoSum(first, -count * kStep2);
  const Pair third = TwoSum(second.hi, -count * kStep3);
  return {Bits(rounded), third.hi, (second.lo + third.lo) - count * kStep4};
}

}  // namespace divla::libm
