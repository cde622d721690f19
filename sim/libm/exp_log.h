// exp and log as sums of two doubles; shared by exp, log, pow, log10 and the float functions.
#pragma once

#include <cstdint>

#include "sim/libm/double_double.h"

namespace divla::libm {

inline constexpr double kLn2Head = 0x1.62e42fefa3800p-1;  // a multiple of 2^-42: see LogCell
inline constexpr double kLn2Tail = 0x1.ef35793c76730p-45;

// A positive normal number as 2^exponent * z, 1/z about cell.inverse, and z * cell.inverse - 1 = r_head + r_tail
// exactly: z is rounded to 23 bits, which leaves 30, and the inverse has 12. r_head has at most 26 bits. |r_head +
// r_tail| <= 2^-7.7.
struct LogArgument {
  double exponent;
  LogCell cell;
  double r_head;
  double r_tail;
};

inline LogArgument SplitForLog(std::uint64_t bits) {
  const std::uint64_t above = bits - kLogStart;
  const LogCell cell = kLogCells[(above >> 45) & 127];
  const auto exponent = static_cast<double>(static_cast<std::int64_t>(above) >> 52);
  const std::uint64_t z_bits = bits - (above & 0xfff0000000000000);
  const double z = FromBits(z_bits);
  const double z_head = FromBits((z_bits + 0x20000000) & 0xffffffffc0000000);
  return {exponent, cell, z_head * cell.inverse - 1.0, (z - z_head) * cell.inverse};
}

// log(x) for the bits of a positive normal x. Relative error below 2^-67, also next to 1.
inline Pair LogPair(std::uint64_t bits) {
  const LogArgument a = SplitForLog(bits);
  const double r = a.r_head + a.r_tail;
  const double head_square = a.r_head * a.r_head;
  const double square = r * r;
  const double high = 0x1.5555555555555p-2 - r * 0.25 +
                      square * ((0x1.999999999999ap-3 - r * 0x1.5555555555555p-3) +
                                square * ((0x1.2492492492492p-3 - r * 0.125) + square * 0x1.c71c71c71c71cp-4));
  const double whole = a.exponent * kLn2Head + a.cell.log_head;  // exact
  const Pair one = FastTwoSum(whole, a.r_head);
  const Pair two = FastTwoSum(one.hi, -0.5 * head_square);
  const Pair three = TwoSum(two.hi, a.r_tail);
  const double small = a.exponent * kLn2Tail + a.cell.log_tail - a.r_tail * (a.r_head + 0.5 * a.r_tail);
  return FastTwoSum(three.hi, ((one.lo + two.lo) + three.lo) + (small + r * square * high));
}

// log(x) for the bits of a positive normal x, within 0.503 ulp; quicker than LogPair.
inline double RoundedLog(std::uint64_t bits) {
  const LogArgument a = SplitForLog(bits);
  const double whole = a.exponent * kLn2Head + a.cell.log_head;  // exact
  // Next to 1 the second part of r is no longer small beside the result.
  if (whole == 0 && Abs(a.r_head) < 0x1p-13) {
    const Pair log = LogPair(bits);
    return log.hi + log.lo;
  }
  const double r = a.r_head + a.r_tail;
  const double square = r * r;
  const double high = (0x1.5555555555555p-2 - r * 0.25) + square * ((0x1.999999999999ap-3 - r * 0x1.5555555555555p-3) +
                                                                    square * (0x1.2492492492492p-3 - r * 0.125));
  const Pair sum = FastTwoSum(whole, a.r_head);
  const double small = (a.exponent * kLn2Tail + a.cell.log_tail) + a.r_tail;
  return sum.hi + (sum.lo + (small + square * (r * high - 0.5)));
}

inline constexpr double kExpStepsPerUnit = 0x1.71547652b82fep+7;  // 128 / ln 2
inline constexpr double kExpStep1 = 0x1.62e42fef80000p-8;         // ln 2 / 128, first 34 bits, and the rest
inline constexpr double kExpStep2 = 0x1.1cf79abc9e3b4p-43;

// exp(x + x_tail) = (value + value * excess) * 2^exponent for |x| < 2000. Relative error below 2^-60.
struct ExpParts {
  double value;   // in [1, 2)
  double excess;  // |excess| < 2^-8
  int exponent;
};

inline ExpParts SplitExp(double x, double x_tail) {
  const double rounded = x * kExpStepsPerUnit + kRounder;
  const double count = rounded - kRounder;
  const double r = ((x - count * kExpStep1) - count * kExpStep2) + x_tail;
  const PowerOfTwo power = kPowersOfTwo[Bits(rounded) & 127];
  const double square = r * r;
  const double excess =
      power.relative_tail + r +
      square * ((0.5 + r * 0x1.5555555555555p-3) +
                square * ((0x1.5555555555555p-5 + r * 0x1.1111111111111p-7) + square * 0x1.6c16c16c16c17p-10));
  return {power.value, excess, static_cast<int>(static_cast<std::int64_t>(Bits(rounded) << 13) >> 20)};
}

// exp(x + x_tail) as a double, zero and infinity where it leaves the range. For |x| < 2000.
inline double RoundedExp(double x, double x_tail) {
  const ExpParts parts = SplitExp(x, x_tail);
  if (parts.exponent >= -950 && parts.exponent <= 1020) {
    const double scale = parts.value * PowerOfTwoDouble(parts.exponent);
    return scale + scale * parts.excess;
  }
  if (parts.exponent > 0) {
    const double half = parts.value * PowerOfTwoDouble(parts.exponent > 1030 ? 1023 : parts.exponent - 7);
    return (half + half * parts.excess) * (parts.exponent > 1030 ? 0x1p10 : 0x1p7);
  }
  if (parts.exponent < -1080) return 0x1p-1000 * 0x1p-1000;
  // Perhaps subnormal: rounded once, at the bit where the result ends, by adding a number whose last bit that is.
  const Pair sum = FastTwoSum(parts.value, parts.value * parts.excess);
  if (parts.exponent > -1022 || (parts.exponent == -1022 && sum.hi >= 1.0))
    return (sum.hi + sum.lo) * PowerOfTwoDouble(-1000) * PowerOfTwoDouble(parts.exponent + 1000);
  const double ruler = PowerOfTwoDouble(-1022 - parts.exponent);  // in units of 2^exponent the smallest normal number
  const Pair placed = FastTwoSum(ruler, sum.hi);
  return ((placed.hi + (placed.lo + sum.lo)) - ruler) * PowerOfTwoDouble(-500) * PowerOfTwoDouble(parts.exponent + 500);
}

// x to the power y as a sum of two doubles, relative error below 2^-58, for positive normal x (its bits) and |y log x|
// < 700.
inline Pair PowerPair(std::uint64_t x_bits, double y) {
  const Pair log = LogPair(x_bits);
  const Pair product = TwoProduct(y, log.hi);
  const ExpParts parts = SplitExp(product.hi, product.lo + y * log.lo);
  const double scale = parts.value * PowerOfTwoDouble(parts.exponent);
  return FastTwoSum(scale, scale * parts.excess);
}

}  // namespace divla::libm
