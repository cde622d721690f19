// The float functions: computed in double with a bound on the error, and again as a sum of two doubles where the
// nearest float is not certain. So they are correctly rounded.
#include "sim/libm/arc.h"
#include "sim/libm/exp_log.h"
#include "sim/libm/libm.h"
#include "sim/libm/power_cases.h"
#include "sim/libm/trig.h"

namespace divla::libm {
namespace {

// Bounds of the quick ways, in units in the last place of a double.
constexpr std::uint64_t kSineUnits = 128;
constexpr std::uint64_t kArcUnits = 16;
constexpr std::uint64_t kLogUnits = 64;
constexpr std::uint64_t kPowerUnits = 1 << 21;

constexpr Pair kInverseLn10 = {0x1.bcb7b1526e50ep-2, 0x1.95355baaafad3p-57};

bool IsFiniteFloat(double x) { return Abs(x) < 0x1p128; }  // not so for infinity and NaN

// sin(x + quarter * pi/128) where the quick way is not sure.
[[gnu::noinline]] float CarefulSineFloat(double x, std::uint64_t quarter) {
  if (!IsFiniteFloat(x)) return static_cast<float>(x - x);
  if (Abs(x) < 0x1p-14) return quarter == 0 ? static_cast<float>(x) : 1.0F;
  return ToFloat(SineAt(Reduce(x), quarter));
}

// sin(x + quarter * pi/128), quarter 0 or 64.
inline float SineFloat(double x, std::uint64_t quarter) {
  if (!(Abs(x) < 0x1p9)) [[unlikely]]
    return CarefulSineFloat(x, quarter);
  const double rounded = x * kStepsPerRadian + kRounder;
  const double count = rounded - kRounder;
  const double d = (x - count * kStep1) - count * -0x1.de973dcb3b39ap-37;  // the second piece with all its bits
  const SplitNumber sine = kSines[(Bits(rounded) + quarter) & 255];
  const SplitNumber cosine = kSines[(Bits(rounded) + quarter + 64) & 255];
  const double square = d * d;
  const double odd = d * square * (-0x1.5555555555555p-3 + square * 0x1.1111111111111p-7);
  const double even = square * (-0.5 + square * 0x1.5555555555555p-5);
  const double s = sine.head + sine.tail;
  const double c = cosine.head + cosine.tail;
  const double result = (s + c * d) + (c * odd + s * even);
  // Next to a zero of the sine the error of d counts, below 2^-75.
  if (Abs(result) > 0x1p-22 && RoundsSafely(result, kSineUnits)) [[likely]]
    return static_cast<float>(result);
  return CarefulSineFloat(x, quarter);
}

float ArcTangent2(double y, double x) {
  const bool steep = Abs(y) > Abs(x);
  const double low = steep ? Abs(x) : Abs(y);
  const double high = steep ? Abs(y) : Abs(x);
  const double ratio = low / high;
  const double rounded = 128.0 * ratio + kRounder;
  const double c = (rounded - kRounder) * 0x1p-7;
  const double q = (ratio - c) / (1.0 + c * ratio);
  const double square = q * q;
  const double odd =
      q * square * (-0x1.5555555555555p-2 + square * (0x1.999999999999ap-3 - square * 0x1.2492492492492p-3));
  double angle = kArcTangents[Bits(rounded) & 255].hi + (q + odd);
  if (steep) {
    angle = x > 0 ? kHalfPi.hi - angle : kHalfPi.hi + angle;
  } else if (x < 0) {
    angle = kPi.hi - angle;
  }
  if (angle >= 0x1p-126 && RoundsSafely(angle, kArcUnits)) return static_cast<float>(WithSignOf(angle, y));
  const float careful = ToFloat(AngleOf(y, x));
  return y < 0 ? -careful : careful;
}

float Log10(double x) {
  const LogArgument a = SplitForLog(Bits(x));
  const double r = a.r_head + a.r_tail;
  const double square = r * r;
  const double high = 0x1.5555555555555p-2 - r * 0.25 +
                      square * ((0x1.999999999999ap-3 - r * 0x1.5555555555555p-3) + square * 0x1.2492492492492p-3);
  const double log = (a.exponent * kLn2Head + a.cell.log_head) +
                     (r + (square * (r * high - 0.5) + (a.exponent * kLn2Tail + a.cell.log_tail)));
  const double quick = log * kInverseLn10.hi;
  if (RoundsSafely(quick, kLogUnits)) return static_cast<float>(quick);
  const Pair pair = LogPair(Bits(x));
  const Pair product = TwoProduct(pair.hi, kInverseLn10.hi);
  return ToFloat({product.hi, product.lo + (pair.hi * kInverseLn10.lo + pair.lo * kInverseLn10.hi)});
}

// The same for the numbers that PowerFloat is not sure of; `exponent` is about y log x.
[[gnu::noinline]] float CarefulPowerFloat(double x, double y, double exponent) {
  if (exponent > 89.0) return 0x1p100F * 0x1p100F;      // the largest float is below exp(88.73)
  if (exponent < -105.0) return 0x1p-100F * 0x1p-100F;  // half the smallest is above exp(-104)
  Pair pair = PowerPair(Bits(x), y);
  // The exact result may lie just between two floats (as 4097^2 does). So near to the middle nothing else is to be
  // expected, so it is taken for such a tie, and the rest for our error.
  if ((Bits(pair.hi) & 0xfffffff) == 0 && Abs(pair.lo) < Abs(pair.hi) * 0x1p-56) pair.lo = 0;
  return ToFloat(pair);
}

// x to the power y for a positive finite x and a finite y, neither 0.
float PowerFloat(double x, double y) {
  // r is exact in the cell around 1; elsewhere its error of 2^-53 is at most 2^-45 of the logarithm. The series
  // leave out r^6/6 < 2^-48 (2^-40 of the logarithm, which is at most 89) and rest^4/24 < 2^-38: in all below 2^-32.
  const std::uint64_t above = Bits(x) - kLogStart;
  const LogCell& cell = kLogCells[(above >> 45) & 127];
  const auto binary_exponent = static_cast<double>(static_cast<std::int64_t>(above) >> 52);
  const double r = FromBits(Bits(x) - (above & 0xfff0000000000000)) * cell.inverse - 1.0;
  const double square = r * r;
  const double high = (0x1.5555555555555p-2 - r * 0.25) + square * 0x1.999999999999ap-3;
  const double whole = binary_exponent * 0x1.62e42fefa39efp-1 + (cell.log_head + cell.log_tail);
  const double log = (whole + (r - 0.5 * square)) + r * square * high;
  // The exponent in steps of ln 2 / 128, as in SplitExp.
  const double steps = y * kExpStepsPerUnit * log;
  const double rounded = steps + kRounder;
  const double rest = (steps - (rounded - kRounder)) * 0x1.62e42fefa39efp-8;
  const double rest_square = rest * rest;
  const double excess = rest + rest_square * (0.5 + rest * 0x1.5555555555555p-3);
  // The table's value with the count's higher bits added to its exponent.
  const double scale = FromBits(Bits(kPowersOfTwo[Bits(rounded) & 127].value) + ((Bits(rounded) >> 7) << 52));
  const double quick = scale + scale * excess;
  if (Abs(steps) < 87.0 * 184.0 && RoundsSafely(quick, kPowerUnits)) [[likely]]
    return static_cast<float>(quick);
  return CarefulPowerFloat(x, y, y * log);
}

}  // namespace
}  // namespace divla::libm

