#include <fmt/format.h>

#include "harness/report/cells.h"
#include "harness/report/html_parts.h"
#include "harness/report/side_by_side.h"
#include "harness/report/text.h"

namespace divla {

namespace {

std::string Row(const std::string& label, const SideRow& row, double limit) {
  std::string text = "<tr><th scope=\"row\">" + label + "</th>";
  for (std::size_t i = 0; i < row.runs.size(); ++i) {
    const SideEntry& entry = row.runs[i];
    text += entry.n == 0 ? "<td>–</td><td></td>"
                         : fmt::format("<td>{}<small>/{}</small> <b>{}</b></td><td>{}</td>", entry.k, entry.n,
                                       Percent(entry.k, entry.n), PercentInterval(entry.wilson));
    if (i == 0) continue;
    if (!entry.difference) {
      text += "<td colspan=\"3\" class=\"empty\">no episode is the same</td>";
      continue;
    }
    const SideDifference& difference = *entry.difference;
    text += fmt::format("<td>{}</td><td class=\"rate\">{} <small>{}, {}</small></td><td>{}</td>",
                        html::Whisker(difference.counts.Difference(), difference.interval, limit),
                        Points(difference.counts.Difference()), PointsInterval(difference.interval),
                        Counted(difference.counts.Pairs(), "pair"), EscapeHtml(PValue(difference.p_adjusted)));
  }
  return text + "</tr>\n";
}

std::string Head(const SideBySide& sides, double limit) {
  std::string text = "<div class=\"scroll\" tabindex=\"0\"><table>\n<thead><tr><th scope=\"col\">task</th>";
  for (std::size_t i = 0; i < sides.names.size(); ++i) {
    text += fmt::format("<th scope=\"col\">{}</th><th scope=\"col\">Wilson 95 %</th>", EscapeHtml(sides.names[i]));
    if (i > 0) {
      text += fmt::format(
          "<th scope=\"col\">{}</th><th scope=\"col\">difference, points</th><th scope=\"col\">p (Holm)</th>",
          html::WhiskerScale(limit));
    }
  }
  return text + "</tr></thead>\n<tbody>\n";
}

}  // namespace

std::string FormatSideBySideHtml(const SideBySide& sides) {
  std::vector<Interval> intervals;
  for (const SideRow& row : sides.cells) {
    for (const SideEntry& entry : row.runs) {
      if (entry.difference) intervals.push_back(entry.difference->interval);
    }
  }
  const double limit = html::WhiskerLimit(intervals);
  std::string title = sides.names.front();
  for (std::size_t i = 1; i < sides.names.size(); ++i) title += " against " + sides.names[i];
  std::string body = "<header><div class=\"wide\">\n<p class=\"brand\">DiVLA-Bench</p>\n<h1>" + EscapeHtml(title) +
                     "</h1>\n<p class=\"measured\">" +
                     EscapeHtml(Counted(static_cast<int>(sides.names.size()), "run")) + " of " +
                     EscapeHtml(sides.infos.front().suite) + " side by side</p>\n";
  for (const std::string& note : sides.notes) body += "<p class=\"warning\">" + EscapeHtml(note) + "</p>\n";
  body += "</div></header>\n<main>\n<section id=\"success\">\n<h2>Success</h2>\n" + Head(sides, limit);
  std::string hidden;
  for (const SideRow& row : sides.cells) {
    const bool fold = sides.cells.size() > html::kRowsShown && !IsClean(row.axis, row.level);
    (fold ? hidden : body) += Row(html::Breakable(CellLabel(row.task, row.axis, row.level)), row, limit);
  }
  body += Row("all episodes", sides.all, limit) + "</tbody></table></div>\n";
  if (!hidden.empty()) {
    body += "<details><summary>perturbed cells</summary>\n" + Head(sides, limit) + hidden +
            "</tbody></table></div></details>\n";
  }
  body +=
      "<p class=\"note\">Success at the end. Differences are to the first run, over pairs of the same episodes (key, "
      "seed, scene, initial state, instruction, renderer), with Newcombe's 95 % interval; p is McNemar's exact test, "
      "two-sided, after Holm over the rows (not for all episodes). Of all episodes an episode and its perturbed twins "
      "are one cluster.</p>\n</section>\n";
  for (std::size_t i = 0; i < sides.names.size(); ++i) {
    body +=
        "<section>\n<h2>" + EscapeHtml(sides.names[i]) + "</h2>\n" + html::FactList(sides.infos[i]) + "</section>\n";
  }
  return html::Page(CleanUtf8(title) + " · DiVLA-Bench", body + "</main>\n", /*scripted=*/false);
}

}  // namespace divla
