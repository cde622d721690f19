// The published numbers of a suite with ours beside them.
#pragma once

#include <string>
#include <vector>

#include "harness/report/data.h"
#include "harness/report/paper_numbers.h"

namespace divla {

struct PaperComparison {
  const PaperRow* row{};  // static
  int k{}, n{};           // ours: episodes, or objects; n = 0 when this run has none
  // Of the rate: Wilson for clean episodes; an episode and its twins, or an episode and its objects, are one cluster.
  Interval interval;
};
// One for each row of the suite's table; empty for a suite without one.
std::vector<PaperComparison> ComparePaper(const ReportData& data);

}  // namespace divla
