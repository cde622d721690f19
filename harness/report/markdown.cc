#include "harness/report/markdown.h"

#include <fmt/format.h>

#include "harness/report/facts.h"
#include "harness/report/highlights.h"
#include "harness/report/markdown_parts.h"
#include "harness/report/text.h"

namespace divla {

namespace {

constexpr std::size_t kEpisodesShown = 1000;

std::string ResultsTable(const RunSummary& summary) {
  std::string text =
      "| task | successes | rate | Wilson 95 % | Clopper-Pearson 95 % | once | held | reasoning correct | progress | "
      "steps | s to success |\n|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|\n";
  for (const CellSummary& cell : summary.cells) {
    text += fmt::format("| {} | {}/{} | {} | {} | {} | {} | {} | {} | {:.2f} | {:.1f} | {} |\n",
                        EscapeMarkdown(CellLabel(cell.task, cell.axis, cell.level)), cell.k, cell.n,
                        Percent(cell.k, cell.n), PercentInterval(cell.wilson), PercentInterval(cell.clopper_pearson),
                        cell.once, cell.held, Percent(cell.reasoning.correct, cell.reasoning.queries),
                        cell.mean_progress, cell.mean_steps,
                        cell.median_success_seconds ? fmt::format("{:.1f}", *cell.median_success_seconds) : "–");
  }
  text += fmt::format("| **mean over tasks** | | {} | {} | | | | | | | |\n",
                      summary.n == 0 ? "–" : Percent(summary.macro_rate), PercentInterval(summary.macro_interval));
  text += fmt::format("| **all episodes** | {}/{} | {} | {} | {} | | | | | | |\n", summary.k, summary.n,
                      Percent(summary.k, summary.n), PercentInterval(summary.wilson),
                      PercentInterval(summary.clopper_pearson));
  if (summary.clustered) {
    text += fmt::format("| **all, twins as clusters** | {}/{} | {} | {} | | | | | | | |\n", summary.k, summary.n,
                        Percent(summary.k, summary.n), PercentInterval(*summary.clustered));
  }
  return text;
}

std::string Counts(const std::map<std::string, int>& counts) {
  std::string text;
  for (const auto& [name, count] : counts) {
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", count, EscapeMarkdown(Spaced(name)));
  }
  return text.empty() ? "–" : text;
}

std::string EndingsTable(const RunSummary& summary) {
  std::string text =
      "| task | ended by | failures | failed, words wrong | failed, words right |\n|---|---|---|--:|--:|\n";
  for (const CellSummary& cell : summary.cells) {
    const bool reasons = cell.reasoning.queries > 0;
    text += fmt::format("| {} | {} | {} | {} | {} |\n", EscapeMarkdown(CellLabel(cell.task, cell.axis, cell.level)),
                        Counts(cell.terminations), Counts(cell.failures),
                        reasons ? std::to_string(cell.failed_reasoning_wrong) : "–",
                        reasons ? std::to_string(cell.failed_reasoning_right) : "–");
  }
  return text;
}

std::string EpisodesTable(const ReportData& data) {
  if (data.episodes.size() > kEpisodesShown) {
    return fmt::format("{} episodes: too many for a table here; episodes.jsonl has a line for each.\n",
                       data.episodes.size());
  }
  std::string text =
      "| episode | instruction | outcome | steps | progress | texts correct |\n|---|---|---|--:|--:|--:|\n";
  for (const EpisodeView& view : data.episodes) {
    const EpisodeRecord& record = view.record;
    text += fmt::format(
        "| {} | {} | {} | {} | {:.2f} | {} |\n", EscapeMarkdown(ToString(record.key)),
        EscapeMarkdown(record.instruction), record.success ? "success" : EscapeMarkdown(Spaced(record.failure)),
        record.steps, record.progress,
        record.reasoning.queries > 0 ? fmt::format("{}/{}", record.reasoning.correct, record.reasoning.queries) : "–");
  }
  return text;
}

}  // namespace

std::string FormatMarkdown(const ReportData& data) {
  const RunSummary& summary = data.summary;
  std::string text = fmt::format("# {} on {} v{}\n\n", EscapeMarkdown(summary.policy), EscapeMarkdown(summary.suite),
                                 summary.suite_version);
  for (const std::string& warning : Warnings(data.info, summary)) text += "> " + EscapeMarkdown(warning) + "\n\n";
  text += fmt::format("{}.\n\n", EscapeMarkdown(Measured(data.info, summary)));
  for (const Highlight& highlight : Highlights(data)) {
    text += fmt::format("- **{}:** {}\n", EscapeMarkdown(highlight.title), EscapeMarkdown(highlight.text));
  }
  text += "\n## Success\n\n" + ResultsTable(summary);
  text +=
      "\nIntervals are two-sided 95 %, in percent; the one of the mean over tasks is a t interval with tasks as "
      "clusters. A success holds its goal at the end; *once* and *held* count looser readings. Progress is the mean "
      "share of stages done, 0 to 1. Steps are control steps, 20 a second. *s to success* is the median of the "
      "successes, in simulated seconds.\n";
  text += markdown::Objects(summary) + markdown::Paper(data) + markdown::Reasoning(summary) + markdown::Gaps(summary) +
          markdown::ControlTable(data);
  text += "\n## Endings\n\n" + EndingsTable(summary);
  text += "\n## Episodes\n\n" + EpisodesTable(data);
  text += "\n## Run\n\n| | |\n|---|---|\n";
  for (const Fact& fact : Facts(data.info)) {
    text += fmt::format("| {} | {} |\n", EscapeMarkdown(fact.name), EscapeMarkdown(fact.value));
  }
  return text;
}

}  // namespace divla
