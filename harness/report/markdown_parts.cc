#include "harness/report/markdown_parts.h"

#include <fmt/format.h>

#include <algorithm>

#include "harness/report/cells.h"
#include "harness/report/highlights.h"
#include "harness/report/paper_rows.h"
#include "harness/report/text.h"

namespace divla::markdown {

namespace {

std::string Label(const CellSummary& cell) { return EscapeMarkdown(CellLabel(cell.task, cell.axis, cell.level)); }

const char* Seen(bool unseen) { return unseen ? "unseen" : "seen"; }

std::string FactorialTable(const GapSummary& gaps) {
  std::string text =
      "\n### Seen × unseen\n\n| instruction | object | environment | tasks | successes | rate | 95 % | mean over tasks "
      "| "
      "interval | gap to twins | interval |\n|---|---|---|--:|--:|--:|--:|--:|--:|--:|--:|\n";
  for (const FactorialRow& row : gaps.factorial) {
    text += fmt::format("| {} | {} | {} | {} | {}/{} | {} | {} | {} | {} | {} | {} |\n", Seen(row.instruction),
                        Seen(row.object), Seen(row.environment), row.tasks, row.k, row.n, Percent(row.k, row.n),
                        PercentInterval(row.interval), Percent(row.macro_rate), PercentInterval(row.macro_interval),
                        row.gap ? Points(row.gap->mean) : "–",
                        row.gap && row.gap->interval ? PointsInterval(*row.gap->interval) : "–");
  }
  return text;
}

}  // namespace

std::string Objects(const RunSummary& summary) {
  if (!CountsObjects(summary)) return {};
  std::string text = "\n### Objects placed\n\n| task | placed | share |\n|---|--:|--:|\n";
  for (const CellSummary& cell : summary.cells) {
    if (cell.objects.total <= cell.n) continue;
    text += fmt::format("| {} | {}/{} | {} |\n", Label(cell), cell.objects.placed, cell.objects.total,
                        Percent(cell.objects.placed, cell.objects.total));
  }
  return text;
}

std::string Paper(const ReportData& data) {
  const PaperTable* table = FindPaperTable(data.summary.suite);
  if (table == nullptr) return {};
  std::string text = fmt::format(
      "\n## Beside the paper\n\nThe paper's numbers come from real robots, ours from a simulator with other objects, "
      "scenes and training data; they are no replication. Source: Wen et al., ICML 2025 (PMLR 267), {}. {}\n",
      EscapeMarkdown(table->source), EscapeMarkdown(table->note));
  const std::vector<PaperComparison> rows = ComparePaper(data);
  if (rows.empty()) return text;
  text += "\n| condition | here, simulated | 95 % |";
  std::string rule = "|---|--:|--:|";
  for (const PaperNumber& number : rows.front().row->numbers) {
    text += fmt::format(" {}, real robot |", EscapeMarkdown(number.model));
    rule += "--:|";
  }
  text += "\n" + rule + "\n";
  for (const PaperComparison& ours : rows) {
    text += fmt::format("| {} |", EscapeMarkdown(ours.row->condition));
    text += ours.n == 0 ? " not in this run | – |"
                        : fmt::format(" {}/{} = {} | {} |", ours.k, ours.n, Percent(ours.k, ours.n),
                                      PercentInterval(ours.interval));
    for (const PaperNumber& number : ours.row->numbers) {
      text += number.counts.empty() ? fmt::format(" {:.1f} % |", number.percent)
                                    : fmt::format(" {} = {:.1f} % |", number.counts, number.percent);
    }
    text += "\n";
  }
  return text;
}

std::string Reasoning(const RunSummary& summary) {
  const ReasoningScore total = TotalReasoning(summary);
  std::string text;
  if (total.queries > 0) {
    text =
        "\n## Reasoning\n\n| task | texts | correct | faithful | with a place | of these grounded |\n"
        "|---|--:|--:|--:|--:|--:|\n";
    for (const CellSummary& cell : summary.cells) {
      const ReasoningScore& score = cell.reasoning;
      if (score.queries == 0) continue;
      text += fmt::format("| {} | {} | {} | {} | {} | {} |\n", Label(cell), score.queries,
                          Percent(score.correct, score.queries), Percent(score.faithful, score.queries), score.located,
                          Percent(score.grounded, score.located));
    }
    text += fmt::format(
        "\nGrounded: every place that the text gives is within {:.2f} picture widths of the object's "
        "true pixel.\n",
        kGroundedWithin);
  }
  std::string changes;
  for (const CellSummary& cell : summary.cells) {
    if (cell.interventions) changes += fmt::format("- {}: {}\n", Label(cell), InterventionText(*cell.interventions));
  }
  return text + (changes.empty() ? "" : "\n## Interventions\n\n" + changes);
}

std::string Gaps(const RunSummary& summary) {
  if (!summary.gaps) return {};
  std::string text =
      "\n## What each axis costs\n\nPoints between perturbed episodes and their clean twins; Newcombe's 95 % interval "
      "of "
      "the paired difference.\n\n| axis | level | tasks | pairs | difference | interval | mean over tasks | interval "
      "|\n|---|--:|--:|--:|--:|--:|--:|--:|\n";
  for (const AxisGap& axis : summary.gaps->axes) {
    text += fmt::format("| {} | {} | {} | {} | {} | {} | {} | {} |\n", EscapeMarkdown(axis.axis), axis.level,
                        axis.gap.tasks, axis.gap.pooled.Pairs(), Points(axis.gap.pooled.Difference()),
                        PointsInterval(axis.newcombe), Points(axis.gap.mean),
                        axis.gap.interval ? PointsInterval(*axis.gap.interval) : "–");
  }
  text += "\n| task | axis | level | pairs | difference | interval | p (Holm) |\n|---|---|--:|--:|--:|--:|--:|\n";
  for (const CellGap& cell : summary.gaps->cells) {
    text += fmt::format("| {} | {} | {} | {} | {} | {} | {} |\n", EscapeMarkdown(cell.task), EscapeMarkdown(cell.axis),
                        cell.level, cell.counts.Pairs(), Points(cell.difference), PointsInterval(cell.newcombe),
                        EscapeMarkdown(PValue(cell.p_holm)));
  }
  return text + (summary.gaps->factorial.empty() ? "" : FactorialTable(*summary.gaps));
}

std::string ControlTable(const ReportData& data) {
  if (data.controls.empty()) return {};
  std::string text =
      "\n## Controls\n\n| control | task | plain | control | difference | interval | McNemar p |\n"
      "|---|---|--:|--:|--:|--:|--:|\n";
  const auto add = [&](Control control, const std::string& task, const ControlResult& result) {
    const int pairs = result.counts.Pairs();
    text += fmt::format("| {} | {} |", EscapeMarkdown(Spaced(ToString(control))), task);
    text += pairs == 0 ? std::string(" applies to no episode | | | | |\n")
                       : fmt::format(" {}/{} | {}/{} | {} | {} | {} |\n", result.counts.Base(), pairs,
                                     result.counts.Run(), pairs, Points(result.counts.Difference()),
                                     PointsInterval(result.interval), EscapeMarkdown(PValue(result.p)));
  };
  for (const ControlSummary& summary : data.controls) {
    add(summary.control, "**all**", summary.all);
    for (const ControlResult& task : summary.tasks) add(summary.control, EscapeMarkdown(task.task), task);
  }
  text += "\n";
  for (const ControlFinding& finding : Findings(data.controls)) {
    text += fmt::format("- {} **{}**: {}\n", EscapeMarkdown(finding.question), VerdictWord(finding.verdict),
                        EscapeMarkdown(finding.because));
  }
  return text;
}

}  // namespace divla::markdown
