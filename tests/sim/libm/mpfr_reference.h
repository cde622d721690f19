// Exact values of the elementary functions from MPFR, and how far a double or float is from them.
#pragma once

#include <mpfr.h>

namespace divla {

using MpfrOne = int (*)(mpfr_t, const mpfr_t, mpfr_rnd_t);
using MpfrTwo = int (*)(mpfr_t, const mpfr_t, const mpfr_t, mpfr_rnd_t);

// Holds one value of 200 bits. Not to be shared between threads.
class Exact {
 public:
  Exact();
  ~Exact();
  Exact(const Exact&) = delete;
  Exact& operator=(const Exact&) = delete;

  void Set(MpfrOne function, double x);
  void Set(MpfrTwo function, double x, double y);
  // The nearest double and float, ties to even, rounded once from (practically) the exact value.
  double NearestDouble() const;
  float NearestFloat() const;
  // |got - exact| in units in the last place of the exact value, counted in the double format (subnormals have the unit
  // 2^-1074). Infinity counts as 2^1024; a NaN, or the wrong sign of a zero result, as infinitely far.
  double Ulps(double got) const;

 private:
  mutable mpfr_t value_, scratch_, first_, second_;
};

}  // namespace divla
