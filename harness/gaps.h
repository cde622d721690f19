// What the axes of generalisation cost, from the records of one run. Pure functions: no file, no clock.
#pragma once

#include <optional>
#include <span>
#include <string>

#include "harness/records/gap_records.h"
#include "harness/records/records.h"
#include "harness/summary.h"

namespace divla {

// The families that leave the training distribution on an axis ("instruction_intent+object_category"), by the first
// word of its parts. Empty for "none", and for an axis with a part of no family (the interventions): those episodes
// stand in no row of the table seen x unseen.
struct AxisFamilies {
  bool instruction{}, object{}, environment{};
  auto operator<=>(const AxisFamilies&) const = default;
};
std::optional<AxisFamilies> FamiliesOf(const std::string& axis);

// `order`: the cells of the summary. Empty when no perturbed episode has its clean twin among the records.
std::optional<GapSummary> SummarizeGaps(std::span<const EpisodeRecord> records, std::span<const CellName> order);

// Interval of the success rate over all records with an episode and its twins as one cluster; empty when there are no
// twins, that is, when all records are independent.
std::optional<Interval> TwinClusteredInterval(std::span<const EpisodeRecord> records);

}  // namespace divla
