#include "harness/summary.h"

#include <algorithm>
#include <cmath>

#include "harness/gaps.h"
#include "harness/statistics.h"

namespace divla {
namespace {

// The smallest time by which `share` of `n` episodes were solved; `seconds` of the solved ones, sorted.
std::optional<double> Quantile(const std::vector<double>& seconds, int n, double share) {
  const auto needed = static_cast<std::size_t>(std::ceil(share * n));
  if (needed == 0 || needed > seconds.size()) return std::nullopt;
  return seconds[needed - 1];
}

SuccessTimes Times(std::vector<double> seconds, int n) {
  std::sort(seconds.begin(), seconds.end());
  SuccessTimes times{.solved = {},
                     .quarter = Quantile(seconds, n, 0.25),
                     .half = Quantile(seconds, n, 0.5),
                     .three_quarters = Quantile(seconds, n, 0.75)};
  // A success on the grid counts there although its time is a rounded product.
  constexpr double kRounding = 1e-6;  // s
  for (std::size_t solved = 0; solved < seconds.size();) {
    const double by = static_cast<double>(times.solved.size() + 1) * kSuccessTimeStep + kRounding;
    while (solved < seconds.size() && seconds[solved] <= by) ++solved;
    times.solved.push_back(static_cast<int>(solved));
  }
  return times;
}

CellSummary SummarizeCell(const CellName& name, std::span<const EpisodeRecord* const> records) {
  CellSummary cell;
  cell.task = name.task;
  cell.axis = name.axis;
  cell.level = name.level;
  cell.n = static_cast<int>(records.size());
  cell.reasoning.first_wrong_step = -1;
  double progress = 0.0, steps = 0.0;
  std::vector<double> success_seconds, steps_to_follow;
  for (const EpisodeRecord* record : records) {
    cell.k += record->success;
    cell.once += record->success_once;
    cell.held += record->success_held;
    progress += record->progress;
    steps += record->steps;
    if (record->success) success_seconds.push_back(record->sim_seconds);
    cell.objects.placed += record->objects.placed;
    cell.objects.total += record->objects.total;
    const ReasoningScore& reasoning = record->reasoning;
    cell.reasoning += reasoning;
    if (!record->success && reasoning.queries > 0) {
      (2 * reasoning.correct > reasoning.queries ? cell.failed_reasoning_right : cell.failed_reasoning_wrong)++;
    }
    if (record->intervention) {
      if (!cell.interventions) cell.interventions.emplace();
      ++cell.interventions->n;
      cell.interventions->k += record->success;
      cell.interventions->reasoned += reasoning.queries > 0;
      cell.interventions->followed += record->intervention->followed;
      if (record->intervention->followed) steps_to_follow.push_back(record->intervention->steps_to_follow);
    }
    if (record->failure != "none") ++cell.failures[record->failure];
    ++cell.terminations[ToString(record->termination)];
  }
  cell.rate = cell.n == 0 ? 0.0 : static_cast<double>(cell.k) / cell.n;
  cell.wilson = WilsonInterval(cell.k, cell.n);
  cell.clopper_pearson = ClopperPearsonInterval(cell.k, cell.n);
  cell.mean_progress = cell.n == 0 ? 0.0 : progress / cell.n;
  cell.mean_steps = cell.n == 0 ? 0.0 : steps / cell.n;
  cell.median_success_seconds = Median(success_seconds);
  cell.success_times = Times(success_seconds, cell.n);
  if (cell.interventions) cell.interventions->median_steps_to_follow = Median(steps_to_follow);
  return cell;
}

}  // namespace

RunSummary Summarize(const RunInfo& info, std::span<const EpisodeRecord> records, std::span<const CellName> order,
                     bool interrupted) {
  std::map<CellName, std::vector<const EpisodeRecord*>> groups;
  for (const EpisodeRecord& record : records) {
    groups[{record.key.task, record.key.axis, record.key.level}].push_back(&record);
  }
  std::vector<CellName> names(order.begin(), order.end());
  for (const auto& [name, group] : groups) {
    if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
  }

  RunSummary summary;
  summary.suite = info.suite;
  summary.suite_version = info.suite_version;
  summary.policy = info.policy;
  summary.seed = info.seed;
  summary.planned = info.episodes;
  summary.finished = static_cast<int>(records.size());
  summary.interrupted = interrupted;
  std::map<std::string, std::vector<double>> tasks;  // rates of the cells that have episodes
  for (const CellName& name : names) {
    const CellSummary cell = SummarizeCell(name, groups[name]);
    summary.n += cell.n;
    summary.k += cell.k;
    if (cell.n > 0) tasks[cell.task].push_back(cell.rate);
    summary.cells.push_back(cell);
  }
  summary.wilson = WilsonInterval(summary.k, summary.n);
  summary.clopper_pearson = ClopperPearsonInterval(summary.k, summary.n);
  std::vector<double> rates;  // tasks without a finished episode say nothing
  for (const auto& [task, cells] : tasks) rates.push_back(Mean(cells));
  summary.macro_rate = rates.empty() ? 0.0 : Mean(rates);
  summary.macro_interval = ClusteredInterval(rates);
  summary.clustered = TwinClusteredInterval(records);
  summary.gaps = SummarizeGaps(records, names);
  return summary;
}

}  // namespace divla
