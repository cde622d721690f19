// What `divla compare` prints.
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "harness/compare.h"
#include "harness/report/text.h"

namespace divla {
namespace {

using nlohmann::json;

constexpr std::string_view kRow = "{:<24} {:>5} {:>5} {:>5} {:>5} {:>5} {:>5} {:>8} {:>22} {:>8} {:>8}";

std::string Points(double share) { return fmt::format("{:+.1f}", 100 * share); }

std::string PValue(double p) { return p < 0.0001 ? "<0.0001" : fmt::format("{:.4f}", p); }

std::string Row(const PairedResult& result) {
  const PairedCounts& counts = result.counts;
  std::string row = fmt::format(kRow, result.task.empty() ? "all episodes" : result.task, counts.Pairs(), counts.Base(),
                                counts.Run(), counts.both, counts.lost, counts.won, counts.neither,
                                fmt::format("{} [{}, {}]", Points(counts.Difference()), Points(result.interval.low),
                                            Points(result.interval.high)),
                                PValue(result.p), result.task.empty() ? "" : PValue(result.p_adjusted));
  row.erase(row.find_last_not_of(' ') + 1);
  return row + "\n";
}

std::string Flips(const std::string& head, const std::vector<EpisodeKey>& keys) {
  if (keys.empty()) return "";
  std::string text = fmt::format("\n{} ({})\n", head, keys.size());
  for (const EpisodeKey& key : keys) text += "  " + ToString(key) + "\n";
  return text;
}

json ToJson(const PairedResult& result) {
  const PairedCounts& counts = result.counts;
  const int pairs = std::max(1, counts.Pairs());
  return {{"task", result.task.empty() ? json(nullptr) : json(result.task)},
          {"pairs", counts.Pairs()},
          {"both", counts.both},
          {"lost", counts.lost},
          {"won", counts.won},
          {"neither", counts.neither},
          {"base_rate", static_cast<double>(counts.Base()) / pairs},
          {"run_rate", static_cast<double>(counts.Run()) / pairs},
          {"difference", counts.Difference()},
          {"interval", {result.interval.low, result.interval.high}},
          {"p", result.p},
          {"p_adjusted", result.p_adjusted}};
}

json Keys(const std::vector<EpisodeKey>& keys) {
  json list = json::array();
  for (const EpisodeKey& key : keys) list.push_back(ToString(key));
  return list;
}

// What tells the two runs apart.
json Side(const RunInfo& info) {
  return {{"policy", info.policy},
          {"weights_sha256", info.weights_sha256},
          {"renderer", info.versions.renderer},
          {"git_commit", info.versions.git_commit}};
}

}  // namespace

std::string FormatComparison(const Comparison& comparison) {
  const RunInfo& base = comparison.base;
  std::string text =
      fmt::format("suite {} v{} · seed {} · base {} · run {}\n\n", CleanUtf8(base.suite), base.suite_version, base.seed,
                  CleanUtf8(base.policy), CleanUtf8(comparison.run.policy));
  text += fmt::format(kRow, "task", "pairs", "base", "run", "both", "lost", "won", "neither", "difference, points", "p",
                      "p (Holm)") +
          "\n";
  for (const PairedResult& result : comparison.tasks) text += Row(result);
  text += Row(comparison.all);
  text += Flips("lost: success in the base run only", comparison.lost);
  text += Flips("won: success in the new run only", comparison.won);
  text += "\n";
  if (!comparison.Worse()) return text + "not worse\n";
  for (const std::string& reason : comparison.worse_because) text += "worse: " + reason + "\n";
  return text;
}

json ToJson(const Comparison& comparison) {
  json tasks = json::array();
  for (const PairedResult& result : comparison.tasks) tasks.push_back(ToJson(result));
  return {{"suite", {{"name", comparison.base.suite}, {"version", comparison.base.suite_version}}},
          {"seed", comparison.base.seed},
          {"base", Side(comparison.base)},
          {"run", Side(comparison.run)},
          {"alpha", comparison.options.alpha},
          {"margin", comparison.options.margin},
          {"tasks", tasks},
          {"all", ToJson(comparison.all)},
          {"lost", Keys(comparison.lost)},
          {"won", Keys(comparison.won)},
          {"worse", comparison.Worse()},
          {"worse_because", comparison.worse_because}};
}

}  // namespace divla
