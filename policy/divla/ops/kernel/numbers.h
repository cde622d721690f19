// Sixteen-bit floating-point numbers in plain C++.
#pragma once

#include <cstdint>

// A function that may be compiled for several instruction sets is static: no file may get another file's copy.
#define DIVLA_LOCAL [[maybe_unused]] static inline

namespace divla::kernel {

// A bfloat16 is the upper half of a float.
DIVLA_LOCAL float FloatOfBfloat16(std::uint16_t number) {
  return __builtin_bit_cast(float, static_cast<std::uint32_t>(number) << 16);
}

// Rounded to nearest, ties to even; not a number stays that.
DIVLA_LOCAL std::uint16_t Bfloat16OfFloat(float number) {
  const auto bits = __builtin_bit_cast(std::uint32_t, number);
  if ((bits & 0x7fffffffU) > 0x7f800000U) return static_cast<std::uint16_t>(bits >> 16 | 0x40U);
  return static_cast<std::uint16_t>((bits + 0x7fffU + (bits >> 16 & 1U)) >> 16);
}

// IEEE 754 binary16: a sign, 5 bits of exponent with bias 15, 10 bits of fraction.
DIVLA_LOCAL float FloatOfHalf(std::uint16_t number) {
  const std::uint32_t sign = (number & 0x8000U) << 16, rest = number & 0x7fffU;
  if (rest >= 0x7c00U) return __builtin_bit_cast(float, sign | 0x7f800000U | (rest & 0x3ffU) << 13);
  // With the exponent's bias still that of a half, the float is 2^-112 of what is meant; this also fits subnormal ones.
  const float small = __builtin_bit_cast(float, rest << 13);
  return __builtin_bit_cast(float, sign | __builtin_bit_cast(std::uint32_t, small * 0x1p112f));
}

}  // namespace divla::kernel
