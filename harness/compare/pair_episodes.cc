#include "harness/compare/pair_episodes.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <utility>

#include "harness/edits.h"
#include "sim/check.h"

namespace divla {
namespace {

namespace fs = std::filesystem;

// `expected` is what BASE has. As JSON, so that no text breaks the one line of the message.
template <class Value>
void RequireEqual(const fs::path& file, const std::string& key, const Value& expected, const Value& found) {
  if (expected == found) return;
  const auto text = [](const Value& value) {
    return nlohmann::json(value).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  };
  throw InputError(fmt::format("file {}: key '{}': expected {} as in the base run, found {}", file.string(), key,
                               text(expected), text(found)));
}

void RequireSameConditions(const fs::path& file, const RunInfo& base, const RunInfo& run) {
  RequireEqual(file, "suite.name", base.suite, run.suite);
  RequireEqual(file, "suite.version", base.suite_version, run.suite_version);
  RequireEqual(file, "seed", base.seed, run.seed);
  RequireEqual(file, "control", base.control, run.control);
  const auto blind = [](const RunInfo& info) { return info.versions.renderer == "none"; };
  if (!blind(base) && !blind(run)) {
    RequireEqual(file, "versions.renderer", base.versions.renderer, run.versions.renderer);
  }
}

void RequireAll(const fs::path& file, const EpisodesByKey& wanted, const EpisodesByKey& there) {
  for (const auto& [key, record] : wanted) {
    if (there.contains(key)) continue;
    throw InputError(fmt::format("file {}: key 'key': expected the {} episodes of the other run, found {} without {}",
                                 file.string(), wanted.size(), there.size(), key));
  }
}

void RequireSameEpisode(const fs::path& file, const std::string& name, const EpisodeRecord& base,
                        const EpisodeRecord& run) {
  const std::string of = " of " + name;
  RequireEqual(file, "hash.scene" + of, base.hash.scene, run.hash.scene);
  RequireEqual(file, "hash.initial_state" + of, base.hash.initial_state, run.hash.initial_state);
  RequireEqual(file, "instruction" + of, base.instruction, run.instruction);
}

}  // namespace

void RequireSameRules(const fs::path& file, const RunInfo& base, const RunInfo& run, const std::string& task) {
  RequireEqual(file, "versions.rules." + task, base.versions.RulesOf(task), run.versions.RulesOf(task));
}

EpisodesByKey ReadByKey(const fs::path& run) {
  EpisodesByKey episodes;
  for (EpisodeRecord& record : ReadEpisodes(run)) {
    const std::string key = ToString(record.key);
    if (!episodes.emplace(key, std::move(record)).second) {
      throw InputError(fmt::format("file {}: key 'key': expected each episode once, found {} twice",
                                   (run / "episodes.jsonl").string(), key));
    }
  }
  return episodes;
}

std::map<std::string, EpisodePair> PairEpisodes(const fs::path& base, const fs::path& run) {
  RequireUnedited(base);
  RequireUnedited(run);
  const RunInfo base_info = ReadRunInfo(base), run_info = ReadRunInfo(run);
  RequireSameConditions(run / "run.json", base_info, run_info);
  EpisodesByKey before = ReadByKey(base), after = ReadByKey(run);
  RequireAll(run / "episodes.jsonl", before, after);
  RequireAll(base / "episodes.jsonl", after, before);
  std::map<std::string, EpisodePair> pairs;
  for (auto& [key, record] : before) {
    EpisodeRecord& other = after.at(key);
    RequireSameRules(run / "run.json", base_info, run_info, record.key.task);
    RequireSameEpisode(run / "episodes.jsonl", key, record, other);
    pairs.emplace(key, EpisodePair{std::move(record), std::move(other)});
  }
  if (pairs.empty()) {
    throw InputError(
        fmt::format("file {}: expected at least one episode, found none", (base / "episodes.jsonl").string()));
  }
  return pairs;
}

}  // namespace divla
