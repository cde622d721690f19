#include <fmt/format.h>

#include <algorithm>

#include "harness/report/cells.h"
#include "harness/report/html_parts.h"
#include "harness/report/text.h"
#include "sim/action.h"

namespace divla::html {

namespace {

std::string Label(const CellSummary& cell) { return Breakable(CellLabel(cell.task, cell.axis, cell.level)); }

std::string Objects(const ObjectCount& objects) {
  return fmt::format("{}<small>/{}</small> {}", objects.placed, objects.total, Percent(objects.placed, objects.total));
}

std::string SuccessRow(const CellSummary& cell, bool objects) {
  return fmt::format(
      "<tr><th scope=\"row\">{}</th><td>{}<small>/{}</small></td><td class=\"rate\">{}</td><td "
      "class=\"draw\">{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td>{}<td>{:.2f}</td><td>{:.1f}</td><td>{}</td>"
      "</tr>\n",
      Label(cell), cell.k, cell.n, Percent(cell.k, cell.n), IntervalBar(cell.rate, cell.clopper_pearson, cell.wilson),
      PercentInterval(cell.wilson), PercentInterval(cell.clopper_pearson), cell.once, cell.held,
      objects ? "<td>" + Objects(cell.objects) + "</td>" : "", cell.mean_progress, cell.mean_steps,
      cell.median_success_seconds ? fmt::format("{:.1f}", *cell.median_success_seconds) : "–");
}

std::string SuccessHead(bool objects) {
  return fmt::format(
      "<div class=\"scroll\" tabindex=\"0\"><table>\n<thead><tr><th scope=\"col\">task</th><th scope=\"col\">at the "
      "end</th><th scope=\"col\">rate</th>{}<th scope=\"col\">Wilson 95 %</th><th scope=\"col\">exact 95 %</th><th "
      "scope=\"col\">once</th><th scope=\"col\">held</th>{}<th scope=\"col\">progress</th><th "
      "scope=\"col\">steps</th><th scope=\"col\">s to success</th></tr></thead>\n<tbody>\n",
      kRateScale, objects ? "<th scope=\"col\">objects placed</th>" : "");
}

std::string Totals(const RunSummary& summary, bool objects) {
  const std::string rest = objects ? "<td></td><td></td><td></td><td></td><td></td><td></td>"
                                   : "<td></td><td></td><td></td><td></td><td></td>";
  const std::string row =
      "<tr><th scope=\"row\">{}</th><td>{}</td><td class=\"rate\">{}</td><td "
      "class=\"draw\">{}</td><td>{}</td><td>{}</td>{}</tr>\n";
  const double rate = summary.n == 0 ? 0 : static_cast<double>(summary.k) / summary.n;
  const std::string count = fmt::format("{}<small>/{}</small>", summary.k, summary.n);
  std::string text = "<tfoot>\n" + fmt::format(fmt::runtime(row), "mean over tasks", "",
                                               summary.n == 0 ? "–" : Percent(summary.macro_rate),
                                               IntervalBar(summary.macro_rate, {}, summary.macro_interval),
                                               PercentInterval(summary.macro_interval), "", rest);
  text += fmt::format(fmt::runtime(row), "all episodes", count, Percent(summary.k, summary.n),
                      IntervalBar(rate, summary.clopper_pearson, summary.wilson), PercentInterval(summary.wilson),
                      PercentInterval(summary.clopper_pearson), rest);
  if (summary.clustered) {
    text += fmt::format(fmt::runtime(row), "all, twins as clusters", count, Percent(summary.k, summary.n),
                        IntervalBar(rate, {}, summary.clustered), PercentInterval(*summary.clustered), "", rest);
  }
  return text + "</tfoot>\n";
}

std::string ReasoningRow(const CellSummary& cell, bool places, bool changes) {
  const ReasoningScore& score = cell.reasoning;
  std::string text =
      fmt::format("<tr><th scope=\"row\">{}</th><td>{}</td><td class=\"rate\">{}</td><td>{}</td>", Label(cell),
                  score.queries, Percent(score.correct, score.queries), Percent(score.faithful, score.queries));
  if (places) {
    text += score.located == 0 ? "<td>–</td>"
                               : fmt::format("<td>{} <small>of {}</small></td>", Percent(score.grounded, score.located),
                                             score.located);
  }
  if (changes && cell.interventions) {
    const InterventionSummary& change = *cell.interventions;
    text += fmt::format(
        "<td>{}<small>/{}</small></td><td>{}</td><td>{}<small>/{}</small></td>", change.followed, change.reasoned,
        change.median_steps_to_follow ? fmt::format("{:.2f} s", *change.median_steps_to_follow * kControlPeriod) : "–",
        change.k, change.n);
  } else if (changes) {
    text += "<td></td><td></td><td></td>";
  }
  return text + "</tr>\n";
}

}  // namespace

std::string Results(const RunSummary& summary) {
  const bool objects = CountsObjects(summary);
  const bool folded = summary.cells.size() > kRowsShown;
  std::string shown, hidden;
  int folded_cells = 0;
  for (const CellSummary& cell : summary.cells) {
    const bool fold = folded && !IsClean(cell);
    (fold ? hidden : shown) += SuccessRow(cell, objects);
    folded_cells += fold;
  }
  std::string text = "<section id=\"success\">\n<h2>Success</h2>\n" + SuccessHead(objects) + shown + "</tbody>\n" +
                     Totals(summary, objects) + "</table></div>\n";
  if (!hidden.empty()) {
    text += fmt::format("<details><summary>{} by task, axis and level</summary>\n",
                        Counted(folded_cells, "perturbed cell")) +
            SuccessHead(objects) + hidden + "</tbody></table></div></details>\n";
  }
  return text +
         "<p class=\"note\">A success <b>at the end</b> reaches the goal and holds it for half a second with the "
         "gripper "
         "open; <b>once</b> counts an episode that met the goal at any step, <b>held</b> one that held it at any time. "
         "Intervals are two-sided 95 %: the band is Wilson, the thin line Clopper-Pearson (exact); the one of the mean "
         "over tasks is a t interval with tasks as clusters. Progress is the mean share of stages done, 0 to 1. Steps "
         "are control steps, 20 a second; seconds are simulated, the median of the successes.</p>\n</section>\n";
}

std::string Reasoning(const RunSummary& summary) {
  const ReasoningScore total = TotalReasoning(summary);
  if (total.queries == 0) return {};
  const bool places = total.located > 0;
  const bool changes = std::any_of(summary.cells.begin(), summary.cells.end(),
                                   [](const CellSummary& cell) { return cell.interventions.has_value(); });
  const bool folded = summary.cells.size() > kRowsShown;
  std::string shown, hidden;
  for (const CellSummary& cell : summary.cells) {
    // Interventions are what this table alone shows.
    const bool fold = folded && !IsClean(cell) && !cell.interventions;
    if (cell.reasoning.queries > 0) (fold ? hidden : shown) += ReasoningRow(cell, places, changes);
  }
  const std::string head =
      std::string(
          "<div class=\"scroll\" tabindex=\"0\"><table>\n<thead><tr><th scope=\"col\">task</th><th "
          "scope=\"col\">texts</th><th scope=\"col\">correct</th><th scope=\"col\">faithful</th>") +
      (places ? "<th scope=\"col\">grounded</th>" : "") +
      (changes ? "<th scope=\"col\">followed the change</th><th scope=\"col\">median latency</th><th "
                 "scope=\"col\">solved after it</th>"
               : "") +
      "</tr></thead>\n<tbody>\n";
  std::string text = "<section id=\"reasoning\">\n<h2>Reasoning</h2>\n" + head + shown + "</tbody></table></div>\n";
  if (!hidden.empty()) {
    text += "<details><summary>perturbed cells</summary>\n" + head + hidden + "</tbody></table></div></details>\n";
  }
  text +=
      "<p class=\"note\">One text a query. <b>Correct</b>: it has every required phrase of the ground truth of that "
      "moment. <b>Faithful</b>: it names what the gripper then acted on.";
  if (places) {
    text += fmt::format(
        " <b>Grounded</b>: every place that it gives is within {:.2f} picture widths of the object's true pixel; of "
        "the texts that give one.",
        kGroundedWithin);
  }
  if (changes) {
    text +=
        " <b>Followed</b>: after the object or the instruction was swapped in mid-episode, some later text is correct; "
        "the latency runs from the swap to the query of the first such text, in simulated seconds.";
  }
  return text + "</p>\n</section>\n";
}

}  // namespace divla::html
