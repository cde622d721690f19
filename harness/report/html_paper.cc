#include <fmt/format.h>

#include <algorithm>

#include "harness/report/html_parts.h"
#include "harness/report/paper_rows.h"
#include "harness/report/text.h"

namespace divla::html {

std::string Paper(const ReportData& data) {
  const PaperTable* table = FindPaperTable(data.summary.suite);
  if (table == nullptr) return {};
  std::string text = fmt::format(
      "<section id=\"paper\">\n<h2>Beside the paper</h2>\n<p class=\"note lead\"><b>The paper's numbers come from real "
      "robots, ours from a simulator with other objects, scenes and training data.</b> They give an idea of where a "
      "result stands; they are no replication. Source: Wen et al., ICML 2025 (PMLR 267), {}. {}</p>\n",
      EscapeHtml(table->source), EscapeHtml(table->note));
  const std::vector<PaperComparison> rows = ComparePaper(data);
  if (rows.empty()) return text + "</section>\n";
  text +=
      "<div class=\"scroll\" tabindex=\"0\"><table class=\"paper\">\n<thead><tr><th scope=\"col\">condition</th><th "
      "scope=\"col\">here, simulated</th><th scope=\"col\">95 %</th>";
  for (const PaperNumber& number : rows.front().row->numbers) {
    text += "<th scope=\"col\" class=\"real\">" + EscapeHtml(number.model) + "<br>real robot</th>";
  }
  text += "</tr></thead>\n<tbody>\n";
  for (const PaperComparison& ours : rows) {
    text += "<tr><th scope=\"row\">" + Breakable(ours.row->condition) + "</th>";
    text += ours.n == 0 ? "<td>not in this run</td><td></td>"
                        : fmt::format("<td class=\"rate\">{} <small>{}/{}</small></td><td>{}</td>",
                                      Percent(ours.k, ours.n), ours.k, ours.n, PercentInterval(ours.interval));
    for (const PaperNumber& number : ours.row->numbers) {
      text += fmt::format("<td class=\"real\">{:.1f} %{}</td>", number.percent,
                          number.counts.empty() ? "" : " <small>" + number.counts + "</small>");
    }
    text += "</tr>\n";
  }
  return text + "</tbody></table></div>\n</section>\n";
}

}  // namespace divla::html
