// Zeros, infinities and NaNs as C17 Annex F wants them.
#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>

#include "sim/libm/libm.h"

namespace divla {
namespace {

constexpr double kInf = std::numeric_limits<double>::infinity();
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kLeast = std::numeric_limits<double>::denorm_min();
constexpr double kPi = 0x1.921fb54442d18p+1;

// Equal bits, or both NaN.
void ExpectIs(double got, double expected, const char* what) {
  const bool same = (std::isnan(got) && std::isnan(expected)) ||
                    std::bit_cast<std::uint64_t>(got) == std::bit_cast<std::uint64_t>(expected);
  EXPECT_TRUE(same) << what << ": expected " << expected << ", found " << got;
}
#define EXPECT_IS(call, expected) ExpectIs(call, expected, #call)

TEST(LibmSpecial, Trigonometry) {
  for (double (*function)(double) : {static_cast<double (*)(double)>(sin), static_cast<double (*)(double)>(tan),
                                     static_cast<double (*)(double)>(asin), static_cast<double (*)(double)>(atan)}) {
    EXPECT_IS(function(0.0), 0.0);
    EXPECT_IS(function(-0.0), -0.0);
    EXPECT_IS(function(kLeast), kLeast);
    EXPECT_IS(function(-kLeast), -kLeast);
    EXPECT_IS(function(kNan), kNan);
  }
  for (const double x : {kInf, -kInf, kNan}) {
    EXPECT_IS(sin(x), kNan);
    EXPECT_IS(cos(x), kNan);
    EXPECT_IS(tan(x), kNan);
    EXPECT_IS(asin(x), kNan);
    EXPECT_IS(acos(x), kNan);
    EXPECT_IS(static_cast<double>(sinf(static_cast<float>(x))), kNan);
    EXPECT_IS(static_cast<double>(cosf(static_cast<float>(x))), kNan);
  }
  EXPECT_IS(cos(-0.0), 1.0);
  EXPECT_IS(static_cast<double>(sinf(-0.0F)), -0.0);
  EXPECT_IS(acos(1.0), 0.0);
  EXPECT_IS(acos(-1.0), kPi);
  EXPECT_IS(asin(1.0), kPi / 2);
  EXPECT_IS(asin(-1.0), -kPi / 2);
  EXPECT_IS(acos(0x1.0000000000001p0), kNan);
  EXPECT_IS(asin(-0x1.0000000000001p0), kNan);
  EXPECT_IS(atan(kInf), kPi / 2);
  EXPECT_IS(atan(-kInf), -kPi / 2);
}

TEST(LibmSpecial, Atan2) {
  for (const double sign : {1.0, -1.0}) {
    EXPECT_IS(atan2(sign * 0.0, 0.0), sign * 0.0);
    EXPECT_IS(atan2(sign * 0.0, -0.0), sign * kPi);
    EXPECT_IS(atan2(sign * 0.0, 3.0), sign * 0.0);
    EXPECT_IS(atan2(sign * 0.0, -3.0), sign * kPi);
    EXPECT_IS(atan2(sign * 3.0, 0.0), sign * kPi / 2);
    EXPECT_IS(atan2(sign * 3.0, -0.0), sign * kPi / 2);
    EXPECT_IS(atan2(sign * 3.0, -kInf), sign * kPi);
    EXPECT_IS(atan2(sign * 3.0, kInf), sign * 0.0);
    EXPECT_IS(atan2(sign * kInf, 3.0), sign * kPi / 2);
    EXPECT_IS(atan2(sign * kInf, kInf), sign * kPi / 4);
    EXPECT_IS(atan2(sign * kInf, -kInf), sign * 0x1.2d97c7f3321d2p+1);
    EXPECT_IS(static_cast<double>(atan2f(static_cast<float>(sign) * 0.0F, -0.0F)),
              sign * static_cast<double>(0x1.921fb6p+1F));
  }
  EXPECT_IS(atan2(kNan, 0.0), kNan);
  EXPECT_IS(atan2(kInf, kNan), kNan);
  EXPECT_IS(atan2(kLeast, kLeast), kPi / 4);
  EXPECT_IS(atan2(1e300, -1e-300), kPi / 2);
  EXPECT_IS(atan2(kLeast, 2.0), 0.0);  // half the least number, to even
}

TEST(LibmSpecial, ExpAndLog) {
  EXPECT_IS(exp(0.0), 1.0);
  EXPECT_IS(exp(-0.0), 1.0);
  EXPECT_IS(exp(kInf), kInf);
  EXPECT_IS(exp(-kInf), 0.0);
  EXPECT_IS(exp(kNan), kNan);
  EXPECT_IS(exp(710.0), kInf);
  EXPECT_IS(exp(-746.0), 0.0);
  EXPECT_IS(exp(-745.0), kLeast);
  for (double (*function)(double) : {static_cast<double (*)(double)>(log), static_cast<double (*)(double)>(log10)}) {
    EXPECT_IS(function(1.0), 0.0);
    EXPECT_IS(function(0.0), -kInf);
    EXPECT_IS(function(-0.0), -kInf);
    EXPECT_IS(function(-1.0), kNan);
    EXPECT_IS(function(-kInf), kNan);
    EXPECT_IS(function(kInf), kInf);
    EXPECT_IS(function(kNan), kNan);
  }
  for (int power = -300; power <= 300; ++power) {
    EXPECT_NEAR(log10(std::pow(10.0, power)), power, 1e-13);
  }
  EXPECT_IS(log10(1e5), 5.0);
  EXPECT_IS(static_cast<double>(log10f(1e5F)), 5.0);
  EXPECT_IS(static_cast<double>(log10f(0.0F)), -kInf);
  EXPECT_IS(static_cast<double>(log10f(-1.0F)), kNan);
}

TEST(LibmSpecial, Pow) {
  const auto check = [](double x, double y, double expected) {
    const double got = pow(x, y);
    ExpectIs(got, expected, "pow");
    const auto as_float = static_cast<double>(powf(static_cast<float>(x), static_cast<float>(y)));
    ExpectIs(as_float, expected, "powf");
    if (testing::Test::HasFailure()) FAIL() << "at " << x << " " << y;
  };
  for (const double y : {0.0, -0.0}) {
    for (const double x : {0.0, -0.0, 1.0, -2.5, kInf, -kInf, kNan}) check(x, y, 1.0);
  }
  for (const double y : {0.5, -3.0, kInf, -kInf, kNan}) check(1.0, y, 1.0);
  check(kNan, 1.0, kNan);
  check(2.0, kNan, kNan);
  check(-1.0, kInf, 1.0);
  check(-1.0, -kInf, 1.0);
  check(0.5, kInf, 0.0);
  check(-0.5, kInf, 0.0);
  check(0.5, -kInf, kInf);
  check(-2.0, kInf, kInf);
  check(2.0, -kInf, 0.0);
  check(0.0, kInf, 0.0);
  check(-0.0, -kInf, kInf);
  check(0.0, 3.0, 0.0);
  check(-0.0, 3.0, -0.0);
  check(-0.0, 2.0, 0.0);
  check(-0.0, 0.5, 0.0);
  check(0.0, -3.0, kInf);
  check(-0.0, -3.0, -kInf);
  check(-0.0, -2.0, kInf);
  check(-0.0, -0.5, kInf);
  check(kInf, 0.5, kInf);
  check(kInf, -0.5, 0.0);
  check(-kInf, 3.0, -kInf);
  check(-kInf, 2.0, kInf);
  check(-kInf, -3.0, -0.0);
  check(-kInf, -2.0, 0.0);
  check(-kInf, 0.5, kInf);
  check(-2.0, 3.0, -8.0);
  check(-2.0, 2.0, 4.0);
  check(-2.0, 0.5, kNan);
  check(2.0, 10.0, 1024.0);
  check(2.0, -1.0, 0.5);
  check(4.0, 0.5, 2.0);
  check(-2.0, 0x1p60, kInf);  // every such number is even
  check(-0.5, 0x1p60, 0.0);
  EXPECT_IS(pow(2.0, 1023.0), 0x1p1023);
  EXPECT_IS(pow(2.0, -1074.0), kLeast);
  EXPECT_IS(pow(-2.0, 0x1.fffffffffffffp52), -kInf);  // the largest odd number
  EXPECT_IS(pow(kLeast, 1.0), kLeast);
}

TEST(LibmSpecial, Roots) {
  for (const double x : {0.0, -0.0, kInf, -kInf, kNan}) EXPECT_IS(cbrt(x), x);
  EXPECT_IS(cbrt(27.0), 3.0);
  EXPECT_IS(cbrt(-0x1p-1074), -0x1p-358);
  for (int i = 1; i < 2000; ++i) EXPECT_IS(cbrt(static_cast<double>(i) * i * i), static_cast<double>(i));
  EXPECT_IS(hypot(kInf, kNan), kInf);
  EXPECT_IS(hypot(kNan, -kInf), kInf);
  EXPECT_IS(hypot(kNan, 0.0), kNan);
  EXPECT_IS(hypot(-0.0, -0.0), 0.0);
  EXPECT_IS(hypot(-3.0, 4.0), 5.0);
  EXPECT_IS(hypot(3 * kLeast, 4 * kLeast), 5 * kLeast);
  EXPECT_IS(hypot(kLeast, 0.0), kLeast);
  EXPECT_IS(hypot(3e307, 4e307), 5e307);
}

}  // namespace
}  // namespace divla
