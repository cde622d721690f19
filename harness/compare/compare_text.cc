// What `divla compare` prints, as a table and as JSON.
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "harness/compare/compare.h"
#include "harness/report/text.h"
#include "harness/statistics_json.h"

namespace divla {
namespace {

using nlohmann::json;

constexpr std::string_view kPairedRow = "{:<24} {:>5} {:>5} {:>5} {:>5} {:>5} {:>5} {:>8} {:>22} {:>8} {:>8}";
constexpr std::string_view kUnpairedRow = "{:<24} {:>10} {:>10} {:>22} {:>8} {:>8}";

std::string Points(double share) { return fmt::format("{:+.1f}", 100 * share); }

std::string PValue(double p) { return p < 0.0001 ? "<0.0001" : fmt::format("{:.4f}", p); }

std::string Trimmed(std::string row) {
  row.erase(row.find_last_not_of(' ') + 1);
  return row + "\n";
}

std::string Row(const Comparison& comparison, const CompareResult& result) {
  const PairedCounts& counts = result.counts;
  const std::string name = result.task.empty() ? "all episodes" : result.task;
  const std::string difference =
      fmt::format("{} [{}, {}]", Points(result.difference), Points(result.interval.low), Points(result.interval.high));
  const double worse = result.task.empty() ? std::min(result.p_worse, comparison.p_weighted) : result.p_worse;
  if (!comparison.Paired()) {
    return Trimmed(fmt::format(kUnpairedRow, name, fmt::format("{}/{}", result.base.k, result.base.n),
                               fmt::format("{}/{}", result.run.k, result.run.n), difference, PValue(result.p),
                               PValue(worse)));
  }
  return Trimmed(fmt::format(kPairedRow, name, counts.Pairs(), counts.Base(), counts.Run(), counts.both, counts.lost,
                             counts.won, counts.neither, difference, PValue(result.p), PValue(worse)));
}

std::string Flips(const std::string& head, const std::vector<EpisodeKey>& keys) {
  if (keys.empty()) return "";
  std::string text = fmt::format("\n{} ({})\n", head, keys.size());
  for (const EpisodeKey& key : keys) text += "  " + ToString(key) + "\n";
  return text;
}

json ToJson(const CompareResult& result, bool paired) {
  json value{{"task", result.task.empty() ? json(nullptr) : json(result.task)},
             {"base", {{"k", result.base.k}, {"n", result.base.n}}},
             {"run", {{"k", result.run.k}, {"n", result.run.n}}},
             {"difference", result.difference},
             {"interval", ToJson(result.interval)},
             {"p", result.p},
             {"p_worse", result.p_worse},
             {"worse", !result.worse.empty()}};
  if (paired) {
    value["pairs"] = ToJson(result.counts);
    value["p_mid"] = result.p_mid;
    if (result.clusters < result.counts.Pairs()) value["clusters"] = result.clusters;
  }
  return value;
}

json Keys(const std::vector<EpisodeKey>& keys) {
  json list = json::array();
  for (const EpisodeKey& key : keys) list.push_back(ToString(key));
  return list;
}

// What tells the two runs apart.
json Side(const RunInfo& info) {
  return {{"suite", {{"name", info.suite}, {"version", info.suite_version}}},
          {"seed", info.seed},
          {"policy", info.policy},
          {"weights_sha256", info.weights_sha256},
          {"renderer", info.versions.renderer},
          {"git_commit", info.versions.git_commit}};
}

}  // namespace

std::string TwinsNote(const Comparison& comparison) {
  if (!comparison.Paired()) {
    return "an episode and its perturbed twins count as independent here, so these intervals and p values are too sure";
  }
  return fmt::format(
      "an episode and its perturbed twins go together: intervals and p values are of {} scenes, not of {} pairs",
      comparison.all.clusters, comparison.all.counts.Pairs());
}

std::string FormatComparison(const Comparison& comparison) {
  const RunInfo& base = comparison.base;
  std::string text =
      fmt::format("suite {} v{} · seed {} · base {} · run {}\n\n", CleanUtf8(base.suite), base.suite_version, base.seed,
                  CleanUtf8(base.policy), CleanUtf8(comparison.run.policy));
  if (comparison.Paired()) {
    text += fmt::format(kPairedRow, "task", "pairs", "base", "run", "both", "lost", "won", "neither",
                        "difference, points", "p", "p worse");
  } else {
    text += "NOT PAIRED: these rates are compared as if the runs had nothing in common, which sees far less.\n" +
            CleanUtf8(comparison.unpaired_because) + "\n\n" +
            fmt::format(kUnpairedRow, "task", "base", "run", "difference, points", "p", "p worse");
  }
  text += "\n";
  for (const CompareResult& result : comparison.tasks) text += Row(comparison, result);
  text += Row(comparison, comparison.all);
  if (comparison.twins) text += fmt::format("\n{}\n", TwinsNote(comparison));
  for (const std::string& cell : comparison.left_out) text += "left out, only one run has it: " + cell + "\n";
  text += Flips("lost: success in the base run only", comparison.lost);
  text += Flips("won: success in the new run only", comparison.won);
  text += "\n";
  if (!comparison.Worse()) return text + "not worse\n";
  for (const std::string& reason : comparison.WorseBecause()) text += "worse: " + reason + "\n";
  return text;
}

json ToJson(const Comparison& comparison) {
  json tasks = json::array();
  for (const CompareResult& result : comparison.tasks) tasks.push_back(ToJson(result, comparison.Paired()));
  json value{{"base", Side(comparison.base)},
             {"run", Side(comparison.run)},
             {"alpha", comparison.options.alpha},
             {"margin", comparison.options.margin},
             {"paired", comparison.Paired()},
             {"tasks", tasks},
             {"all", ToJson(comparison.all, comparison.Paired())},
             {"p_weighted", comparison.p_weighted},
             {"lost", Keys(comparison.lost)},
             {"won", Keys(comparison.won)},
             {"worse", comparison.Worse()},
             {"worse_because", comparison.WorseBecause()}};
  if (!comparison.Paired()) {
    value["unpaired_because"] = CleanUtf8(comparison.unpaired_because);
    value["left_out"] = comparison.left_out;
  }
  return value;
}

}  // namespace divla
