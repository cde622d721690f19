#include "harness/compare/compare.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <set>
#include <utility>

#include "harness/compare/pair_episodes.h"
#include "harness/edits.h"
#include "harness/report/text.h"
#include "harness/statistics/gate.h"
#include "harness/statistics/unpaired.h"
#include "harness/summary.h"
#include "sim/check.h"

namespace divla {
namespace {

namespace fs = std::filesystem;

// By task, axis and level.
CellName CellOf(const EpisodeKey& key) { return {key.task, key.axis, key.level}; }

CompareResult PairedResult(const std::string& task, const PairedClusters& pairs, double alpha) {
  const PairedCounts& counts = pairs.Counts();
  return {.task = task,
          .base = {counts.Base(), counts.Pairs()},
          .run = {counts.Run(), counts.Pairs()},
          .counts = counts,
          .clusters = pairs.Clusters(),
          .difference = counts.Difference(),
          .interval = pairs.DifferenceInterval(1.0 - alpha),
          .p = pairs.Exact(),
          .p_mid = pairs.MidP(),
          .p_worse = 1.0,
          .worse = {}};
}

// What the gate tosses for: the cells as strata; an episode and its twins as one cluster.
GateTest Gate(const std::map<std::string, EpisodePair>& pairs, const std::map<std::string, PairedClusters>& tasks,
              double alpha) {
  std::map<CellName, PairedCounts> cells;
  for (const auto& [key, pair] : pairs) cells[CellOf(pair.base.key)].Add(pair.base.success, pair.run.success);
  std::vector<GateStratum> strata;
  std::map<CellName, std::size_t> places;
  for (const auto& [name, counts] : cells) {
    places[name] = strata.size();
    strata.push_back({static_cast<std::size_t>(std::distance(tasks.begin(), tasks.find(name.task))), counts});
  }
  std::map<SceneKey, GateCluster> clusters;
  for (const auto& [key, pair] : pairs) {
    const EpisodeKey& name = pair.base.key;
    const int change = static_cast<int>(pair.run.success) - static_cast<int>(pair.base.success);
    if (change != 0) clusters[SceneOf(name)].changes.push_back({places.at(CellOf(name)), change});
  }
  std::vector<GateCluster> coins;
  for (auto& [scene, cluster] : clusters) coins.push_back(std::move(cluster));
  return TestForWorse(strata, coins, tasks.size(), GateTosses(alpha));
}

void ComparePaired(const std::map<std::string, EpisodePair>& pairs, Comparison& comparison) {
  std::map<std::string, PairedClusters> tasks;
  PairedClusters all;
  for (const auto& [key, pair] : pairs) {
    const EpisodeKey& name = pair.base.key;
    const bool before = pair.base.success, after = pair.run.success;
    tasks[name.task].Add(name, before, after);
    all.Add(name, before, after);
    if (before && !after) comparison.lost.push_back(name);
    if (!before && after) comparison.won.push_back(name);
  }
  const double alpha = comparison.options.alpha;
  for (const auto& [task, counts] : tasks) comparison.tasks.push_back(PairedResult(task, counts, alpha));
  comparison.all = PairedResult("", all, alpha);
  comparison.twins = all.HasTwins();
  const GateTest test = Gate(pairs, tasks, alpha);
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
                       .clusters = 0,
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
  const EpisodesByKey base = ReadByKey(comparison.base_folder);
  for (const auto& [key, record] : base) cells[CellOf(record.key)].base.Add(record.success);
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
  std::set<SceneKey> scenes;  // of what is compared
  for (const auto& [key, record] : base) {
    if (cells.at(CellOf(record.key)).run.n == 0) continue;
    comparison.twins |= !scenes.insert(SceneOf(record.key)).second;
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
