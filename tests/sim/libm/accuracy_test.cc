// Every function against MPFR: the largest error in units in the last place for double, equality for float.
// DIVLA_LIBM_EFFORT=20 draws twenty times as many samples; sim/libm/README.md says what that found.
#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstdio>
#include <string>
#include <utility>
#include <vector>

#include "sim/libm/libm.h"
#include "tests/sim/libm/mpfr_reference.h"
#include "tests/sim/libm/samples.h"

namespace divla {
namespace {

struct Worst {
  double ulps{0};
  double x{0};
  double y{0};
  long count{0};

  void Add(double error, double at_x, double at_y = 0) {
    ++count;
    if (error <= ulps) return;
    ulps = error;
    x = at_x;
    y = at_y;
  }
  void Report(const std::string& name, double bound) const {
    std::printf("%-6s %9ld samples, largest error %.5f ulp at %a %a\n", name.c_str(), count, ulps, x, y);
    EXPECT_LE(ulps, bound) << name << " at " << std::hexfloat << x << " " << y;
  }
};

struct OneCase {
  const char* name;
  double (*ours)(double);
  MpfrOne exact;
  double bound;  // ulp
  std::vector<double> (*samples)();
};

std::vector<double> Angles() {
  const int n = 20000 * LibmEffort();
  return Joined({Evenly(-4, 4, n, 1), Evenly(-1000, 1000, n, 2), Evenly(-3e5, 3e5, n, 3),
                 Around(MultiplesOfPi(2000), 2), Around(HardestAngles(), 1)});
}
std::vector<double> Sines() {
  const int n = 20000 * LibmEffort();
  std::vector<double> boundaries;
  for (int k = 1; k <= 256; ++k) boundaries.push_back(k / 256.0);
  return Joined({Evenly(-1, 1, n, 1), Evenly(0.999, 1, n, 2), Around(boundaries, 3),
                 Around({0x1.6a09e667f3bcdp-1, 1 - 0x1p-26}, 100)});
}
std::vector<double> Slopes() {
  const int n = 20000 * LibmEffort();
  std::vector<double> boundaries;
  for (int k = 1; k <= 512; ++k) boundaries.push_back(k / 256.0);
  return Joined({Evenly(-2, 2, n, 1), Evenly(-100, 100, n, 2), Around(boundaries, 3)});
}
std::vector<double> Exponents() {
  const int n = 20000 * LibmEffort();
  std::vector<double> boundaries;
  for (int k = -2000; k <= 2000; ++k) boundaries.push_back(k * 0x1.62e42fefa39efp-9);
  return Joined({Evenly(-750, 715, n, 1), Evenly(-1, 1, n, 2), Evenly(-746, -707, n, 3), Around(boundaries, 1),
                 Around({709.782712893384, -708.3964185322641, -745.1332191019412, 0x1p-54}, 50)});
}
std::vector<double> Positives() {
  const int n = 20000 * LibmEffort();
  return Joined({Evenly(0, 2, n, 1), Evenly(0.98, 1.02, n, 2), Evenly(0, 1000, n, 3),
                 Around({1.0, 0.99609375, 1.0078125, 1.40625, 0.703125}, 300)});
}
std::vector<double> Numbers() { return Evenly(-1000, 1000, 20000 * LibmEffort(), 1); }

const OneCase kOneCases[] = {
    {"sin", sin, mpfr_sin, 0.502, Angles},          {"cos", cos, mpfr_cos, 0.502, Angles},
    {"tan", tan, mpfr_tan, 0.502, Angles},          {"asin", asin, mpfr_asin, 0.502, Sines},
    {"acos", acos, mpfr_acos, 0.502, Sines},        {"atan", atan, mpfr_atan, 0.502, Slopes},
    {"exp", exp, mpfr_exp, 0.51, Exponents},        {"log", log, mpfr_log, 0.502, Positives},
    {"log10", log10, mpfr_log10, 0.502, Positives}, {"cbrt", cbrt, mpfr_cbrt, 0.502, Numbers},
};

class LibmOne : public testing::TestWithParam<OneCase> {};

TEST_P(LibmOne, IsWithinItsBoundOfTheExactValue) {
  const OneCase& c = GetParam();
  Exact exact;
  Worst worst;
  for (const double x : Joined({EveryExponent(4 * LibmEffort(), 7), c.samples()})) {
    exact.Set(c.exact, x);
    worst.Add(exact.Ulps(c.ours(x)), x);
  }
  EXPECT_GT(worst.ulps, 0.49) << "so many samples come near a tie: a smaller error means that nothing was compared";
  worst.Report(c.name, c.bound);
}

INSTANTIATE_TEST_SUITE_P(All, LibmOne, testing::ValuesIn(kOneCases),
                         [](const auto& p) { return std::string(p.param.name); });

using Points = std::vector<std::pair<double, double>>;

// Every pairing of the two lists' neighbours in a shuffled order.
Points Pairs(const std::vector<double>& a, const std::vector<double>& b, std::size_t count) {
  Points points;
  for (std::size_t i = 0; i < count; ++i) points.emplace_back(a[i * 7919 % a.size()], b[i * 104729 % b.size()]);
  return points;
}

std::size_t PairCount() { return 60000 * static_cast<std::size_t>(LibmEffort()); }

void CompareTwo(const char* name, double (*ours)(double, double), MpfrTwo function, double bound,
                const Points& points) {
  Exact exact;
  Worst worst;
  for (const auto& [x, y] : points) {
    exact.Set(function, x, y);
    worst.Add(exact.Ulps(ours(x, y)), x, y);
  }
  EXPECT_GT(worst.ulps, 0.49);
  worst.Report(name, bound);
}

Points PlanePoints(std::uint64_t seed) {
  const std::vector<double> all = EveryExponent(3, seed);
  const int n = static_cast<int>(PairCount());
  Points points = Pairs(all, EveryExponent(2, seed + 1), PairCount());
  for (const auto& more : {Pairs(Evenly(-2, 2, n, seed + 2), Evenly(-2, 2, n + 1, seed + 3), PairCount()),
                           Pairs(Evenly(-1e-3, 1e-3, n, seed + 4), Evenly(-100, 100, n + 1, seed + 5), PairCount())}) {
    points.insert(points.end(), more.begin(), more.end());
  }
  // Numbers of nearly equal size at every exponent, where scaling could lose bits.
  for (std::size_t i = 0; i + 6 < all.size(); ++i) points.emplace_back(all[i], all[i + 6]);
  return points;
}

TEST(LibmTwo, Atan2IsWithinItsBoundOfTheExactValue) { CompareTwo("atan2", atan2, mpfr_atan2, 0.502, PlanePoints(1)); }
TEST(LibmTwo, HypotIsWithinItsBoundOfTheExactValue) { CompareTwo("hypot", hypot, mpfr_hypot, 0.502, PlanePoints(20)); }

TEST(LibmTwo, PowIsWithinItsBoundOfTheExactValue) {
  const int n = static_cast<int>(PairCount());
  Points points;
  for (const auto& more :
       {Pairs(Evenly(0, 20, n, 1), Evenly(-20, 20, n + 1, 2), PairCount()),
        Pairs(Evenly(0.999, 1.001, n, 3), Evenly(-7e5, 7e5, n + 1, 4), PairCount()),
        Pairs(EveryExponent(3, 5), Evenly(-2, 2, n + 1, 6), PairCount()),
        Pairs(Around({1.0}, 1000), Evenly(-1e17, 1e17, n + 1, 7), PairCount() / 4),
        Pairs(Evenly(1e-5, 1e5, n, 8), {-3, -2, -1, -0.5, 0.5, 1, 2, 3, 4, 5, 10, 64, 65, 1.0 / 3}, PairCount()),
        Pairs(EveryExponent(1, 9), EveryExponent(2, 10), PairCount())}) {
    points.insert(points.end(), more.begin(), more.end());
  }
  // Results next to the largest and the smallest numbers: y = log2(limit) / log2(x).
  for (const double x : Evenly(0, 20, n / 4, 11)) {
    for (const double power : {1024.0, -1022.0, -1050.0, -1074.0, -1075.0}) {
      if (x > 0 && x != 1) points.emplace_back(x, power / std::log2(x));
    }
  }
  CompareTwo("pow", pow, mpfr_pow, 0.515, points);
}

// The same number: equal bits, or both NaN.
bool Same(float a, float b) {
  return (std::isnan(a) && std::isnan(b)) || std::bit_cast<std::uint32_t>(a) == std::bit_cast<std::uint32_t>(b);
}

struct FloatCase {
  const char* name;
  float (*ours)(float);
  MpfrOne exact;
};
const FloatCase kFloatCases[] = {{"sinf", sinf, mpfr_sin}, {"cosf", cosf, mpfr_cos}, {"log10f", log10f, mpfr_log10}};

class LibmFloat : public testing::TestWithParam<FloatCase> {};

TEST_P(LibmFloat, IsCorrectlyRounded) {
  const FloatCase& c = GetParam();
  Exact exact;
  for (const float x : FloatBitPatterns(1 << (LibmEffort() > 1 ? 24 : 18), 1)) {
    exact.Set(c.exact, x);
    ASSERT_TRUE(Same(c.ours(x), exact.NearestFloat())) << c.name << " of " << std::hexfloat << x << " is " << c.ours(x);
  }
}

INSTANTIATE_TEST_SUITE_P(All, LibmFloat, testing::ValuesIn(kFloatCases),
                         [](const auto& p) { return std::string(p.param.name); });

TEST(LibmFloatTwo, Atan2fIsCorrectlyRounded) {
  Exact exact;
  const std::vector<float> ys = FloatBitPatterns(1 << 16, 1);
  const std::vector<float> xs = FloatBitPatterns(65521, 2);
  for (std::size_t i = 0; i < PairCount() * 4; ++i) {
    const float y = ys[i * 7919 % ys.size()];
    float x = xs[i * 104729 % xs.size()];
    if (i % 2 == 0)
      x = y * (1.0F + 3.0F * std::bit_cast<float>(0x3f800000U + static_cast<std::uint32_t>(i * 40503 % 0x800000)));
    exact.Set(mpfr_atan2, y, x);
    ASSERT_TRUE(Same(atan2f(y, x), exact.NearestFloat())) << std::hexfloat << y << " " << x << " is " << atan2f(y, x);
  }
}

TEST(LibmFloatTwo, PowfIsCorrectlyRounded) {
  Exact exact;
  const std::vector<float> xs = FloatBitPatterns(1 << 16, 3);
  const std::vector<float> ys = FloatBitPatterns(65521, 4);
  const std::vector<double> powers = Evenly(-12, 12, 9973, 5);
  const float halves[] = {0.5F, 1, 1.5F, 2, 2.5F, 3, 4, 5, 7, 10, -0.5F, -1, -2, -3, 0.25F};
  const std::size_t count = PairCount() * 6;
  for (std::size_t i = 0; i < count; ++i) {
    float x = xs[i * 7919 % xs.size()];
    float y = ys[i * 104729 % ys.size()];
    if (i % 3 == 1) y = static_cast<float>(powers[i % powers.size()]);
    if (i % 3 == 2) {  // exact results and ties: small integers with some trailing zeros to small powers
      x = static_cast<float>(i * 40503 % 8192 + 1) * (i % 2 == 0 ? 1.0F : 0x1p-30F);
      y = halves[i / 3 % 15];
    }
    exact.Set(mpfr_pow, x, y);
    ASSERT_TRUE(Same(powf(x, y), exact.NearestFloat())) << std::hexfloat << x << " " << y << " is " << powf(x, y);
  }
}

}  // namespace
}  // namespace divla
