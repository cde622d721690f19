// The special cases of x to the power y (C17, F.10.4.4), for pow and powf.
#pragma once

#include "sim/libm/double_double.h"

namespace divla::libm {

struct PowerCase {
  bool done;  // `value` is the result
  double value;
  bool negative;  // otherwise the result is |x|^y with this sign; x and y are then finite and not 0
};

enum class Parity { kNone, kEven, kOdd };  // kNone: not an integer

inline Parity ParityOf(double y) {
  const double size = Abs(y);
  if (size >= 0x1p53) return Parity::kEven;
  if (size < 1.0) return size == 0 ? Parity::kEven : Parity::kNone;
  const int fraction_bits = 1075 - static_cast<int>(Bits(size) >> 52);  // 0 to 52
  const std::uint64_t mantissa = (Bits(size) & 0x000fffffffffffff) | 0x0010000000000000;
  const std::uint64_t unit = std::uint64_t{1} << fraction_bits;
  if ((mantissa & (unit - 1)) != 0) return Parity::kNone;
  return (mantissa & unit) != 0 ? Parity::kOdd : Parity::kEven;
}

inline PowerCase SortPower(double x, double y) {
  const double x_size = Abs(x);
  const double y_size = Abs(y);
  const bool x_ordinary = x_size > 0 && Bits(x_size) < kInfinityBits;
  const bool y_ordinary = y_size > 0 && Bits(y_size) < kInfinityBits;
  if (x_ordinary && y_ordinary && x > 0) return {false, 0.0, false};
  if (y == 0 || x == 1.0) return {true, 1.0, false};
  if (IsNan(x) || IsNan(y)) return {true, x + y, false};
  if (Bits(y_size) == kInfinityBits) {
    if (x_size == 1.0) return {true, 1.0, false};
    return {true, (x_size > 1.0) == (y > 0) ? FromBits(kInfinityBits) : 0.0, false};
  }
  const Parity parity = ParityOf(y);
  const bool negative = (Bits(x) & kSignBit) != 0 && parity == Parity::kOdd;
  if (!x_ordinary) {  // 0 or infinity
    const double sign = negative ? -1.0 : 1.0;
    if (x == 0 && y < 0) return {true, sign / x_size, false};
    return {true, sign * ((x == 0) == (y > 0) ? 0.0 : FromBits(kInfinityBits)), false};
  }
  if (parity == Parity::kNone) return {true, (x - x) / (x - x), false};  // of a negative x
  return {false, 0.0, negative};
}

}  // namespace divla::libm
