// cbrt and hypot of doubles.
#include "sim/libm/double_double.h"
#include "sim/libm/libm.h"

namespace divla::libm {
namespace {

// The cube root of z in [1, 2) within 2^-21, fitted by make_tables.py.
double CbrtStart(double z) {
  const double square = z * z;
  return ((0x1.cb68f94b94beap-2 + z * 0x1.e33114033c8b7p-1) +
          square * (-0x1.4f65258278179p-1 + z * 0x1.8026ac948a766p-2)) +
         square * square * ((-0x1.1d2e558db1d25p-3 + z * 0x1.e346250683378p-6) - square * 0x1.6254d5208eb99p-9);
}

constexpr double kCbrtOfPowers[3] = {1.0, 0x1.428a2f98d728bp+0, 0x1.965fea53d6e3dp+0};  // of 1, 2, 4

double Cbrt(double x) {
  const double size = Abs(x);
  if (!(size > 0) || Bits(size) >= kInfinityBits) return x + x;
  const bool subnormal = size < 0x1p-1022;
  const std::uint64_t bits = Bits(subnormal ? size * 0x1p54 : size);
  // size = 2^(3 third + rest) z
  const int shifted = static_cast<int>(bits >> 52) - 1023 - (subnormal ? 54 : 0) + 1200;
  const int third = shifted / 3 - 400;
  const int rest = shifted % 3;
  const double z = FromBits((bits & 0x000fffffffffffff) | 0x3ff0000000000000);
  const double target = z * static_cast<double>(1 << rest);
  // A start of 17 bits, whose cube is exact, and the series of (1 + d)^(1/3) for the rest.
  const double start =
      FromBits((Bits(CbrtStart(z) * kCbrtOfPowers[rest]) + (std::uint64_t{1} << 35)) & 0xfffffff000000000);
  const double cube = start * start * start;
  const double d = (target - cube) / cube;
  const double root =
      start + start * (d * (0x1.5555555555555p-2 + d * (-0x1.c71c71c71c71cp-4 + d * 0x1.f9add3c0ca458p-5)));
  return WithSignOf(root * PowerOfTwoDouble(third), x);
}

double Hypot(double x, double y) {
  double high = Abs(x);
  double low = Abs(y);
  if (Bits(high) == kInfinityBits || Bits(low) == kInfinityBits) return FromBits(kInfinityBits);
  if (IsNan(x) || IsNan(y)) return x + y;
  if (high < low) {
    const double swap = high;
    high = low;
    low = swap;
  }
  if (low <= high * 0x1p-54) return high + low;
  double back = 1.0;
  if (high > 0x1p500) {
    high *= 0x1p-600;
    low *= 0x1p-600;
    back = 0x1p600;
  } else if (low < 0x1p-450) {
    high *= 0x1p600;
    low *= 0x1p600;
    back = 0x1p-600;
  }
  const Pair high_square = TwoProduct(high, high);
  const Pair low_square = TwoProduct(low, low);
  const Pair sum = FastTwoSum(high_square.hi, low_square.hi);
  const double tail = sum.lo + (high_square.lo + low_square.lo);
  const double root = Sqrt(sum.hi);
  const Pair square = TwoProduct(root, root);
  const Pair result = FastTwoSum(root, (((sum.hi - square.hi) - square.lo) + tail) / (root + root));
  if (back >= 1.0 || result.hi >= 0x1p-422) return result.hi * back;
  // The result is subnormal: rounded once, at its last bit (2^-1074 / 2^-600), by adding a number whose last bit that
  // is.
  const double ruler = 0x1p-422;
  const Pair placed = FastTwoSum(ruler, result.hi);
  return ((placed.hi + (placed.lo + result.lo)) - ruler) * back;
}

}  // namespace
}  // namespace divla::libm

extern "C" {

double cbrt(double x) noexcept { return divla::libm::Cbrt(x); }
double hypot(double x, double y) noexcept { return divla::libm::Hypot(x, y); }

}  // extern "C"
