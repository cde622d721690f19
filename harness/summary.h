// From episode records to the numbers of the table. A pure function: no file, no clock.
#pragma once

#include <span>

#include "harness/records/records.h"

namespace divla {

// Counts every record, failures of every kind included. Cells stand in the order of `order` (task, axis, level); cells
// that it lacks follow by name. Pass the suite's cells, or nothing.
struct CellName {
  std::string task, axis;
  int level{};
  auto operator<=>(const CellName&) const = default;
};
RunSummary Summarize(const RunInfo& info, std::span<const EpisodeRecord> records, std::span<const CellName> order,
                     bool interrupted);

}  // namespace divla
