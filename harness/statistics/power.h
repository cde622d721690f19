// How many episodes it takes to see a difference, and what so many can see. Pure functions, thread-safe.
#pragma once

#include <optional>

namespace divla {

struct PowerTest {
  double alpha{0.05};
  bool one_sided{};  // against "RUN is worse" only, as the gate of `divla compare`
};

// The chance that McNemar's exact test finds a drop, when of all pairs a share `lost` succeed in BASE only and a share
// `won` in RUN only: the trinomial distribution summed over all outcomes, no approximation. 0 <= won, lost; won + lost
// <= 1. A rejection for the wrong side does not count.
double PairedPower(int pairs, double lost, double won, const PowerTest& test);

// Pairs from which on that power is reached, for a drop of `difference` with the share `discordance` of pairs that
// change (lost - won and lost + won). Power has teeth of about a percent, because counts are whole: this is where it has
// been reached and no following tooth falls below it again. Empty when discordance < difference, which no
// policies have, and when more than a million would be needed.
std::optional<int> PairsNeeded(double difference, double discordance, double power, const PowerTest& test);

// The smallest drop, to a thousandth of a point, that so many pairs see with this power; empty when even the largest,
// `discordance`, is not seen.
std::optional<double> VisibleDifference(int pairs, double discordance, double power, const PowerTest& test);

// Episodes of each run for a drop from `base_rate` by `difference` when the episodes are no pairs: the normal
// approximation of two independent rates (Fleiss, Levin & Paik 2003, "Statistical methods for rates and proportions",
// formula 4.14, without continuity correction), which Boschloo's test keeps to within a few episodes. Empty when
// base_rate < difference.
std::optional<int> EpisodesNeeded(double base_rate, double difference, double power, const PowerTest& test);

}  // namespace divla
