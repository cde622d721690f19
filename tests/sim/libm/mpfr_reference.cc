#include "tests/sim/libm/mpfr_reference.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace divla {
namespace {

constexpr mpfr_prec_t kBits = 200;

}  // namespace

Exact::Exact() { mpfr_inits2(kBits, value_, scratch_, first_, second_, static_cast<mpfr_ptr>(nullptr)); }
Exact::~Exact() { mpfr_clears(value_, scratch_, first_, second_, static_cast<mpfr_ptr>(nullptr)); }

void Exact::Set(MpfrOne function, double x) {
  mpfr_set_d(first_, x, MPFR_RNDN);
  function(value_, first_, MPFR_RNDN);
}

void Exact::Set(MpfrTwo function, double x, double y) {
  mpfr_set_d(first_, x, MPFR_RNDN);
  mpfr_set_d(second_, y, MPFR_RNDN);
  function(value_, first_, second_, MPFR_RNDN);
}

double Exact::NearestDouble() const { return mpfr_get_d(value_, MPFR_RNDN); }
float Exact::NearestFloat() const { return mpfr_get_flt(value_, MPFR_RNDN); }

double Exact::Ulps(double got) const {
  const double nearest = NearestDouble();
  if (std::isnan(nearest) || std::isnan(got)) {
    return std::isnan(nearest) && std::isnan(got) ? 0.0 : std::numeric_limits<double>::infinity();
  }
  if (mpfr_zero_p(value_) != 0 || mpfr_inf_p(value_) != 0) {
    return got == nearest && std::signbit(got) == std::signbit(nearest) ? 0.0 : std::numeric_limits<double>::infinity();
  }
  if (std::signbit(got) != std::signbit(nearest)) return std::numeric_limits<double>::infinity();
  // Beyond 2^1024 infinity is the only right answer; it stands for 2^1024 when the exact value is below that.
  if (std::isinf(got) && std::isinf(nearest)) return 0.0;
  if (std::isinf(got)) {
    mpfr_set_si_2exp(scratch_, got > 0 ? 1 : -1, 1024, MPFR_RNDN);
  } else {
    mpfr_set_d(scratch_, got, MPFR_RNDN);
  }
  mpfr_sub(scratch_, scratch_, value_, MPFR_RNDN);
  // mpfr's exponent e: |value| in [2^(e-1), 2^e).
  const long unit = std::clamp(static_cast<long>(mpfr_get_exp(value_)) - 53, -1074L, 971L);
  mpfr_mul_2si(scratch_, scratch_, -unit, MPFR_RNDN);
  return std::abs(mpfr_get_d(scratch_, MPFR_RNDA));
}

}  // namespace divla
