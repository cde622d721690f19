#include "harness/suite.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>

#include "harness/control.h"
#include "harness/json_fields.h"
#include "sim/check.h"
#include "sim/scene_builder.h"
#include "tasks/axes/axis.h"
#include "tasks/registry.h"

namespace divla {
namespace {

constexpr int kMostGroup = 256;
constexpr const char* kOldFolder = "old";  // NAME@VERSION.json of versions that are not the newest

std::filesystem::path SuiteFolder() { return AssetsDir() / "suites"; }

// A text or a list of texts.
std::vector<std::string> OneOrMore(JsonFields& entry, const std::string& key) {
  if (entry.Json().contains(key) && entry.Json()[key].is_array()) return entry.Strings(key);
  return {entry.String(key)};
}

std::vector<int> OneOrMoreLevels(JsonFields& entry) {
  if (!entry.Json().contains("level") || !entry.Json()["level"].is_array()) return {entry.Int("level")};
  std::vector<int> levels;
  for (const auto& value : entry.Array("level")) {
    if (!value.is_number_integer()) entry.Fail("level", "integers", value.dump());
    levels.push_back(value.get<int>());
  }
  return levels;
}

// Each must be one that the axis has.
void CheckLevels(const std::vector<int>& levels, const std::string& axis, JsonFields& entry) {
  const auto [low, high] = LevelsOf(axis);
  for (const int level : levels) {
    if (level < low || level > high)
      entry.Fail("level", fmt::format("[{}, {}] for axis {}", low, high, axis), fmt::format("{}", level));
  }
}

// An entry of "cells": one cell, or the product of lists, without the axes that a task lacks.
std::vector<SuiteCell> ReadCells(JsonFields& entry) {
  const std::vector<std::string> tasks = OneOrMore(entry, "task");
  const std::vector<std::string> axes = OneOrMore(entry, "axis");
  const std::vector<int> levels = OneOrMoreLevels(entry);
  const int episodes = entry.Int("episodes", 1, kMostEpisodes);
  entry.Finish();
  std::vector<SuiteCell> cells;
  for (const std::string& task : tasks) {
    try {
      FindTask(task);
    } catch (const InputError& error) {
      throw InputError(fmt::format("{}: key 'task': {}", entry.Where(), error.what()));
    }
    for (const std::string& axis : axes) {
      std::string reason;
      try {
        reason = WhyWithout(FindTask(task), axis);
      } catch (const InputError& error) {
        reason = error.what();
        throw InputError(fmt::format("{}: key 'axis': {}", entry.Where(), reason));
      }
      if (!reason.empty() && tasks.size() * axes.size() > 1) continue;
      if (!reason.empty()) throw InputError(fmt::format("{}: key 'axis': {}", entry.Where(), reason));
      CheckLevels(levels, axis, entry);
      for (const int level : levels) cells.push_back({task, axis, level, episodes});
    }
  }
  return cells;
}

bool IsSuiteName(const std::string& name) {
  char last = '/';
  for (const char c : name) {
    const bool word = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
    if (!word && (c != '/' || last == '/')) return false;
    last = c;
  }
  return last != '/';
}

// "core@1": name and version; 0 where none is given.
std::pair<std::string, int> SplitVersion(const std::string& text) {
  const std::size_t at = text.rfind('@');
  if (at == std::string::npos) return {text, 0};
  const std::string digits = text.substr(at + 1);
  const bool number = !digits.empty() && digits.size() < 7 &&
                      std::all_of(digits.begin(), digits.end(), [](char c) { return c >= '0' && c <= '9'; });
  if (!number) return {text, 0};
  return {text.substr(0, at), std::stoi(digits)};
}

}  // namespace

void CheckSuiteSeed(std::uint64_t seed, const std::string& where) {
  if (seed >= kFirstDemoSeed) {
    throw InputError(
        fmt::format("{}: key 'seed': expected below {} (from there on seeds belong to demonstrations), found {}", where,
                    kFirstDemoSeed, seed));
  }
}

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

std::vector<Group> GroupsOf(const Suite& suite, const std::optional<Shard>& shard) {
  const std::vector<Group> all = MakeGroups(suite);
  if (!shard) return all;
  std::vector<Group> groups;
  for (std::size_t i = static_cast<std::size_t>(shard->index) - 1; i < all.size();
       i += static_cast<std::size_t>(shard->count)) {
    groups.push_back(all[i]);
  }
  return groups;
}

int CountEpisodes(const std::vector<Group>& groups) {
  int episodes = 0;
  for (const Group& group : groups) episodes += group.count;
  return episodes;
}

std::vector<EpisodeKey> KeysOf(const Group& group) {
  std::vector<EpisodeKey> keys(static_cast<std::size_t>(group.count), group.first);
  for (int i = 0; i < group.count; ++i) keys[static_cast<std::size_t>(i)].index += i;
  return keys;
}

Shard ParseShard(const std::string& text) {
  Shard shard{0, 0};
  const char* end = text.data() + text.size();
  const auto first = std::from_chars(text.data(), end, shard.index);
  if (first.ec == std::errc() && first.ptr != end && *first.ptr == '/') {
    const auto second = std::from_chars(first.ptr + 1, end, shard.count);
    if (second.ec == std::errc() && second.ptr == end && shard.index >= 1 && shard.index <= shard.count) return shard;
  }
  throw InputError(fmt::format("--shard: expected I/N with 1 <= I <= N, found '{}'", text));
}

Suite SuiteOf(const RunInfo& info) {
  return {.name = info.suite,
          .version = info.suite_version,
          .summary = "",
          .seed = info.seed,
          .group_size = info.group_size,
          .cells = info.cells};
}

Suite ParseSuite(const std::string& text, const std::string& where) {
  const nlohmann::json json = ParseJson(text, where);
  JsonFields fields(json, where);
  if (const auto format = fields.String("format"); format != "divla-suite") {
    fields.Fail("format", "\"divla-suite\"", format);
  }
  Suite suite;
  suite.name = fields.String("name");
  if (!IsSuiteName(suite.name)) {
    fields.Fail("name", "words of small letters, digits, '_' and '-', joined by '/'", "\"" + suite.name + "\"");
  }
  suite.version = fields.Int("version", 1, 1'000'000);
  suite.summary = fields.String("summary");
  suite.seed = fields.U64("seed");
  CheckSuiteSeed(suite.seed, where);
  suite.group_size = fields.Int("group_size", 1, kMostGroup);
  int index = 0;
  for (const auto& value : fields.Array("cells")) {
    JsonFields entry(value, fmt::format("{}: in 'cells' entry {}", where, index++));
    for (const SuiteCell& cell : ReadCells(entry)) {
      const auto same = [&](const SuiteCell& other) {
        return other.task == cell.task && other.axis == cell.axis && other.level == cell.level;
      };
      if (std::any_of(suite.cells.begin(), suite.cells.end(), same)) {
        entry.Fail("task", "each task, axis and level once", "\"" + cell.task + "\" again");
      }
      suite.cells.push_back(cell);
    }
  }
  if (suite.cells.empty()) fields.Fail("cells", "at least one entry", "none");
  if (fields.Has("controls")) {
    suite.controls = fields.Strings("controls");
    for (const std::string& name : suite.controls) {
      ControlNamed(name, fmt::format("{}: key 'controls'", where));
      if (std::count(suite.controls.begin(), suite.controls.end(), name) > 1) {
        fields.Fail("controls", "each control once", "\"" + name + "\" again");
      }
    }
  }
  fields.Finish();
  return suite;
}

std::vector<std::string> SuiteNames() {
  std::vector<std::string> names;
  std::error_code error;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(SuiteFolder(), error)) {
    const std::filesystem::path inside = entry.path().lexically_relative(SuiteFolder());
    if (inside.extension() != ".json" || *inside.begin() == kOldFolder) continue;
    names.push_back(std::filesystem::path(inside).replace_extension().generic_string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

std::vector<std::string> OldSuiteNames() {
  std::vector<std::string> names;
  std::error_code error;
  const std::filesystem::path folder = SuiteFolder() / kOldFolder;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder, error)) {
    if (entry.path().extension() != ".json") continue;
    names.push_back(entry.path().lexically_relative(folder).replace_extension().generic_string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

Suite LoadSuite(const std::string& name_or_file) {
  const auto [name, version] = SplitVersion(name_or_file);
  const auto names = SuiteNames();
  if (version > 0 && std::find(names.begin(), names.end(), name) != names.end()) {
    const std::filesystem::path old = SuiteFolder() / kOldFolder / fmt::format("{}@{}.json", name, version);
    const std::filesystem::path now = SuiteFolder() / (name + ".json");
    const std::filesystem::path& chosen = std::filesystem::exists(old) ? old : now;
    Suite suite = ParseSuite(ReadTextFile(chosen), "file " + chosen.string());
    if (suite.version != version) {
      throw InputError(
          fmt::format("--suite: expected a version of {} up to {}, found {}", name, suite.version, version));
    }
    return suite;
  }
  const bool shipped = std::find(names.begin(), names.end(), name_or_file) != names.end();
  const std::filesystem::path file =
      shipped ? SuiteFolder() / (name_or_file + ".json") : std::filesystem::path(name_or_file);
  if (!shipped && !std::filesystem::exists(file)) {
    throw InputError(
        fmt::format("--suite: expected one of {} or a file, found '{}'", fmt::join(names, ", "), name_or_file));
  }
  return ParseSuite(ReadTextFile(file), "file " + file.string());
}

}  // namespace divla
