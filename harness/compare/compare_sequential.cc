#include "harness/compare/compare_sequential.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <utility>

#include "harness/compare/pair_episodes.h"
#include "harness/records/scene_key.h"
#include "harness/report/text.h"
#include "harness/statistics_json.h"
#include "sim/check.h"
#include "sim/rng.h"

namespace divla {
namespace {

using nlohmann::json;

constexpr int kLines = 12;  // of the trajectory, when printed for people

std::string Bounds(const Interval& interval) {
  return fmt::format("[{:+.1f}, {:+.1f}]", 100 * interval.low, 100 * interval.high);
}

std::string Line(int looked_at, const SequentialStep& step) {
  return fmt::format("{:>6} {:>+11.1f} {:>18}\n", looked_at, 100 * step.mean, Bounds(step.interval));
}

}  // namespace

SequentialComparison CompareSequentially(const std::filesystem::path& base, const std::filesystem::path& run,
                                         const SequentialOptions& options) {
  const auto pairs = PairEpisodes(base, run);
  SequentialComparison comparison{.base = ReadRunInfo(base),
                                  .run = ReadRunInfo(run),
                                  .options = options,
                                  .pairs = static_cast<int>(pairs.size()),
                                  .order = {},
                                  .result = {}};
  if (options.budget > comparison.pairs) {
    throw InputError(
        fmt::format("--budget: expected at most the {} pairs of the runs, found {}", comparison.pairs, options.budget));
  }
  using Pairs = std::vector<const EpisodePair*>;
  std::map<SceneKey, std::size_t> places;
  std::vector<Pairs> scenes;
  for (const auto& [key, pair] : pairs) {
    const auto [place, is_new] = places.try_emplace(SceneOf(pair.base.key), scenes.size());
    if (is_new) scenes.emplace_back();
    scenes[place->second].push_back(&pair);
  }
  comparison.scenes = static_cast<int>(scenes.size());
  Rng rng({.seed = comparison.base.seed, .task = comparison.base.suite, .stream = "sequential"});
  rng.Shuffle(scenes);
  std::vector<double> differences;
  int left = options.budget > 0 ? options.budget : comparison.pairs;
  for (const Pairs& scene : scenes) {
    const int twins = static_cast<int>(scene.size());
    left -= twins;
    if (left < 0) break;
    int sum = 0;
    for (const EpisodePair* pair : scene) {
      sum += static_cast<int>(pair->run.success) - static_cast<int>(pair->base.success);
    }
    differences.push_back(static_cast<double>(sum) / twins);
    comparison.order.push_back({scene.front()->base.key, twins});
  }
  if (differences.empty()) {
    throw InputError(fmt::format("--budget: expected at least the {} pairs of the first scene, found {}",
                                 scenes.front().size(), options.budget));
  }
  comparison.result = WatchDifferences(differences, options.alpha, options.margin);
  comparison.order.resize(comparison.result.steps.size());
  return comparison;
}

std::string FormatSequential(const SequentialComparison& comparison) {
  const RunInfo& base = comparison.base;
  const SequentialResult& result = comparison.result;
  const char* unit = comparison.HasTwins() ? "scenes" : "pairs";
  std::string text =
      fmt::format("suite {} v{} · seed {} · base {} · run {} · {} {} in a shuffled order\n", CleanUtf8(base.suite),
                  base.suite_version, base.seed, CleanUtf8(base.policy), CleanUtf8(comparison.run.policy),
                  comparison.scenes, unit);
  if (comparison.HasTwins()) {
    text += fmt::format("a scene is an episode with its perturbed twins, and counts by their mean: {} pairs\n",
                        comparison.pairs);
  }
  text += fmt::format("\n{:>6} {:>11} {:>18}   points, RUN minus BASE\n", unit, "difference", "interval");
  const int steps = static_cast<int>(result.steps.size());
  const int stride = std::max(1, (steps + kLines - 1) / kLines);
  for (int i = stride; i < steps; i += stride) text += Line(i, result.steps[static_cast<std::size_t>(i) - 1]);
  text += Line(steps, result.steps.back()) + "\n";
  if (result.verdict == SequentialVerdict::kInconclusive) {
    return text + fmt::format("inconclusive after {} {}\n", steps, unit);
  }
  return text + fmt::format("{} after {} {} (alpha {}, margin {} points)\n", ToString(result.verdict),
                            result.decided_after, unit, comparison.options.alpha, 100 * comparison.options.margin);
}

json ToJson(const SequentialComparison& comparison) {
  const SequentialResult& result = comparison.result;
  json steps = json::array();
  for (std::size_t i = 0; i < result.steps.size(); ++i) {
    const SequentialStep& step = result.steps[i];
    steps.push_back({{"key", ToString(comparison.order[i].key)},
                     {"difference", step.difference},
                     {"mean", step.mean},
                     {"interval", ToJson(step.interval)}});
    if (comparison.HasTwins()) steps.back()["pairs"] = comparison.order[i].pairs;
  }
  const bool decided = result.verdict != SequentialVerdict::kInconclusive;
  return {{"suite", {{"name", comparison.base.suite}, {"version", comparison.base.suite_version}}},
          {"seed", comparison.base.seed},
          {"base", {{"policy", comparison.base.policy}, {"weights_sha256", comparison.base.weights_sha256}}},
          {"run", {{"policy", comparison.run.policy}, {"weights_sha256", comparison.run.weights_sha256}}},
          {"alpha", comparison.options.alpha},
          {"margin", comparison.options.margin},
          {"budget", comparison.options.budget == 0 ? comparison.pairs : comparison.options.budget},
          {"pairs", comparison.pairs},
          {"scenes", comparison.scenes},
          {"verdict", ToString(result.verdict)},
          {"decided_after", decided ? json(result.decided_after) : json(nullptr)},
          {"trajectory", steps}};
}

}  // namespace divla
