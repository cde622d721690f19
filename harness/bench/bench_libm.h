// How fast the elementary functions of sim/libm are beside glibc's, in one run.
#pragma once

#include <functional>

#include "harness/bench/bench.h"

namespace divla {

// One figure per function: nanoseconds of one call of ours over the arguments that physics meets, with glibc's time and
// the ratio in the note; and the largest ratio, whose target is at most 2. Blocks of both alternate; medians of the
// blocks. About `seconds` in all. Reports nothing where there is no libm.so.6.
void MeasureLibm(double seconds, const std::function<void(BenchFigure)>& report);

}  // namespace divla
