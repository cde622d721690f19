#include "harness/control_summary.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "harness/report/text.h"
#include "harness/statistics_json.h"

namespace divla {
namespace {

using Pairs = std::vector<std::pair<const EpisodeRecord*, const EpisodeRecord*>>;  // plain, control

ControlResult Result(const std::string& task, Control control, const Pairs& pairs) {
  ControlResult result;
  result.task = task;
  PairedClusters clusters;
  int words = 0, told = 0, other = 0, nothing = 0, queries = 0, said = 0, reached = 0;
  for (const auto& [plain, played] : pairs) {
    clusters.Add(plain->key, plain->success, played->success);
    result.reasoning += played->reasoning;
    const ControlRecord& record = *played->control;
    queries += played->reasoning.queries;
    said += record.said;
    reached += record.reached;
    if (record.object == record.target) continue;  // the words differ in the place only
    if (record.acted_on.empty()) {
      ++nothing;
    } else if (record.acted_on == record.object) {
      ++words;
    } else if (record.acted_on == record.target) {
      ++told;
    } else {
      ++other;
    }
  }
  result.counts = clusters.Counts();
  result.interval = clusters.DifferenceInterval();
  result.p = clusters.Exact();
  if (!HasOtherWords(control)) return result;
  const int n = static_cast<int>(pairs.size()), objects = words + told + other + nothing;
  result.reached = MakeShare(reached, n);
  result.acted_on = {MakeShare(words, objects), MakeShare(told, objects), MakeShare(other, objects),
                     MakeShare(nothing, objects)};
  result.said = MakeShare(said, queries);
  return result;
}

Verdict EitherWay(const Interval& difference) {
  if (difference.low > 0.0 || difference.high < 0.0) return Verdict::kYes;
  return difference.low > -kPracticallyNothing && difference.high < kPracticallyNothing ? Verdict::kNo
                                                                                        : Verdict::kUnclear;
}

// Does success need what the control takes away?
Verdict Needs(const Interval& difference) {
  if (difference.high < 0.0) return Verdict::kYes;
  return difference.low > -kPracticallyNothing ? Verdict::kNo : Verdict::kUnclear;
}

std::string Change(const ControlResult& result) {
  return fmt::format("{}/{} plain, {}/{} with it; {} points {}", result.counts.Base(), result.counts.Pairs(),
                     result.counts.Run(), result.counts.Pairs(), Points(result.counts.Difference()),
                     PointsInterval(result.interval));
}

std::string ShareText(const Share& share) {
  return fmt::format("{}/{} = {} {}", share.k, share.n, Percent(share.k, share.n), PercentInterval(share.interval));
}

// Words against instruction: which of the two did the arm serve? An episode serves at most one of them, so the shares are
// those of a pair that disagrees: Newcombe's interval of their difference.
ControlFinding WordsFinding(const std::string& question, const ControlResult& all) {
  const bool objects = all.acted_on.words.n > 0;
  const Share words = objects ? all.acted_on.words : all.reached;
  const Share told = objects ? all.acted_on.instruction : MakeShare(all.counts.Run(), all.counts.Pairs());
  const Interval difference = PairedDifferenceInterval(
      {.both = 0, .lost = told.k, .won = words.k, .neither = std::max(0, words.n - told.k - words.k)});
  ControlFinding finding{question, Verdict::kUnclear, ""};
  if (difference.low > 0.0) finding.verdict = Verdict::kYes;
  if (difference.high < 0.0) finding.verdict = Verdict::kNo;
  finding.because = objects ? fmt::format("it took the object of these words in {}, the episode's own in {}",
                                          ShareText(words), ShareText(told))
                            : fmt::format("it did what these words say in {}, what the episode asks in {}",
                                          ShareText(words), ShareText(told));
  return finding;
}

nlohmann::json ToJson(const Share& share) {
  return {{"k", share.k}, {"n", share.n}, {"wilson", ToJson(share.interval)}};
}

nlohmann::json ToJson(const ControlResult& result, Control control) {
  nlohmann::json value = {{"pairs", ToJson(result.counts)},
                          {"difference", result.counts.Difference()},
                          {"newcombe", ToJson(result.interval)},
                          {"mcnemar_p", result.p},
                          {"reasoning",
                           {{"queries", result.reasoning.queries},
                            {"correct", result.reasoning.correct},
                            {"faithful", result.reasoning.faithful}}}};
  if (result.reasoning.located > 0) {
    value["reasoning"]["located"] = result.reasoning.located;
    value["reasoning"]["grounded"] = result.reasoning.grounded;
  }
  if (HasOtherWords(control)) {
    value["reached"] = ToJson(result.reached);
    value["said"] = ToJson(result.said);
    value["acted_on"] = {{"words", ToJson(result.acted_on.words)},
                         {"instruction", ToJson(result.acted_on.instruction)},
                         {"other", ToJson(result.acted_on.other)},
                         {"nothing", ToJson(result.acted_on.nothing)}};
  }
  return value;
}

const char* ToString(Verdict verdict) {
  return verdict == Verdict::kYes ? "yes" : verdict == Verdict::kNo ? "no" : "unclear";
}

const ControlSummary* Find(const std::vector<ControlSummary>& summaries, Control control) {
  for (const ControlSummary& summary : summaries) {
    if (summary.control == control && summary.all.counts.Pairs() > 0) return &summary;
  }
  return nullptr;
}

}  // namespace

Share MakeShare(int k, int n) { return {k, n, WilsonInterval(k, n)}; }

ControlSummary SummarizeControl(Control control, std::span<const EpisodeRecord> plain,
                                std::span<const EpisodeRecord> played) {
  std::map<std::string, const EpisodeRecord*> by_key;
  for (const EpisodeRecord& record : plain) by_key[ToString(record.key)] = &record;
  ControlSummary summary;
  summary.control = control;
  Pairs all;
  std::map<std::string, Pairs> by_task;
  std::vector<std::pair<std::string, const EpisodeRecord*>> sorted;
  for (const EpisodeRecord& record : played) sorted.emplace_back(ToString(record.key), &record);
  std::sort(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  for (const auto& [key, record] : sorted) {
    const auto found = by_key.find(key);
    if (found == by_key.end() || !record->control) continue;
    if (!record->control->applies) {
      ++summary.left_out;
      continue;
    }
    all.emplace_back(found->second, record);
    by_task[record->key.task].emplace_back(found->second, record);
  }
  summary.all = Result("", control, all);
  for (const auto& [task, pairs] : by_task) summary.tasks.push_back(Result(task, control, pairs));
  return summary;
}

std::vector<ControlFinding> Findings(const std::vector<ControlSummary>& summaries) {
  std::vector<ControlFinding> findings;
  const auto ask = [&](Control control, const std::string& question, Verdict (*verdict)(const Interval&)) {
    if (const ControlSummary* summary = Find(summaries, control)) {
      findings.push_back({question, verdict(summary->all.interval), Change(summary->all)});
    }
  };
  const auto words = [&](Control control, const std::string& question) {
    if (const ControlSummary* summary = Find(summaries, control)) {
      findings.push_back(WordsFinding(question, summary->all));
    }
  };
  ask(Control::kBlankInstruction, "Does success need the instruction?", Needs);
  ask(Control::kShuffledInstruction, "Does the order of its words matter?", EitherWay);
  words(Control::kWrongInstruction, "Does the arm follow another instruction?");
  ask(Control::kFrozenCameras, "Does success need more than the first picture?", Needs);
  ask(Control::kNoInjection, "Does the injected reasoning matter to the action?", EitherWay);
  ask(Control::kOracleReasoning, "Would true reasoning change success?", EitherWay);
  words(Control::kWrongReasoning, "Does the reasoning cause the action?");
  return findings;
}

nlohmann::json ToJson(const std::vector<ControlSummary>& summaries) {
  nlohmann::json controls = nlohmann::json::array();
  for (const ControlSummary& summary : summaries) {
    nlohmann::json tasks = nlohmann::json::object();
    for (const ControlResult& task : summary.tasks) tasks[task.task] = ToJson(task, summary.control);
    controls.push_back({{"control", ToString(summary.control)},
                        {"all", ToJson(summary.all, summary.control)},
                        {"tasks", tasks},
                        {"left_out", summary.left_out}});
  }
  nlohmann::json findings = nlohmann::json::array();
  for (const ControlFinding& finding : Findings(summaries)) {
    findings.push_back(
        {{"question", finding.question}, {"answer", ToString(finding.verdict)}, {"because", finding.because}});
  }
  return {{"controls", controls}, {"findings", findings}};
}

std::string FormatControls(const std::vector<ControlSummary>& summaries) {
  std::string text = "\ncontrols (success, plain then control, and the difference in points)\n";
  for (const ControlSummary& summary : summaries) {
    const ControlResult& all = summary.all;
    text += fmt::format("  {:<22}", ToString(summary.control));
    if (all.counts.Pairs() == 0) {
      text += "applies to no episode of this run\n";
      continue;
    }
    text += Change(all);
    if (summary.left_out > 0) text += fmt::format("; {} episodes left out", summary.left_out);
    text += "\n";
    if (all.acted_on.words.n > 0) {
      text += fmt::format("  {:<22}took the words' object in {}, the episode's in {}\n", "",
                          ShareText(all.acted_on.words), ShareText(all.acted_on.instruction));
    }
  }
  const std::vector<ControlFinding> findings = Findings(summaries);
  if (!findings.empty()) text += "\nwhat the controls say\n";
  for (const ControlFinding& finding : findings) {
    text += fmt::format("  {} {}: {}\n", finding.question, ToString(finding.verdict), finding.because);
  }
  return text;
}

std::filesystem::path ControlFolder(const std::filesystem::path& run, Control control) {
  return run / "controls" / ToString(control);
}

std::vector<ControlSummary> ReadControls(const std::filesystem::path& run, std::span<const EpisodeRecord> plain) {
  std::vector<ControlSummary> summaries;
  for (const ControlInfo& info : Controls()) {
    const std::filesystem::path folder = ControlFolder(run, info.control);
    if (!std::filesystem::exists(folder / "summary.json") || ReadRunSummary(folder).interrupted) continue;
    summaries.push_back(SummarizeControl(info.control, plain, ReadEpisodes(folder)));
  }
  return summaries;
}

}  // namespace divla
