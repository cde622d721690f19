#include "harness/report/cells.h"

#include <algorithm>

namespace divla {

bool IsClean(std::string_view axis, int level) { return axis == "none" && level == 0; }
bool IsClean(const CellSummary& cell) { return IsClean(cell.axis, cell.level); }

std::vector<TaskCells> CellsByTask(const RunSummary& summary) {
  std::vector<TaskCells> tasks;
  for (const CellSummary& cell : summary.cells) {
    auto found =
        std::find_if(tasks.begin(), tasks.end(), [&](const TaskCells& task) { return task.task == cell.task; });
    if (found == tasks.end()) {
      tasks.push_back({.task = cell.task, .clean = {}, .perturbed = {}});
      found = tasks.end() - 1;
    }
    (IsClean(cell) ? found->clean : found->perturbed).push_back(&cell);
  }
  return tasks;
}

CellTotal Total(const std::vector<const CellSummary*>& cells) {
  CellTotal total;
  std::size_t length = 0;
  bool timed = true;
  for (const CellSummary* cell : cells) {
    total.n += cell->n;
    total.k += cell->k;
    total.failed_reasoning_wrong += cell->failed_reasoning_wrong;
    total.failed_reasoning_right += cell->failed_reasoning_right;
    total.queries += cell->reasoning.queries;
    for (const auto& [failure, count] : cell->failures) total.failures[failure] += count;
    timed = timed && cell->success_times;
    if (cell->success_times) length = std::max(length, cell->success_times->solved.size());
  }
  if (!timed) return total;
  std::vector<int>& sum = total.solved.emplace(length, 0);
  for (const CellSummary* cell : cells) {
    const std::vector<int>& solved = cell->success_times->solved;
    for (std::size_t i = 0; i < length; ++i) {
      // A cell's count stays where its last success brought it.
      if (!solved.empty()) sum[i] += solved[std::min(i, solved.size() - 1)];
    }
  }
  return total;
}

ReasoningScore TotalReasoning(const RunSummary& summary) {
  ReasoningScore total;
  for (const CellSummary& cell : summary.cells) {
    total.queries += cell.reasoning.queries;
    total.correct += cell.reasoning.correct;
    total.faithful += cell.reasoning.faithful;
    total.located += cell.reasoning.located;
    total.grounded += cell.reasoning.grounded;
  }
  return total;
}

bool CountsObjects(const RunSummary& summary) {
  return std::any_of(summary.cells.begin(), summary.cells.end(),
                     [](const CellSummary& cell) { return cell.objects.total > cell.n; });
}

}  // namespace divla
