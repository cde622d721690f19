#include "harness/compare/compare_sequential.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "harness/compare/compare.h"
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

std::string Line(int pairs, const SequentialStep& step) {
  return fmt::format("{:>6} {:>+11.1f} {:>18}\n", pairs, 100 * step.mean, Bounds(step.interval));
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
  std::vector<const EpisodePair*> order;  // from sorted keys
  for (const auto& [key, pair] : pairs) order.push_back(&pair);
  Rng rng({.seed = comparison.base.seed, .task = comparison.base.suite, .stream = "sequential"});
  rng.Shuffle(order);
  if (options.budget > 0) order.resize(static_cast<std::size_t>(options.budget));
  std::vector<int> differences;
  for (const EpisodePair* pair : order) {
    differences.push_back(static_cast<int>(pair->run.success) - static_cast<int>(pair->base.success));
  }
  comparison.result = WatchDifferences(differences, options.alpha, options.margin);
  for (std::size_t i = 0; i < comparison.result.steps.size(); ++i) comparison.order.push_back(order[i]->base.key);
  return comparison;
}

std::string FormatSequential(const SequentialComparison& comparison) {
  const RunInfo& base = comparison.base;
  const SequentialResult& result = comparison.result;
  std::string text = fmt::format("suite {} v{} · seed {} · base {} · run {} · {} pairs in a shuffled order\n\n",
                                 CleanUtf8(base.suite), base.suite_version, base.seed, CleanUtf8(base.policy),
                                 CleanUtf8(comparison.run.policy), comparison.pairs);
  text += fmt::format("{:>6} {:>11} {:>18}   points, RUN minus BASE\n", "pairs", "difference", "interval");
  const int steps = static_cast<int>(result.steps.size());
  const int stride = std::max(1, (steps + kLines - 1) / kLines);
  for (int i = stride; i < steps; i += stride) text += Line(i, result.steps[static_cast<std::size_t>(i) - 1]);
  text += Line(steps, result.steps.back()) + "\n";
  if (result.verdict == SequentialVerdict::kInconclusive) {
    return text + fmt::format("inconclusive after {} pairs\n", steps);
  }
  return text + fmt::format("{} after {} pairs (alpha {}, margin {} points)\n", ToString(result.verdict),
                            result.decided_after, comparison.options.alpha, 100 * comparison.options.margin);
}

json ToJson(const SequentialComparison& comparison) {
  const SequentialResult& result = comparison.result;
  json steps = json::array();
  for (std::size_t i = 0; i < result.steps.size(); ++i) {
    const SequentialStep& step = result.steps[i];
    steps.push_back({{"key", ToString(comparison.order[i])},
                     {"difference", step.difference},
                     {"mean", step.mean},
                     {"interval", ToJson(step.interval)}});
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
          {"verdict", ToString(result.verdict)},
          {"decided_after", decided ? json(result.decided_after) : json(nullptr)},
          {"trajectory", steps}};
}

}  // namespace divla
