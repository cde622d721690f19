// Pure functions on pairs: the same episodes played by two policies. No state, thread-safe.
#pragma once

#include <span>
#include <vector>

#include "harness/statistics.h"

namespace divla {

// Interval of Difference(): Wilson's intervals of the two rates put together with the correlation of the pairs, which
// is corrected for continuity where it is positive (Newcombe 1998, "Improved confidence intervals for the difference
// between binomial proportions based on paired data", Statistics in Medicine 17, 2635-2650, method 10). [-1, 1] without
// pairs.
Interval PairedDifferenceInterval(const PairedCounts& counts, double confidence = kConfidence);
// The same of an effective number of pairs, above 0, which may be broken: as if so many had fallen out in these shares.
Interval PairedDifferenceOfShares(const PairedCounts& counts, double effective, double confidence = kConfidence);

// Two-sided p value of McNemar's exact test: twice the smaller binomial tail of `won` among `won + lost` fair tosses,
// at most 1 (McNemar 1947). 1 without a pair that changed.
double McNemarExact(const PairedCounts& counts);

// Its mid-p: the chance of what was seen counts half (Fagerland, Lydersen & Laake 2013, "The McNemar test for binary
// matched-pairs data: mid-p and asymptotic are better than exact conditional", BMC Medical Research Methodology 13:91).
// Less cautious than the exact test, which rejects a true null more rarely than it may; can exceed its level slightly.
double McNemarMidP(const PairedCounts& counts);

// McNemar's exact test against one side, that RUN is worse: the chance of at most `won` of `won + lost` fair tosses. 1
// without a pair that changed.
double McNemarWorse(const PairedCounts& counts);

// Holm's step-down adjustment (Holm 1979): in the order given; an adjusted value at most alpha means significant at
// alpha for the whole family.
std::vector<double> HolmAdjusted(std::span<const double> p_values);

}  // namespace divla
