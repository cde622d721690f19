#include "harness/compare/compare.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <nlohmann/json.hpp>
#include <utility>

#include "harness/edits.h"
#include "harness/report/text.h"
#include "harness/statistics/gate.h"
#include "harness/statistics/unpaired.h"
#include "harness/summary.h"
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
  RequireEqual(file, "control", base.control, run.control);
  const auto blind = [](const RunInfo& info) { return info.versions.renderer == "none"; };
  if (!blind(base) && !blind(run)) {
    RequireEqual(file, "versions.renderer", base.versions.renderer, run.versions.renderer);
  }
}

// What other rules judged says nothing, in pairs or not.
void RequireSameRules(const fs::path& file, const RunInfo& base, const RunInfo& run, const std::string& task) {
  RequireEqual(file, "versions.rules." + task, base.versions.RulesOf(task), run.versions.RulesOf(task));
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

// By task, axis and level.
CellName CellOf(const EpisodeKey& key) { return {key.task, key.axis, key.level}; }

CompareResult PairedResult(const std::string& task, const PairedCounts& counts, double alpha) {
  return {.task = task,
          .base = {counts.Base(), counts.Pairs()},
          .run = {counts.Run(), counts.Pairs()},
          .counts = counts,
          .difference = counts.Difference(),
          .interval = PairedDifferenceInterval(counts, 1.0 - alpha),
          .p = McNemarExact(counts),
          .p_mid = McNemarMidP(counts),
          .p_worse = 1.0,
          .worse = {}};
}

void ComparePaired(const std::map<std::string, EpisodePair>& pairs, Comparison& comparison) {
  std::map<CellName, PairedCounts> cells;
  for (const auto& [key, pair] : pairs) {
    const bool before = pair.base.success, after = pair.run.success;
    cells[CellOf(pair.base.key)].Add(before, after);
    if (before && !after) comparison.lost.push_back(pair.base.key);
    if (!before && after) comparison.won.push_back(pair.base.key);
  }
  const double alpha = comparison.options.alpha;
  std::map<std::string, PairedCounts> tasks;
  PairedCounts all;
  for (const auto& [name, counts] : cells) {
    tasks[name.task] += counts;
    all += counts;
  }
  for (const auto& [task, counts] : tasks) comparison.tasks.push_back(PairedResult(task, counts, alpha));
  comparison.all = PairedResult("", all, alpha);
  std::vector<GateStratum> strata;
  for (const auto& [name, counts] : cells) {
    strata.push_back({static_cast<std::size_t>(std::distance(tasks.begin(), tasks.find(name.task))), counts});
  }
  const GateTest test = TestForWorse(strata, tasks.size(), GateTosses(alpha));
  for (std::size_t i = 0; i < test.tasks.size(); ++i) comparison.tasks[i].p_worse = test.tasks[i];
  comparison.all.p_worse = test.all;
  comparison.p_weighted = test.weighted;
}

CompareResult UnpairedResult(const std::string& task, const std::vector<TwoRates>& strata, double alpha) {
  const UnpairedTest test = CompareRates(strata, 1.0 - alpha);
  CompareResult result{.task = task,
                       .base = {},
                       .run = {},
                       .counts = {},
                       .difference = test.difference,
                       .interval = test.interval,
                       .p = test.two_sided,
                       .p_mid = test.two_sided,
                       .p_worse = test.worse,
                       .worse = {}};
  for (const TwoRates& stratum : strata) {
    result.base.k += stratum.base.k;
    result.base.n += stratum.base.n;
    result.run.k += stratum.run.k;
    result.run.n += stratum.run.n;
  }
  return result;
}

void CompareUnpaired(Comparison& comparison) {
  std::map<CellName, TwoRates> cells;
  for (const auto& [key, record] : ReadByKey(comparison.base_folder)) {
    cells[CellOf(record.key)].base.Add(record.success);
  }
  for (const auto& [key, record] : ReadByKey(comparison.run_folder)) {
    cells[CellOf(record.key)].run.Add(record.success);
  }
  std::map<std::string, std::vector<TwoRates>> tasks;
  std::vector<TwoRates> all;
  for (const auto& [name, rates] : cells) {
    if (rates.base.n == 0 || rates.run.n == 0) {
      comparison.left_out.push_back(CellLabel(name.task, name.axis, name.level));
      continue;
    }
    RequireSameRules(comparison.run_folder / "run.json", comparison.base, comparison.run, name.task);
    tasks[name.task].push_back(rates);
    all.push_back(rates);
  }
  if (all.empty()) {
    throw InputError(fmt::format("file {}: key 'key': expected a task, axis and level that {} has too, found none",
                                 (comparison.run_folder / "episodes.jsonl").string(), comparison.base_folder.string()));
  }
  const double alpha = comparison.options.alpha;
  std::vector<double> p_values;
  for (const auto& [task, strata] : tasks) {
    comparison.tasks.push_back(UnpairedResult(task, strata, alpha));
    p_values.push_back(comparison.tasks.back().p_worse);
  }
  comparison.all = UnpairedResult("", all, alpha);
  // With one task the whole is that task, and is no second look.
  if (tasks.size() > 1) p_values.push_back(comparison.all.p_worse);
  const std::vector<double> adjusted = HolmAdjusted(p_values);
  for (std::size_t i = 0; i < tasks.size(); ++i) comparison.tasks[i].p_worse = adjusted[i];
  comparison.all.p_worse = adjusted.back();
  comparison.p_weighted = adjusted.back();
}

std::string P(double p) { return p < 0.0001 ? "< 0.0001" : fmt::format("{:.4f}", p); }

void Judge(Comparison& comparison) {
  const CompareOptions& options = comparison.options;
  const auto counts = [&](const CompareResult& result) {
    return comparison.Paired()
               ? fmt::format("lost {}, won {}", result.counts.lost, result.counts.won)
               : fmt::format("{}/{}, was {}/{}", result.run.k, result.run.n, result.base.k, result.base.n);
  };
  for (CompareResult& result : comparison.tasks) {
    if (result.difference < 0.0 && result.p_worse <= options.alpha) {
      result.worse =
          fmt::format("{}: {}, adjusted p {}, alpha {}", result.task, counts(result), P(result.p_worse), options.alpha);
    }
  }
  CompareResult& all = comparison.all;
  const double p = std::min(all.p_worse, comparison.p_weighted);
  if (all.difference < -options.margin && p <= options.alpha) {
    all.worse = fmt::format("over all episodes: {:+.1f} points, {}, adjusted p {}{}, alpha {}", 100 * all.difference,
                            counts(all), P(p), comparison.p_weighted < all.p_worse ? " (weighted)" : "", options.alpha);
  }
}

}  // namespace

