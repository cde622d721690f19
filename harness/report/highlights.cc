#include "harness/report/highlights.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "harness/report/cells.h"
#include "harness/report/text.h"

namespace divla {

namespace {

constexpr std::size_t kLosses = 3;  // named in the sentence

std::string Overall(const RunSummary& summary) {
  const Interval interval = summary.clustered.value_or(summary.wilson);
  std::string text =
      fmt::format("{} of {} episodes end with the goal reached: {}, 95 % interval {}{}.", summary.k, summary.n,
                  Percent(summary.k, summary.n), PercentInterval(interval),
                  summary.clustered ? " (an episode and its perturbed twins counted as one cluster)" : "");
  const std::vector<TaskCells> tasks = CellsByTask(summary);
  if (tasks.size() < 2) return text;
  text += fmt::format(" Mean over {} tasks: {}", tasks.size(), Percent(summary.macro_rate));
  text += summary.macro_interval ? fmt::format(", {} with tasks as clusters.", PercentInterval(*summary.macro_interval))
                                 : std::string(".");
  return text;
}

// The best and the worst task as trained, when there is a difference.
std::string BestAndWorst(const RunSummary& summary) {
  const CellSummary* best = nullptr;
  const CellSummary* worst = nullptr;
  for (const CellSummary& cell : summary.cells) {
    if (!IsClean(cell) || cell.n == 0) continue;
    if (best == nullptr || cell.rate > best->rate) best = &cell;
    if (worst == nullptr || cell.rate < worst->rate) worst = &cell;
  }
  if (best == nullptr || best->rate == worst->rate) return {};
  const auto name = [](const CellSummary& cell) {
    return fmt::format("{} ({}/{}, {})", CleanUtf8(cell.task), cell.k, cell.n, PercentInterval(cell.wilson));
  };
  return fmt::format("best {}, worst {}.", name(*best), name(*worst));
}

std::string CommonFailures(const RunSummary& summary) {
  std::map<std::string, int> failures;
  int failed = 0, wrong = 0, right = 0;
  for (const CellSummary& cell : summary.cells) {
    for (const auto& [name, count] : cell.failures) failures[name] += count;
    failed += cell.n - cell.k;
    wrong += cell.failed_reasoning_wrong;
    right += cell.failed_reasoning_right;
  }
  const auto most = std::max_element(failures.begin(), failures.end(),
                                     [](const auto& a, const auto& b) { return a.second < b.second; });
  if (most == failures.end()) return {};
  std::string text =
      fmt::format("{} of {} failures are of the kind \"{}\".", most->second, failed, Spaced(most->first));
  if (wrong + right > 0) {
    text += fmt::format(" In {} of {} the reasoning was right and the action failed; in {} the reasoning was wrong.",
                        right, wrong + right, wrong);
  }
  return text;
}

std::string ReasoningText(const RunSummary& summary) {
  const ReasoningScore score = TotalReasoning(summary);
  if (score.queries == 0) return {};
  std::string text = fmt::format("{} of {} texts are correct ({}), {} name what the gripper then acted on ({})",
                                 score.correct, score.queries, Percent(score.correct, score.queries), score.faithful,
                                 Percent(score.faithful, score.queries));
  if (score.located > 0) {
    text += fmt::format("; {} of {} that give a place give the right one ({})", score.grounded, score.located,
                        Percent(score.grounded, score.located));
  }
  return text + ".";
}

// Only losses that the episodes show: the pooled pairs' interval lies below zero.
std::string Losses(const GapSummary& gaps) {
  std::vector<const AxisGap*> losses;
  for (const AxisGap& axis : gaps.axes) {
    if (axis.newcombe.high < 0) losses.push_back(&axis);
  }
  if (losses.empty()) {
    return fmt::format("on none of {} does the interval of the paired difference lie below zero.",
                       Counted(static_cast<int>(gaps.axes.size()), "perturbation"));
  }
  std::stable_sort(losses.begin(), losses.end(), [](const AxisGap* a, const AxisGap* b) {
    return a->gap.pooled.Difference() < b->gap.pooled.Difference();
  });
  std::string text;
  for (std::size_t i = 0; i < losses.size() && i < kLosses; ++i) {
    const AxisGap& axis = *losses[i];
    text += fmt::format("{}{} {}: {} points {} over {}", i == 0 ? "" : "; ", Spaced(axis.axis), axis.level,
                        Points(axis.gap.pooled.Difference()), PointsInterval(axis.newcombe),
                        Counted(axis.gap.pooled.Pairs(), "pair"));
  }
  return text + fmt::format(". {} of {} show a loss; the intervals are not adjusted for their number.", losses.size(),
                            Counted(static_cast<int>(gaps.axes.size()), "perturbation"));
}

}  // namespace

const char* VerdictWord(Verdict verdict) {
  return verdict == Verdict::kYes ? "yes" : verdict == Verdict::kNo ? "no" : "unclear";
}

std::string Measured(const RunInfo& info, const RunSummary& summary) {
  int perturbed = 0;
  for (const CellSummary& cell : summary.cells) perturbed += IsClean(cell) ? 0 : cell.n;
  std::string text = fmt::format("{} of {}", Counted(summary.n, "episode"),
                                 Counted(static_cast<int>(CellsByTask(summary).size()), "task"));
  if (perturbed > 0) text += fmt::format(", {} of them perturbed", perturbed);
  text += fmt::format(", seed {}", summary.seed);
  return info.control.empty() ? text : text + "; played under the control " + Spaced(info.control);
}

std::string CausalSentence(const std::vector<ControlSummary>& controls) {
  std::vector<ControlSummary> forced;
  std::copy_if(controls.begin(), controls.end(), std::back_inserter(forced),
               [](const ControlSummary& summary) { return summary.control == Control::kWrongReasoning; });
  const std::vector<ControlFinding> findings = Findings(forced);
  if (findings.empty()) return {};  // not played, or it applied to no episode
  const ControlFinding& finding = findings.front();
  const char* verdict = finding.verdict == Verdict::kYes ? "The reasoning causes the action"
                        : finding.verdict == Verdict::kNo
                            ? "The reasoning merely accompanies the action"
                            : "Whether the reasoning causes the action or merely accompanies it stays open";
  return fmt::format("{}: when it is made to say something else, {}.", verdict, finding.because);
}

std::vector<Highlight> Highlights(const ReportData& data) {
  std::vector<Highlight> highlights;
  const auto add = [&](const char* title, std::string text) {
    if (!text.empty()) highlights.push_back({title, std::move(text)});
  };
  if (data.summary.n == 0) return {{"Nothing yet", "no episode is finished."}};
  add("Success", Overall(data.summary));
  add("Tasks as trained", BestAndWorst(data.summary));
  add("Failures", CommonFailures(data.summary));
  add("Reasoning", ReasoningText(data.summary));
  if (data.summary.gaps) add("Largest losses by perturbation", Losses(*data.summary.gaps));
  add("Cause or company", CausalSentence(data.controls));
  std::vector<ControlSummary> others = data.controls;
  std::erase_if(others, [](const ControlSummary& summary) { return summary.control == Control::kWrongReasoning; });
  for (const ControlFinding& finding : Findings(others)) {
    highlights.push_back({finding.question + " " + VerdictWord(finding.verdict), finding.because + "."});
  }
  return highlights;
}

}  // namespace divla
