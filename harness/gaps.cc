#include "harness/gaps.h"

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

#include "harness/compare/paired_statistics.h"
#include "harness/records/scene_key.h"

namespace divla {
namespace {

using Outcomes = std::map<int, bool>;        // success by index
using Cells = std::map<CellName, Outcomes>;  // of a run
using Clusters = std::map<SceneKey, SuccessCount>;

Cells ByCell(std::span<const EpisodeRecord> records) {
  Cells cells;
  for (const EpisodeRecord& record : records) {
    cells[{record.key.task, record.key.axis, record.key.level}][record.key.index] = record.success;
  }
  return cells;
}

PairedCounts PairWithClean(const Cells& cells, const CellName& name) {
  PairedCounts counts;
  const auto clean = cells.find({name.task, "none", 0});
  const auto twins = cells.find(name);
  if (clean == cells.end() || twins == cells.end()) return counts;
  for (const auto& [index, success] : twins->second) {
    const auto pair = clean->second.find(index);
    if (pair != clean->second.end()) counts.Add(pair->second, success);
  }
  return counts;
}

std::vector<CellGap> CellGaps(const Cells& cells, std::span<const CellName> order) {
  std::vector<CellGap> gaps;
  std::vector<double> p_values;
  for (const CellName& name : order) {
    if (name.axis == "none") continue;
    const PairedCounts counts = PairWithClean(cells, name);
    if (counts.Pairs() == 0) continue;
    gaps.push_back({.task = name.task,
                    .axis = name.axis,
                    .level = name.level,
                    .counts = counts,
                    .difference = counts.Difference(),
                    .newcombe = PairedDifferenceInterval(counts),
                    .p = McNemarExact(counts),
                    .p_mid = McNemarMidP(counts)});
    p_values.push_back(gaps.back().p);
  }
  const std::vector<double> adjusted = HolmAdjusted(p_values);
  for (std::size_t i = 0; i < gaps.size(); ++i) gaps[i].p_holm = adjusted[i];
  return gaps;
}

MeanGap MeanOver(const std::map<std::string, PairedCounts>& tasks) {
  MeanGap gap;
  std::vector<double> differences;
  for (const auto& [task, counts] : tasks) {
    differences.push_back(counts.Difference());
    gap.pooled += counts;
  }
  gap.tasks = static_cast<int>(tasks.size());
  gap.mean = Mean(differences);
  gap.interval = ClusteredInterval(differences, kConfidence, {-1.0, 1.0});
  return gap;
}

std::vector<AxisGap> AxisGaps(const std::vector<CellGap>& cells) {
  using Key = std::pair<std::string, int>;
  std::vector<Key> keys;
  std::map<Key, std::map<std::string, PairedCounts>> tasks;
  for (const CellGap& cell : cells) {
    const Key key{cell.axis, cell.level};
    if (!tasks.contains(key)) keys.push_back(key);
    tasks[key][cell.task] += cell.counts;
  }
  std::vector<AxisGap> gaps;
  for (const Key& key : keys) {
    const MeanGap gap = MeanOver(tasks[key]);
    gaps.push_back({key.first, key.second, gap, PairedDifferenceInterval(gap.pooled)});
  }
  return gaps;
}

// The episodes of one row of the factorial while it is counted.
struct Row {
  Clusters clusters;
  std::map<std::string, SuccessCount> tasks;
  std::map<std::string, PairedCounts> gaps;
};

FactorialRow Finished(const AxisFamilies& families, const Row& row) {
  FactorialRow out;
  out.instruction = families.instruction;
  out.object = families.object;
  out.environment = families.environment;
  std::vector<double> rates;
  for (const auto& [task, count] : row.tasks) {
    out.k += count.k;
    out.n += count.n;
    rates.push_back(static_cast<double>(count.k) / count.n);
  }
  std::vector<SuccessCount> clusters;
  for (const auto& [twins, count] : row.clusters) clusters.push_back(count);
  out.tasks = static_cast<int>(row.tasks.size());
  out.rate = static_cast<double>(out.k) / out.n;
  out.interval = ClusteredWilson(clusters);
  out.macro_rate = Mean(rates);
  out.macro_interval = ClusteredInterval(rates);
  if (!row.gaps.empty()) out.gap = MeanOver(row.gaps);
  return out;
}

std::vector<FactorialRow> Factorial(const Cells& cells) {
  std::map<AxisFamilies, Row> rows;  // sorted: instruction turns slowest
  for (const auto& [name, outcomes] : cells) {
    const auto families = name.axis == "none" ? AxisFamilies{} : FamiliesOf(name.axis);
    if (!families || outcomes.empty()) continue;
    Row& row = rows[*families];
    for (const auto& [index, success] : outcomes) {
      row.clusters[{name.task, index}].Add(success);
      row.tasks[name.task].Add(success);
    }
    const PairedCounts counts = PairWithClean(cells, name);
    if (name.axis != "none" && counts.Pairs() > 0) row.gaps[name.task] += counts;
  }
  std::vector<FactorialRow> out;
  for (const auto& [families, row] : rows) out.push_back(Finished(families, row));
  return out;
}

}  // namespace

std::optional<AxisFamilies> FamiliesOf(const std::string& axis) {
  AxisFamilies families;
  for (std::size_t start = 0; start <= axis.size();) {
    const std::size_t end = std::min(axis.find('+', start), axis.size());
    const std::string part = axis.substr(start, end - start);
    const std::string family = part.substr(0, part.find('_'));
    if (family == "instruction") {
      families.instruction = true;
    } else if (family == "object") {
      families.object = true;
    } else if (family == "environment") {
      families.environment = true;
    } else {
      return std::nullopt;
    }
    start = end + 1;
  }
  return families;
}

std::optional<GapSummary> SummarizeGaps(std::span<const EpisodeRecord> records, std::span<const CellName> order) {
  const Cells cells = ByCell(records);
  GapSummary gaps;
  gaps.cells = CellGaps(cells, order);
  if (gaps.cells.empty()) return std::nullopt;
  gaps.axes = AxisGaps(gaps.cells);
  gaps.factorial = Factorial(cells);
  return gaps;
}

std::optional<Interval> TwinClusteredInterval(std::span<const EpisodeRecord> records) {
  Clusters clusters;
  for (const EpisodeRecord& record : records) clusters[SceneOf(record.key)].Add(record.success);
  if (clusters.size() == records.size()) return std::nullopt;
  std::vector<SuccessCount> counts;
  for (const auto& [twins, count] : clusters) counts.push_back(count);
  return ClusteredWilson(counts);
}

}  // namespace divla
