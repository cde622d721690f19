// exp, log, log10 and pow of doubles.
#include "sim/libm/exp_log.h"

#include "sim/libm/libm.h"
#include "sim/libm/power_cases.h"

namespace divla::libm {
namespace {

constexpr Pair kInverseLn10 = {0x1.bcb7b1526e50ep-2, 0x1.95355baaafad3p-57};

double Exp(double x) {
  if (Abs(x) < 0x1p-54) return 1.0 + x;
  if (!(Abs(x) < 1000.0)) {
    if (IsNan(x)) return x + x;
    if (x > 0) return Bits(x) == kInfinityBits ? x : 0x1p1000 * 0x1p1000;
    return Bits(Abs(x)) == kInfinityBits ? 0.0 : 0x1p-1000 * 0x1p-1000;
  }
  return RoundedExp(x, 0.0);
}

// The logarithm of 0, negative numbers, infinity and NaN.
double LogOfOthers(double x) {
  if (x == 0) return -1.0 / (x * x);
  if (IsNan(x) || Bits(x) == kInfinityBits) return x + x;
  return (x - x) / (x - x) * 0.0;
}

Pair LogOfPositive(double x) {
  if (x >= 0x1p-1022) return LogPair(Bits(x));
  return LogPair(Bits(x * 0x1p52) - (std::uint64_t{52} << 52));
}

bool IsPositiveFinite(double x) { return x > 0 && Bits(x) < kInfinityBits; }

// The power of a positive, finite x and a finite y, neither 0.
double PowerOfPositive(double x, double y) {
  if (x == 1.0) return 1.0;
  // |log x| is at least 2^-53 and at most 745: beyond these sizes of y the result is out of range, or 1.
  if (Abs(y) >= 0x1p64) return (y > 0) == (x > 1.0) ? 0x1p1000 * 0x1p1000 : 0x1p-1000 * 0x1p-1000;
  if (Abs(y) < 0x1p-65) return 1.0 + y;
  const Pair log = LogOfPositive(x);
  const Pair product = TwoProduct(y, log.hi);
  if (!(Abs(product.hi) < 1000.0)) return product.hi > 0 ? 0x1p1000 * 0x1p1000 : 0x1p-1000 * 0x1p-1000;
  return RoundedExp(product.hi, product.lo + y * log.lo);
}

}  // namespace
}  // namespace divla::libm

extern "C" {

double exp(double x) noexcept { return divla::libm::Exp(x); }

double log(double x) noexcept {
  if (!divla::libm::IsPositiveFinite(x)) return divla::libm::LogOfOthers(x);
  if (x >= 0x1p-1022) return divla::libm::RoundedLog(divla::libm::Bits(x));
  const divla::libm::Pair log = divla::libm::LogOfPositive(x);
  return log.hi + log.lo;
}

double log10(double x) noexcept {
  if (!divla::libm::IsPositiveFinite(x)) return divla::libm::LogOfOthers(x);
  const divla::libm::Pair log = divla::libm::LogOfPositive(x);
  const divla::libm::Pair product = divla::libm::TwoProduct(log.hi, divla::libm::kInverseLn10.hi);
  return product.hi + (product.lo + (log.hi * divla::libm::kInverseLn10.lo + log.lo * divla::libm::kInverseLn10.hi));
}

double pow(double x, double y) noexcept {
  const divla::libm::PowerCase power = divla::libm::SortPower(x, y);
  if (power.done) return power.value;
  const double size = divla::libm::PowerOfPositive(divla::libm::Abs(x), y);
  return power.negative ? -size : size;
}

}  // extern "C"
