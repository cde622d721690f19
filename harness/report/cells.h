// The cells of a summary sorted by what a reader asks first: how is a task solved as trained, and how when perturbed?
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/records/records.h"

namespace divla {

// Perturbed or clean episodes of one task, added up. No interval: an episode and its twins are not independent.
struct CellTotal {
  int n{}, k{};
  int failed_reasoning_wrong{}, failed_reasoning_right{};
  int queries{};                        // texts that were judged
  std::map<std::string, int> failures;  // failure name -> episodes
  // As SuccessTimes::solved; absent when a cell has no times: a summary from before they were counted.
  std::optional<std::vector<int>> solved;
};

struct TaskCells {
  std::string task;
  std::vector<const CellSummary*> clean;      // axis "none", level 0: one cell, or none
  std::vector<const CellSummary*> perturbed;  // in the order of the summary
};

// In the order in which the tasks first come. Points into `summary`, which must live longer.
std::vector<TaskCells> CellsByTask(const RunSummary& summary);
CellTotal Total(const std::vector<const CellSummary*>& cells);
// Whether an episode is played as trained; every other one is perturbed.
bool IsClean(std::string_view axis, int level);
bool IsClean(const CellSummary& cell);

// Over all cells, with first_wrong_step unused.
ReasoningScore TotalReasoning(const RunSummary& summary);

// Whether there is a cell in which more than one object of an episode is counted.
bool CountsObjects(const RunSummary& summary);

}  // namespace divla
