#include <fmt/format.h>

#include "harness/report/cells.h"
#include "harness/report/facts.h"
#include "harness/report/highlights.h"
#include "harness/report/html_parts.h"
#include "harness/report/text.h"

namespace divla::html {

namespace {

std::string Tile(const std::string& title, const std::string& value, const std::string& note) {
  return fmt::format("<div class=\"tile\"><h3>{}</h3><p class=\"big\">{}</p><p class=\"note\">{}</p></div>\n", title,
                     value, note);
}

std::string Tiles(const RunSummary& summary) {
  const ReasoningScore score = TotalReasoning(summary);
  std::string tiles = "<div class=\"tiles\">\n";
  tiles += Tile("All episodes", Percent(summary.k, summary.n),
                fmt::format("{} of {}, 95 % {}", summary.k, summary.n,
                            PercentInterval(summary.clustered.value_or(summary.wilson))));
  tiles += Tile("Mean over tasks", summary.n == 0 ? "–" : Percent(summary.macro_rate),
                summary.macro_interval ? "95 % " + PercentInterval(*summary.macro_interval) + ", tasks as clusters"
                                       : "no interval: one task, or equal rates");
  if (score.queries > 0) {
    tiles += Tile("Reasoning correct", Percent(score.correct, score.queries),
                  fmt::format("{} of {} texts", score.correct, score.queries));
    tiles += score.located > 0 ? Tile("Places right", Percent(score.grounded, score.located),
                                      fmt::format("{} of {} texts with a place", score.grounded, score.located))
                               : Tile("Reasoning faithful", Percent(score.faithful, score.queries),
                                      "names what the gripper then acted on");
  }
  return tiles + "</div>\n";
}

}  // namespace

std::string Header(const ReportData& data) {
  const RunSummary& summary = data.summary;
  std::string text = fmt::format(
      "<header><div class=\"wide\">\n<p class=\"brand\">DiVLA-Bench</p>\n<h1>{} <span>on</span> {} "
      "<small>v{}</small></h1>\n<p class=\"measured\">{}</p>\n",
      Breakable(summary.policy), Breakable(summary.suite), summary.suite_version,
      EscapeHtml(Measured(data.info, summary)));
  for (const std::string& warning : Warnings(data.info, summary)) {
    text += "<p class=\"warning\">" + EscapeHtml(warning) + "</p>\n";
  }
  return text + Tiles(summary) + "</div></header>\n";
}

std::string Findings(const ReportData& data) {
  std::string text = "<section id=\"findings\">\n<h2>Findings</h2>\n<ul class=\"findings\">\n";
  for (const Highlight& highlight : Highlights(data)) {
    text += fmt::format("<li><b>{}:</b> {}</li>\n", EscapeHtml(highlight.title), EscapeHtml(highlight.text));
  }
  return text + "</ul>\n</section>\n";
}

std::string FactList(const RunInfo& info) {
  std::string text = "<dl class=\"facts\">\n";
  for (const Fact& fact : Facts(info)) {
    text += fmt::format("<div><dt>{}</dt><dd>{}</dd></div>\n", EscapeHtml(fact.name), EscapeHtml(fact.value));
  }
  return text + "</dl>\n";
}

std::string Provenance(const RunInfo& info) {
  return "<section id=\"provenance\">\n<h2>Provenance</h2>\n" + FactList(info) + "</section>\n";
}

}  // namespace divla::html
