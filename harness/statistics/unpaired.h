// Two runs whose episodes are no pairs: rates of independent trials against each other. Weaker than the paired tests
// (harness/compare/paired_statistics.h), and the fallback when runs share no scenes. No state, thread-safe.
#pragma once

#include <span>

#include "harness/statistics.h"

namespace divla {

// Interval of rate(run) - rate(base): Wilson's intervals of the two rates put together (Newcombe 1998, "Interval
// estimation for the difference between independent proportions", Statistics in Medicine 17, 873-890, method 10).
// [-1, 1] when one has no trials.
Interval UnpairedDifferenceInterval(SuccessCount base, SuccessCount run, double confidence = kConfidence);

// Fisher's exact test against one side, that RUN's rate is lower: the hypergeometric chance of at most run.k of the
// successes. 1 without trials.
double FisherWorse(SuccessCount base, SuccessCount run);

// Boschloo's exact test against the same side (Boschloo 1970, Statistica Neerlandica 24): the highest chance, over all
// common rates, of a table whose Fisher p is at most this one's. Exact like Fisher's test, and never less powerful,
// because it does not hold the number of successes fixed, which no evaluation does; hence this one and not Fisher's.
// The maximum is searched on a grid of rates and then refined around the best: it is never above FisherWorse.
double BoschlooWorse(SuccessCount base, SuccessCount run);

// One stratum: the same task, axis and level in both runs.
struct TwoRates {
  SuccessCount base, run;
};

// All strata together. A run with more episodes of the easier tasks is not better for that, so each stratum is compared
// with itself only.
//   difference  the strata's differences, weighed by n m / (n + m) (Mantel & Haenszel 1959)
//   interval    their intervals put together in the same way as two rates are (Zou & Donner 2008, "Construction of
//               confidence limits about effect measures: a general approach", Statistics in Medicine 27, 1693-1702)
//   worse       one-sided p that RUN's rate is lower: Boschloo's for one stratum; for several the exact conditional
//               test, the distribution of RUN's successes when each stratum's are dealt out at random
//   two_sided   twice the smaller of both sides, at most 1
struct UnpairedTest {
  double difference{};
  Interval interval{-1.0, 1.0};
  double worse{1.0};
  double two_sided{1.0};
};
// Strata in which one run has no trial are left out.
UnpairedTest CompareRates(std::span<const TwoRates> strata, double confidence = kConfidence);

}  // namespace divla