extern "C" {

float sinf(float x) noexcept { return divla::libm::SineFloat(x, 0); }
float cosf(float x) noexcept { return divla::libm::SineFloat(x, 64); }

void sincosf(float x, float* sine, float* cosine) noexcept {
  *sine = divla::libm::SineFloat(x, 0);
  *cosine = divla::libm::SineFloat(x, 64);
}

float atan2f(float y, float x) noexcept {
  // On the axes the double's result is a rounded multiple of pi/4, far from a tie.
  if (y == 0 || x == 0 || !divla::libm::IsFiniteFloat(y) || !divla::libm::IsFiniteFloat(x)) {
    return static_cast<float>(atan2(static_cast<double>(y), static_cast<double>(x)));
  }
  return divla::libm::ArcTangent2(y, x);
}

float log10f(float x) noexcept {
  if (!(x > 0) || !divla::libm::IsFiniteFloat(x)) return static_cast<float>(log10(static_cast<double>(x)));
  return divla::libm::Log10(x);
}

float powf(float x, float y) noexcept {
  const bool ordinary = x > 0 && divla::libm::IsFiniteFloat(x) && y != 0 && divla::libm::IsFiniteFloat(y);
  if (ordinary) [[likely]]
    return divla::libm::PowerFloat(x, y);
  const divla::libm::PowerCase power = divla::libm::SortPower(x, y);
  if (power.done) return static_cast<float>(power.value);
  const float size = divla::libm::PowerFloat(divla::libm::Abs(x), y);
  return power.negative ? -size : size;
}

}  // extern "C"
