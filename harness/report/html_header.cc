#include <fmt/format.h>

#include "harness/report/facts.h"
#include "harness/report/html_parts.h"
#include "harness/report/text.h"

namespace divla::html {

namespace {

std::string Tile(const std::string& title, const std::string& value, const std::string& note) {
  return fmt::format("<div class=\"tile\"><h3>{}</h3><p class=\"big\">{}</p><p class=\"note\">{}</p></div>\n", title,
                     value, note);
}

std::string Tiles(const RunSummary& summary) {
  int queries = 0;
  int correct = 0;
  int words_wrong = 0;
  int words_right = 0;
  for (const CellSummary& cell : summary.cells) {
    queries += cell.reasoning.queries;
    correct += cell.reasoning.correct;
    words_wrong += cell.failed_reasoning_wrong;
    words_right += cell.failed_reasoning_right;
  }
  std::string tiles = "<div class=\"tiles\">\n";
  tiles += Tile("Mean over tasks", Percent(summary.macro_rate),
                summary.macro_interval ? "95 % interval " + PercentInterval(*summary.macro_interval)
                                       : "no interval: one task, or equal rates");
  tiles += Tile("Successes", fmt::format("{}<small>/{}</small>", summary.k, summary.n),
                fmt::format("{}, Wilson 95 % {}", Percent(summary.k, summary.n), PercentInterval(summary.wilson)));
  if (queries > 0) {
    tiles += Tile("Reasoning correct", Percent(correct, queries), fmt::format("{} of {} texts", correct, queries));
    tiles +=
        Tile("Failures with right words", fmt::format("{}<small>/{}</small>", words_right, words_right + words_wrong),
             "the text was right, the arm failed");
  }
  return tiles + "</div>\n";
}

}  // namespace

std::string Header(const ReportData& data) {
  const RunSummary& summary = data.summary;
  std::string text = fmt::format(
      "<header><div class=\"wide\">\n<p class=\"brand\">DiVLA-Bench</p>\n<h1>{} <span>on</span> {} "
      "<small>v{}</small></h1>\n",
      EscapeHtml(summary.policy), EscapeHtml(summary.suite), summary.suite_version);
  for (const std::string& warning : Warnings(data.info, summary)) {
    text += "<p class=\"warning\">" + EscapeHtml(warning) + "</p>\n";
  }
  text += Tiles(summary) + "<dl class=\"facts\">\n";
  for (const Fact& fact : Facts(data.info)) {
    text += fmt::format("<div><dt>{}</dt><dd>{}</dd></div>\n", EscapeHtml(fact.name), EscapeHtml(fact.value));
  }
  return text + "</dl>\n</div></header>\n";
}

}  // namespace divla::html
