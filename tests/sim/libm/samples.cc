#include "tests/sim/libm/samples.h"

#include <mpfr.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdlib>
#include <limits>

#include "sim/rng.h"

namespace divla {
namespace {

Rng Stream(std::uint64_t seed) { return Rng({seed, "libm", "none", 0, 0, "samples", 0}); }

}  // namespace

int LibmEffort() {
  const char* effort = std::getenv("DIVLA_LIBM_EFFORT");
  return effort == nullptr ? 1 : std::max(1, std::atoi(effort));
}

std::vector<double> EveryExponent(int per_exponent, std::uint64_t seed) {
  Rng rng = Stream(seed);
  std::vector<double> numbers;
  for (std::uint64_t biased = 0; biased < 2047; ++biased) {
    for (int i = 0; i < per_exponent + 2; ++i) {
      std::uint64_t mantissa = rng.NextU64() >> 12;
      if (i == per_exponent) mantissa = biased == 0 ? 1 : 0;
      if (i == per_exponent + 1) mantissa = 0x000fffffffffffff;
      const auto number = std::bit_cast<double>((biased << 52) | mantissa);
      numbers.push_back(number);
      numbers.push_back(-number);
    }
  }
  return numbers;
}

std::vector<double> Evenly(double low, double high, int count, std::uint64_t seed) {
  Rng rng = Stream(seed);
  std::vector<double> numbers;
  for (int i = 0; i < count; ++i) numbers.push_back(low + (high - low) * rng.Uniform());
  return numbers;
}

std::vector<double> Around(const std::vector<double>& centres, int reach) {
  std::vector<double> numbers;
  for (const double centre : centres) {
    double below = centre;
    double above = centre;
    numbers.push_back(centre);
    for (int i = 0; i < reach; ++i) {
      below = std::nextafter(below, -std::numeric_limits<double>::infinity());
      above = std::nextafter(above, std::numeric_limits<double>::infinity());
      numbers.push_back(below);
      numbers.push_back(above);
    }
  }
  return numbers;
}

std::vector<double> MultiplesOfPi(int count) {
  mpfr_t pi;
  mpfr_t product;
  mpfr_inits2(300, pi, product, static_cast<mpfr_ptr>(nullptr));
  mpfr_const_pi(pi, MPFR_RNDN);
  std::vector<double> numbers;
  for (int n = 1; n <= count; ++n) {
    mpfr_mul_ui(product, pi, static_cast<unsigned long>(n), MPFR_RNDN);
    mpfr_div_2ui(product, product, 8, MPFR_RNDN);
    numbers.push_back(mpfr_get_d(product, MPFR_RNDN));
  }
  for (long power = 0; power < 1020; ++power) {
    mpfr_mul_2si(product, pi, power - 1, MPFR_RNDN);
    numbers.push_back(mpfr_get_d(product, MPFR_RNDN));
  }
  mpfr_clears(pi, product, static_cast<mpfr_ptr>(nullptr));
  return numbers;
}

std::vector<double> HardestAngles() {
  // 6381956970095103 * 2^797 (Kahan; Muller, Elementary Functions, 3rd ed., section 11.3.2) and, for the other
  // exponents, the convergents of the continued fraction of pi/2 in units of each exponent, which MPFR finds here.
  std::vector<double> numbers = {std::ldexp(6381956970095103.0, 797)};
  mpfr_t ratio;
  mpfr_t whole;
  mpfr_inits2(2600, ratio, whole, static_cast<mpfr_ptr>(nullptr));
  for (int exponent = -52; exponent <= 971; ++exponent) {
    // x = m 2^exponent is near a multiple of pi/2 when m is the denominator of a convergent of 2^exponent / (pi/2).
    mpfr_const_pi(ratio, MPFR_RNDN);
    mpfr_ui_div(ratio, 2, ratio, MPFR_RNDN);
    mpfr_mul_2si(ratio, ratio, exponent, MPFR_RNDN);
    mpfr_frac(ratio, ratio, MPFR_RNDN);
    double before = 0;
    double denominator = 1;
    while (mpfr_zero_p(ratio) == 0) {
      mpfr_ui_div(ratio, 1, ratio, MPFR_RNDN);
      mpfr_floor(whole, ratio);
      const double next = mpfr_get_d(whole, MPFR_RNDN) * denominator + before;
      if (next >= 0x1p53) break;
      before = denominator;
      denominator = next;
      if (denominator >= 0x1p40) numbers.push_back(std::ldexp(denominator, exponent));
      mpfr_sub(ratio, ratio, whole, MPFR_RNDN);
    }
  }
  mpfr_clears(ratio, whole, static_cast<mpfr_ptr>(nullptr));
  return numbers;
}

std::vector<float> FloatBitPatterns(int count, std::uint64_t seed) {
  Rng rng = Stream(seed);
  const std::uint64_t stride = (std::uint64_t{1} << 32) / static_cast<std::uint64_t>(count);
  std::vector<float> numbers;
  for (std::uint64_t i = 0; i < static_cast<std::uint64_t>(count); ++i) {
    const std::uint64_t bits = i * stride + rng.NextU64() % stride;
    numbers.push_back(std::bit_cast<float>(static_cast<std::uint32_t>(bits)));
  }
  return numbers;
}

std::vector<double> Joined(std::vector<std::vector<double>> lists) {
  std::vector<double> all;
  for (const std::vector<double>& list : lists) all.insert(all.end(), list.begin(), list.end());
  return all;
}

}  // namespace divla
