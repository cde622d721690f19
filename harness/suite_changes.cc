// What the command line changes about a suite.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "harness/suite.h"
#include "sim/check.h"
#include "tasks/axes/axis.h"
#include "tasks/registry.h"

namespace divla {
namespace {

// "environment_lighting:3" or, for all levels, "environment_lighting".
std::pair<std::string, std::vector<int>> ParseAxisChange(const std::string& text) {
  const std::size_t colon = text.find(':');
  std::vector<int> levels;
  if (colon == std::string::npos) {
    const auto [low, high] = LevelsOf(text);
    for (int level = low; level <= high; ++level) levels.push_back(level);
  } else {
    const std::string digits = text.substr(colon + 1);
    if (digits.size() != 1 || digits[0] < '1' || digits[0] > '0' + kLevels) {
      throw InputError(
          fmt::format("--axis: expected NAME or NAME:LEVEL with level 1 to {}, found '{}'", kLevels, text));
    }
    levels.push_back(digits[0] - '0');
    const auto [low, high] = LevelsOf(text.substr(0, colon));
    if (levels.front() < low || levels.front() > high) {
      throw InputError(fmt::format("--axis: expected a level in [{}, {}] for {}, found '{}'", low, high,
                                   text.substr(0, colon), text));
    }
  }
  return {text.substr(0, colon), levels};
}

// The clean cells stay, each followed by its twins; cells of other axes go. Tasks without an axis have no cell of it.
void AddAxes(const std::vector<std::string>& axes, Suite& suite) {
  std::vector<SuiteCell> cells;
  for (const SuiteCell& clean : suite.cells) {
    if (clean.axis != "none") continue;
    cells.push_back(clean);
    for (const std::string& text : axes) {
      const auto [axis, levels] = ParseAxisChange(text);
      if (axis == "none") throw InputError("--axis: expected the name of an axis, found 'none'");
      if (!WhyWithout(FindTask(clean.task), axis).empty()) continue;
      for (const int level : levels) cells.push_back({clean.task, axis, level, clean.episodes});
    }
  }
  suite.cells = std::move(cells);
}

}  // namespace

void ApplyChanges(const SuiteChanges& changes, Suite& suite) {
  if (!changes.tasks.empty()) {
    std::vector<std::string> known;
    for (const SuiteCell& cell : suite.cells) known.push_back(cell.task);
    for (const std::string& task : changes.tasks) {
      if (std::find(known.begin(), known.end(), task) == known.end()) {
        throw InputError(fmt::format("--task: expected a task of suite {} ({}), found '{}'", suite.name,
                                     fmt::join(known, ", "), task));
      }
    }
    std::erase_if(suite.cells, [&](const SuiteCell& cell) {
      return std::find(changes.tasks.begin(), changes.tasks.end(), cell.task) == changes.tasks.end();
    });
  }
  if (!changes.axes.empty()) AddAxes(changes.axes, suite);
  if (changes.episodes != 0) {
    if (changes.episodes < 1 || changes.episodes > kMostEpisodes) {
      throw InputError(fmt::format("--episodes: expected 1 to {}, found {}", kMostEpisodes, changes.episodes));
    }
    for (SuiteCell& cell : suite.cells) cell.episodes = changes.episodes;
  }
  if (changes.has_seed) {
    CheckSuiteSeed(changes.seed, "--seed");
    suite.seed = changes.seed;
  }
}

}  // namespace divla
