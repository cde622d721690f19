// asin, acos, atan and atan2 of doubles.
#include "sim/libm/arc.h"

#include "sim/libm/libm.h"

namespace divla::libm {

// The angle of a point from the angle between it and its nearer axis.
static Pair Turned(Pair angle, bool steep, bool left) {
  if (steep) return left ? Plus(kHalfPi, angle) : Minus(kHalfPi, angle);
  return left ? Minus(kPi, angle) : angle;
}

// AngleOf where the numbers are far too small, too large or too different for ArcTangent.
static Pair ExtremeAngle(double low, double high, bool steep, bool left) {
  // A power of two near 1/high brings both to a safe size; a subnormal `high` needs two steps.
  if (high < 0x1p-1000) {
    low *= 0x1p200;
    high *= 0x1p200;
  }
  const int exponent = static_cast<int>(Bits(high) >> 52) - 1023;
  const double scale = PowerOfTwoDouble(exponent > 1000 ? -1000 : -exponent);
  const double scaled_low = low * scale;
  const double scaled_high = high * scale;
  Pair angle = {scaled_low / scaled_high, 0.0};
  if (angle.hi >= 0x1p-60) {
    angle = ArcTangent(scaled_low, scaled_high, angle.hi);
  } else if (!steep && !left) {
    // The quotient itself, rounded once even when it is subnormal; its remainder serves atan2f, whose numbers are never
    // so small that it would be lost.
    const double quotient = low / high;
    if (quotient < 0x1p-900) return {quotient, 0.0};
    const Pair back = TwoProduct(angle.hi, scaled_high);
    return {quotient, ((scaled_low - back.hi) - back.lo) / scaled_high * (quotient / angle.hi)};
  }
  return Turned(angle, steep, left);
}

Pair AngleOf(double y, double x) {
  const bool steep = Abs(y) > Abs(x);
  const double low = steep ? Abs(x) : Abs(y);
  const double high = steep ? Abs(y) : Abs(x);
  if (!(high < 0x1p300 && low > high * 0x1p-60 && high > 0x1p-300)) return ExtremeAngle(low, high, steep, x < 0);
  return Turned(ArcTangent(low, high, low / high), steep, x < 0);
}

namespace {

constexpr double kTiny = 0x1p-27;
// asin(c + h + h_tail), c the row's number. Relative error below 2^-64.
Pair SeriesAt(const ArcSine& row, double h, double h_tail) {
  const double h_head = Head(h);
  const double square = h * h;
  const double more =
      square * (((row.more[0] + h * row.more[1]) + square * (row.more[2] + h * row.more[3])) +
                (square * square) * ((row.more[4] + h * row.more[5]) + square * (row.more[6] + h * row.more[7])));
  const Pair sum = FastTwoSum(row.angle_hi, row.slope_head * h_head);
  const double slope = row.slope_head + row.slope_tail;
  const double tail = (h_tail * (slope + 2.0 * row.more[0] * h) + row.slope_head * (h - h_head)) + row.slope_tail * h;
  return {sum.hi, sum.lo + (row.angle_lo + (tail + more))};
}

constexpr double kSeriesUpTo = 0.875;

// asin(x + x_tail) for 0 <= x <= kSeriesUpTo; x_tail is 0 for x > 1/2.
Pair SeriesArcSine(double x, double x_tail) {
  if (x <= 0.5) {
    const double rounded = 128.0 * x + kRounder;
    return SeriesAt(kArcSinesInner[Bits(rounded) & 127], x - (rounded - kRounder) * 0x1p-7, x_tail);
  }
  if (x <= 0.75) {
    const double rounded = 256.0 * x + kRounder;
    return SeriesAt(kArcSinesMiddle[(Bits(rounded) & 255) - 128], x - (rounded - kRounder) * 0x1p-8, x_tail);
  }
  const double rounded = 512.0 * x + kRounder;
  return SeriesAt(kArcSinesOuter[(Bits(rounded) & 511) - 384], x - (rounded - kRounder) * 0x1p-9, x_tail);
}

double Sum(Pair pair) { return pair.hi + pair.lo; }

// asin(sqrt((1 - x) / 2)) for kSeriesUpTo <= x <= 1: half the inverse cosine of x.
Pair HalfArcCosine(double x) {
  const double square = 0.5 * (1.0 - x);  // exact
  if (square == 0) return {0.0, 0.0};
  const double root = Sqrt(square);
  const double half_inverse = root * (0.5 / square);  // 1 / (2 root), but the division does not wait for the root
  const Pair back = TwoProduct(root, root);
  return SeriesArcSine(root, ((square - back.hi) - back.lo) * half_inverse);
}

Pair Twice(Pair pair) { return {2.0 * pair.hi, 2.0 * pair.lo}; }

double ArcSineOf(double x) {
  const double size = Abs(x);
  if (size <= kSeriesUpTo) return size < kTiny ? x : WithSignOf(Sum(SeriesArcSine(size, 0.0)), x);
  if (!(size <= 1.0)) return (x - x) / (x - x);
  return WithSignOf(Sum(Minus(kHalfPi, Twice(HalfArcCosine(size)))), x);
}

double ArcCosineOf(double x) {
  const double size = Abs(x);
  if (size <= kSeriesUpTo) {
    const Pair angle = SeriesArcSine(size, 0.0);
    return Sum(x > 0 ? Minus(kHalfPi, angle) : Plus(kHalfPi, angle));
  }
  if (!(size <= 1.0)) return (x - x) / (x - x);
  const Pair angle = Twice(HalfArcCosine(size));
  return Sum(x > 0 ? angle : Minus(kPi, angle));
}

double ArcTangentOf(double x) {
  const double size = Abs(x);
  if (size < kTiny || IsNan(x)) return x + 0.0 * x;
  if (size >= 0x1p54) return WithSignOf(kHalfPi.hi, x);
  const Pair angle = size <= 1.0 ? ArcTangent(size, 1.0, size) : Minus(kHalfPi, ArcTangent(1.0, size, 1.0 / size));
  return WithSignOf(Sum(angle), x);
}

// Zeros, infinities and NaNs of atan2, by the axes they lie on.
double AxisAngle(double y, double x) {
  const bool left = (Bits(x) & kSignBit) != 0;
  if (IsNan(x) || IsNan(y)) return x + y;
  double angle = kHalfPi.hi;
  if (Bits(Abs(y)) == kInfinityBits && Bits(Abs(x)) == kInfinityBits) {
    angle = left ? 0x1.2d97c7f3321d2p+1 : 0x1.921fb54442d18p-1;  // 3 pi/4, pi/4
  } else if (y == 0 || Bits(Abs(x)) == kInfinityBits) {
    angle = left ? kPi.hi : 0.0;
  }
  return WithSignOf(angle, y);
}

bool OnAxis(double x) { return x == 0 || (Bits(x) & kInfinityBits) == kInfinityBits; }

}  // namespace
}  // namespace divla::libm

extern "C" {

double asin(double x) noexcept { return divla::libm::ArcSineOf(x); }
double acos(double x) noexcept { return divla::libm::ArcCosineOf(x); }
double atan(double x) noexcept { return divla::libm::ArcTangentOf(x); }

double atan2(double y, double x) noexcept {
  if (divla::libm::OnAxis(y) || divla::libm::OnAxis(x)) return divla::libm::AxisAngle(y, x);
  return divla::libm::WithSignOf(divla::libm::Sum(divla::libm::AngleOf(y, x)), y);
}

}  // extern "C"
