// sin, cos, tan and sincos of a double.
#include "sim/libm/trig.h"

#include "sim/libm/libm.h"

namespace divla::libm {
namespace {

// Below this the function is its argument, or 1, to the last bit.
constexpr double kTiny = 0x1p-27;

// Next to a zero `hi` of a sine has 26 bits only; here all that can go into it does.
Pair Normal(Pair sum) { return FastTwoSum(sum.hi, sum.lo); }

double Tan(double x) {
  const Reduced angle = Reduce(x);
  const Pair sine = Normal(SineAt(angle, 0));
  const Pair cosine = Normal(SineAt(angle, 64));
  const double inverse = 1.0 / cosine.hi;
  const double quotient = sine.hi * inverse;
  const Pair back = TwoProduct(quotient, cosine.hi);
  return quotient + (((sine.hi - back.hi) - back.lo) + (sine.lo - quotient * cosine.lo)) * inverse;
}

bool IsFinite(double x) { return (Bits(x) & kInfinityBits) != kInfinityBits; }

}  // namespace
}  // namespace divla::libm

using divla::libm::Abs;
using divla::libm::kTiny;
using divla::libm::Pair;
using divla::libm::Reduce;
using divla::libm::SineAt;

extern "C" {

double sin(double x) noexcept {
  if (Abs(x) < kTiny) return x;
  if (!divla::libm::IsFinite(x)) return x - x;
  const Pair sine = SineAt(Reduce(x), 0);
  return sine.hi + sine.lo;
}

double cos(double x) noexcept {
  if (Abs(x) < kTiny) return 1.0;
  if (!divla::libm::IsFinite(x)) return x - x;
  const Pair cosine = SineAt(Reduce(x), 64);
  return cosine.hi + cosine.lo;
}

double tan(double x) noexcept {
  if (Abs(x) < kTiny) return x;
  if (!divla::libm::IsFinite(x)) return x - x;
  return divla::libm::Tan(x);
}

void sincos(double x, double* sine, double* cosine) noexcept {
  if (Abs(x) < kTiny || !divla::libm::IsFinite(x)) {
    *sine = sin(x);
    *cosine = cos(x);
    return;
  }
  const divla::libm::Reduced angle = Reduce(x);
  const Pair first = SineAt(angle, 0);
  const Pair second = SineAt(angle, 64);
  *sine = first.hi + first.lo;
  *cosine = second.hi + second.lo;
}

}  // extern "C"
