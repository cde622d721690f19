#include "harness/compare.h"

#include <fmt/format.h>

#include <map>
#include <nlohmann/json.hpp>

#include "sim/check.h"

namespace divla {
namespace {

namespace fs = std::filesystem;

using Episodes = std::map<std::string, EpisodeRecord>;  // by ToString(key): the order of the run folder

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
  const auto blind = [](const RunInfo& info) { return info.versions.renderer == "none"; };
  if (!blind(base) && !blind(run)) {
    RequireEqual(file, "versions.renderer", base.versions.renderer, run.versions.renderer);
  }
}

Episodes ReadByKey(const fs::path& run) {
  Episodes episodes;
  for (EpisodeRecord& record : ReadEpisodes(run)) {
    const std::string key = ToString(record.key);
    if (!episodes.emplace(key, std::move(record)).second) {
      throw InputError(fmt::format("file {}: key 'key': expected each episode once, found {} twice",
                                   (run / "episodes.jsonl").string(), key));
    }
  }
  return episodes;
}

void RequireAll(const fs::path& file, const Episodes& wanted, const Episodes& there) {
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

void Count(const EpisodeRecord& base, const EpisodeRecord& run, PairedCounts& counts) {
  if (base.success) {
    ++(run.success ? counts.both : counts.lost);
  } else {
    ++(run.success ? counts.won : counts.neither);
  }
}

PairedResult Result(const std::string& task, const PairedCounts& counts, double alpha) {
  const double p = McNemarExact(counts);
  return {task, counts, PairedDifferenceInterval(counts, 1.0 - alpha), p, p};
}

void Judge(Comparison& comparison) {
  const CompareOptions& options = comparison.options;
  for (const PairedResult& result : comparison.tasks) {
    if (result.counts.Difference() < 0.0 && result.p_adjusted <= options.alpha) {
      comparison.worse_because.push_back(fmt::format("{}: lost {}, won {}, p {:.4f} after Holm, alpha {}", result.task,
                                                     result.counts.lost, result.counts.won, result.p_adjusted,
                                                     options.alpha));
    }
  }
  const PairedResult& all = comparison.all;
  if (all.counts.Difference() < -options.margin && all.interval.high < 0.0) {
    comparison.worse_because.push_back(fmt::format("over all episodes: {:+.1f} points, interval [{:+.1f}, {:+.1f}]",
                                                   100 * all.counts.Difference(), 100 * all.interval.low,
                                                   100 * all.interval.high));
  }
}

}  // namespace

Comparison CompareRuns(const fs::path& base, const fs::path& run, const CompareOptions& options) {
  Comparison comparison{.base = ReadRunInfo(base),
                        .run = ReadRunInfo(run),
                        .options = options,
                        .tasks = {},
                        .all = {},
                        .lost = {},
                        .won = {},
                        .worse_because = {}};
  RequireSameConditions(run / "run.json", comparison.base, comparison.run);
  const Episodes before = ReadByKey(base), after = ReadByKey(run);
  RequireAll(run / "episodes.jsonl", before, after);
  RequireAll(base / "episodes.jsonl", after, before);
  std::map<std::string, PairedCounts> tasks;
  PairedCounts all;
  for (const auto& [key, record] : before) {
    const EpisodeRecord& other = after.at(key);
    RequireSameEpisode(run / "episodes.jsonl", key, record, other);
    Count(record, other, tasks[record.key.task]);
    Count(record, other, all);
    if (record.success && !other.success) comparison.lost.push_back(record.key);
    if (!record.success && other.success) comparison.won.push_back(record.key);
  }
  std::vector<double> p_values;
  for (const auto& [task, counts] : tasks) {
    comparison.tasks.push_back(Result(task, counts, options.alpha));
    p_values.push_back(comparison.tasks.back().p);
  }
  const std::vector<double> adjusted = HolmAdjusted(p_values);
  for (std::size_t i = 0; i < adjusted.size(); ++i) comparison.tasks[i].p_adjusted = adjusted[i];
  comparison.all = Result("", all, options.alpha);
  Judge(comparison);
  return comparison;
}

}  // namespace divla
