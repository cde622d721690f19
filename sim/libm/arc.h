// The inverse tangent as a sum of two doubles; shared by atan, atan2 and atan2f.
#pragma once

#include "sim/libm/double_double.h"

namespace divla::libm {

inline constexpr Pair kPi = {0x1.921fb54442d18p+1, 0x1.1a62633145c07p-53};
inline constexpr Pair kHalfPi = {0x1.921fb54442d18p+0, 0x1.1a62633145c07p-54};

// atan(y / x) for 0 <= y <= x, both of a size whose squares neither overflow nor underflow, y / x at least 2^-70 or so.
// `ratio` is y / x or next to it. With c = k/128 next to y/x: atan(y/x) = atan(c) + atan((y - c x) / (x + c y)).
// Relative error below 2^-66.
inline Pair ArcTangent(double y, double x, double ratio) {
  const double rounded = 128.0 * ratio + kRounder;
  const double c = (rounded - kRounder) * 0x1p-7;
  const Pair base = kArcTangents[Bits(rounded) & 255];
  const double x_head = Head(x);
  const double y_head = Head(y);
  const double top = y - c * x_head;  // exact, as all products with c here
  const double top_tail = -c * (x - x_head);
  const Pair sum_of_heads = FastTwoSum(x, c * y_head);
  const Pair bottom = FastTwoSum(sum_of_heads.hi, sum_of_heads.lo + c * (y - y_head));
  const double inverse = 1.0 / bottom.hi;
  const double q = (top + top_tail) * inverse;
  const Pair back = TwoProduct(q, bottom.hi);
  const double q_tail = (((top - back.hi) + top_tail) - (back.lo + q * bottom.lo)) * inverse;
  const double square = q * q;
  const double odd =
      q * square * (-0x1.5555555555555p-2 + square * (0x1.999999999999ap-3 - square * 0x1.2492492492492p-3));
  const Pair sum = FastTwoSum(base.hi, q);
  return {sum.hi, sum.lo + (base.lo + q_tail + odd)};
}

// base - part or base + part.
inline Pair Minus(Pair base, Pair part) {
  const Pair sum = FastTwoSum(base.hi, -part.hi);
  return {sum.hi, sum.lo + (base.lo - part.lo)};
}
inline Pair Plus(Pair base, Pair part) { return Minus(base, {-part.hi, -part.lo}); }

// The angle of the point (x, |y|), in [0, pi], for finite x and y that are not both zero. Where the angle is below
// 2^-60, or nearer than that to a multiple of pi/2, the series ends with its first term.
Pair AngleOf(double y, double x);

}  // namespace divla::libm
