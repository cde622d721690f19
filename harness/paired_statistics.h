// Pure functions on pairs: the same episodes played by two policies. No state, thread-safe.
#pragma once

#include <span>
#include <vector>

#include "harness/statistics.h"

namespace divla {

// How the pairs fell out. A pair is one episode, played in BASE and in RUN.
struct PairedCounts {
  int both{};     // success in both
  int lost{};     // success in BASE only
  int won{};      // success in RUN only
  int neither{};  // success in none

  int Pairs() const { return both + lost + won + neither; }
  int Base() const { return both + lost; }
  int Run() const { return both + won; }
  // Rate of RUN minus rate of BASE, -1 to 1; 0 without pairs.
  double Difference() const { return Pairs() == 0 ? 0.0 : static_cast<double>(won - lost) / Pairs(); }
};

// Interval of Difference(): Wilson's intervals of the two rates put together with the correlation of the pairs, which
// is corrected for continuity where it is positive (Newcombe 1998, "Improved confidence intervals for the difference
// between binomial proportions based on paired data", Statistics in Medicine 17, 2635-2650, method 10). [-1, 1] without
// pairs.
Interval PairedDifferenceInterval(const PairedCounts& counts, double confidence = kConfidence);

// Two-sided p value of McNemar's exact test: twice the smaller binomial tail of `won` among `won + lost` fair tosses,
// at most 1 (McNemar 1947). 1 without a pair that changed.
double McNemarExact(const PairedCounts& counts);

// Holm's step-down adjustment (Holm 1979): in the order given; an adjusted value at most alpha means significant at
// alpha for the whole family.
std::vector<double> HolmAdjusted(std::span<const double> p_values);

}  // namespace divla
