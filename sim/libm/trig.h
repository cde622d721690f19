// The sine of a reduced angle, as a sum of two doubles; shared by the double and the float functions.
#pragma once

#include "sim/libm/reduction.h"

namespace divla::libm {

// sin(angle + quarter * pi/128): quarter 0 for the sine, 64 for the cosine. Relative error below 2^-66.
// With S + C the table's sine and cosine and d the rest: sin = S cos d + C sin d = S + C d + (S (cos d - 1) + C (sin d
// - d)), where the heads of S and C d add exactly and all that is left is 2^-13 smaller.
inline Pair SineAt(const Reduced& angle, std::uint64_t quarter) {
  const SplitNumber sine = kSines[(angle.steps + quarter) & 255];
  const SplitNumber cosine = kSines[(angle.steps + quarter + 64) & 255];
  const double d = angle.rest;
  const double d_head = Head(d);
  const double d_tail = d - d_head;
  const double square = d * d;
  const double odd =  // sin(d + tail) - d
      d * square * (-0x1.5555555555555p-3 + square * (0x1.1111111111111p-7 - square * 0x1.a01a01a01a01ap-13)) +
      angle.rest_tail;
  const double even =  // cos(d + tail) - 1
      square * (-0.5 + square * (0x1.5555555555555p-5 - square * 0x1.6c16c16c16c17p-10)) - d * angle.rest_tail;
  const Pair sum = FastTwoSum(sine.head, cosine.head * d_head);
  const double small = (cosine.head + cosine.tail) * odd + (sine.head + sine.tail) * even;
  return {sum.hi, sum.lo + (sine.tail + (cosine.tail * d + (cosine.head * d_tail + small)))};
}

}  // namespace divla::libm