std::vector<std::string> Comparison::WorseBecause() const {
  std::vector<std::string> reasons;
  for (const CompareResult& result : tasks) {
    if (!result.worse.empty()) reasons.push_back(result.worse);
  }
  if (!all.worse.empty()) reasons.push_back(all.worse);
  return reasons;
}

std::map<std::string, EpisodePair> PairEpisodes(const fs::path& base, const fs::path& run) {
  RequireUnedited(base);
  RequireUnedited(run);
  const RunInfo base_info = ReadRunInfo(base), run_info = ReadRunInfo(run);
  RequireSameConditions(run / "run.json", base_info, run_info);
  Episodes before = ReadByKey(base), after = ReadByKey(run);
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

Comparison CompareRuns(const fs::path& base, const fs::path& run, const CompareOptions& options) {
  Comparison comparison;
  comparison.base = ReadRunInfo(base);
  comparison.run = ReadRunInfo(run);
  RequireUnedited(base);  // also where the two need be no pairs
  RequireUnedited(run);
  comparison.base_folder = base;
  comparison.run_folder = run;
  comparison.options = options;
  std::map<std::string, EpisodePair> pairs;
  try {
    pairs = PairEpisodes(base, run);
  } catch (const InputError& error) {
    if (!options.unpaired) throw;
    comparison.unpaired_because = error.what();
  }
  comparison.Paired() ? ComparePaired(pairs, comparison) : CompareUnpaired(comparison);
  Judge(comparison);
  return comparison;
}

}  // namespace divla
