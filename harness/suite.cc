#include "harness/suite.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "harness/json_fields.h"
#include "sim/check.h"
#include "sim/scene_builder.h"
#include "tasks/axes/axis.h"
#include "tasks/registry.h"

namespace divla {
namespace {

constexpr int kMostEpisodes = 10'000;  // keys hold four digits
constexpr int kMostGroup = 256;

std::filesystem::path SuiteFolder() { return AssetsDir() / "suites"; }

void CheckSeed(std::uint64_t seed, const std::string& where) {
  if (seed >= kFirstDemoSeed) {
    throw InputError(
        fmt::format("{}: key 'seed': expected below {} (from there on seeds belong to demonstrations), found {}", where,
                    kFirstDemoSeed, seed));
  }
}

// Throws InputError for an unknown axis and for one that the task lacks.
void CheckAxis(const SuiteCell& cell, const std::string& where) {
  try {
    for (const Axis* axis : AxesOf(cell.axis)) {
      const std::string reason = FindTask(cell.task).Without(axis->Spec().name);
      if (!reason.empty()) {
        throw InputError(fmt::format("task {}: axis {} does not apply: {}", cell.task, axis->Spec().name, reason));
      }
    }
  } catch (const InputError& error) {
    throw InputError(fmt::format("{}: key 'axis': {}", where, error.what()));
  }
}

}  // namespace

int Suite::Episodes() const {
  int sum = 0;
  for (const SuiteCell& cell : cells) sum += cell.episodes;
  return sum;
}

std::vector<CellName> Suite::Order() const {
  std::vector<CellName> order;
  for (const SuiteCell& cell : cells) order.push_back({cell.task, cell.axis, cell.level});
  return order;
}

std::vector<Group> MakeGroups(const Suite& suite) {
  std::vector<Group> groups;
  for (const SuiteCell& cell : suite.cells) {
    for (int first = 0; first < cell.episodes; first += suite.group_size) {
      groups.push_back({{cell.task, cell.axis, cell.level, first}, std::min(suite.group_size, cell.episodes - first)});
    }
  }
  return groups;
}

Suite ParseSuite(const std::string& text, const std::string& where) {
  const nlohmann::json json = ParseJson(text, where);
  JsonFields fields(json, where);
  if (const auto format = fields.String("format"); format != "divla-suite") {
    fields.Fail("format", "\"divla-suite\"", format);
  }
  Suite suite;
  suite.name = fields.String("name");
  const auto allowed = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-'; };
  if (suite.name.empty() || !std::all_of(suite.name.begin(), suite.name.end(), allowed)) {
    fields.Fail("name", "small letters, digits, '_' and '-'", "\"" + suite.name + "\"");
  }
  suite.version = fields.Int("version", 1, 1'000'000);
  suite.summary = fields.String("summary");
  suite.seed = fields.U64("seed");
  CheckSeed(suite.seed, where);
  suite.group_size = fields.Int("group_size", 1, kMostGroup);
  for (const auto& value : fields.Array("cells")) {
    JsonFields entry(value, fmt::format("{}: in 'cells' entry {}", where, suite.cells.size()));
    SuiteCell cell;
    cell.task = entry.String("task");
    try {
      FindTask(cell.task);
    } catch (const InputError& error) {
      throw InputError(fmt::format("{}: key 'task': {}", entry.Where(), error.what()));
    }
    cell.axis = entry.String("axis");
    const bool clean = cell.axis == "none";
    cell.level = entry.Int("level", clean ? 0 : 1, clean ? 0 : kLevels);
    CheckAxis(cell, entry.Where());
    cell.episodes = entry.Int("episodes", 1, kMostEpisodes);
    entry.Finish();
    const auto same = [&](const SuiteCell& other) {
      return other.task == cell.task && other.axis == cell.axis && other.level == cell.level;
    };
    if (std::any_of(suite.cells.begin(), suite.cells.end(), same)) {
      entry.Fail("task", "each task, axis and level once", "\"" + cell.task + "\" again");
    }
    suite.cells.push_back(cell);
  }
  if (suite.cells.empty()) fields.Fail("cells", "at least one entry", "none");
  fields.Finish();
  return suite;
}

std::vector<std::string> SuiteNames() {
  std::vector<std::string> names;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(SuiteFolder(), error)) {
    if (entry.path().extension() == ".json") names.push_back(entry.path().stem().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

Suite LoadSuite(const std::string& name_or_file) {
  const auto names = SuiteNames();
  const bool shipped = std::find(names.begin(), names.end(), name_or_file) != names.end();
  const std::filesystem::path file =
      shipped ? SuiteFolder() / (name_or_file + ".json") : std::filesystem::path(name_or_file);
  if (!shipped && !std::filesystem::exists(file)) {
    throw InputError(
        fmt::format("--suite: expected one of {} or a file, found '{}'", fmt::join(names, ", "), name_or_file));
  }
  return ParseSuite(ReadTextFile(file), "file " + file.string());
}

namespace {

// "environment_lighting:3" or, for all levels, "environment_lighting".
std::pair<std::string, std::vector<int>> ParseAxisChange(const std::string& text) {
  const std::size_t colon = text.find(':');
  std::vector<int> levels;
  if (colon == std::string::npos) {
    for (int level = 1; level <= kLevels; ++level) levels.push_back(level);
  } else {
    const std::string digits = text.substr(colon + 1);
    if (digits.size() != 1 || digits[0] < '1' || digits[0] > '0' + kLevels) {
      throw InputError(
          fmt::format("--axis: expected NAME or NAME:LEVEL with level 1 to {}, found '{}'", kLevels, text));
    }
    levels.push_back(digits[0] - '0');
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
      const auto parts = AxesOf(axis);
      if (parts.empty()) throw InputError("--axis: expected the name of an axis, found 'none'");
      const Task& task = FindTask(clean.task);
      if (std::any_of(parts.begin(), parts.end(),
                      [&](const Axis* part) { return !task.Without(part->Spec().name).empty(); })) {
        continue;
      }
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
    CheckSeed(changes.seed, "--seed");
    suite.seed = changes.seed;
  }
}

}  // namespace divla
