// The table that ends `divla eval`.
#pragma once

#include <string>

#include "harness/records/records.h"

namespace divla {

// Plain UTF-8 without colours, at most 100 columns wide unless a name is longer than the table; ends with a line feed.
// Intervals are two-sided 95 %. Rates in percent, progress 0 to 1, steps are control steps.
std::string FormatConsole(const RunSummary& summary);

}  // namespace divla
