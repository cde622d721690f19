#include "harness/report/paper_rows.h"

#include <algorithm>
#include <map>

#include "harness/records/scene_key.h"
#include "harness/report/cells.h"
#include "harness/statistics.h"

namespace divla {

namespace {

bool Belongs(const PaperRow& row, const EpisodeKey& key) {
  if (std::find(row.tasks.begin(), row.tasks.end(), key.task) == row.tasks.end()) return false;
  if (IsClean(key.axis, key.level) != row.clean) return false;
  return row.axis.empty() || key.axis == row.axis;
}

PaperComparison OfEpisodes(const PaperRow& row, const std::vector<EpisodeView>& episodes) {
  PaperComparison ours{.row = &row, .interval = {0.0, 1.0}};
  std::map<SceneKey, SuccessCount> clusters;
  for (const EpisodeView& view : episodes) {
    const EpisodeRecord& record = view.record;
    if (!Belongs(row, record.key)) continue;
    SuccessCount& cluster = clusters[SceneOf(record.key)];
    const bool objects = row.count == PaperCount::kObjects;
    cluster.k += objects ? record.objects.placed : record.success;
    cluster.n += objects ? record.objects.total : 1;
  }
  std::vector<SuccessCount> counts;
  for (const auto& [key, count] : clusters) {
    ours.k += count.k;
    ours.n += count.n;
    counts.push_back(count);
  }
  const bool alone = std::all_of(counts.begin(), counts.end(), [](const SuccessCount& count) { return count.n == 1; });
  if (ours.n > 0) ours.interval = alone ? WilsonInterval(ours.k, ours.n) : ClusteredWilson(counts);
  return ours;
}

// The episodes of a control are known by their summary only.
PaperComparison OfControl(const PaperRow& row, const std::vector<ControlSummary>& controls) {
  PaperComparison ours{.row = &row, .interval = {0.0, 1.0}};
  for (const ControlSummary& summary : controls) {
    if (ToString(summary.control) != row.control) continue;
    for (const ControlResult& task : summary.tasks) {
      if (std::find(row.tasks.begin(), row.tasks.end(), task.task) == row.tasks.end()) continue;
      ours.k += task.counts.Run();
      ours.n += task.counts.Pairs();
    }
  }
  if (ours.n > 0) ours.interval = WilsonInterval(ours.k, ours.n);
  return ours;
}

}  // namespace

std::vector<PaperComparison> ComparePaper(const ReportData& data) {
  const PaperTable* table = FindPaperTable(data.summary.suite);
  std::vector<PaperComparison> rows;
  if (table == nullptr) return rows;
  for (const PaperRow& row : table->rows) {
    rows.push_back(row.control.empty() ? OfEpisodes(row, data.episodes) : OfControl(row, data.controls));
  }
  return rows;
}

}  // namespace divla
