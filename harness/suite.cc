#include "harness/suite.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "harness/json_fields.h"
#include "sim/check.h"
#include "sim/scene_builder.h"
#include "tasks/intervention.h"
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
    const Task* task = nullptr;
    try {
      task = &FindTask(cell.task);
    } catch (const InputError& error) {
      throw InputError(fmt::format("{}: key 'task': {}", entry.Where(), error.what()));
    }
    cell.axis = entry.String("axis");
    const InterventionKind intervention = InterventionOfAxis(cell.axis);
    if (intervention == InterventionKind::kNone && cell.axis != "none") {
      entry.Fail("axis", "\"none\", \"intervention_object\" or \"intervention_instruction\"", "\"" + cell.axis + "\"");
    }
    if (intervention != InterventionKind::kNone && !task->HasIntervention(intervention)) {
      entry.Fail("axis", "an intervention that the task " + cell.task + " has", "\"" + cell.axis + "\"");
    }
    const int level = intervention == InterventionKind::kNone ? 0 : 1;
    cell.level = entry.Int("level", level, level);
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
