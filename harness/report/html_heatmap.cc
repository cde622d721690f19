#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "harness/report/cells.h"
#include "harness/report/html_parts.h"
#include "harness/report/text.h"

namespace divla::html {

namespace {

// One cell of a map: a difference, its interval and the pairs that it rests on.
struct Gap {
  double difference{};
  Interval interval;
  int pairs{};
};

// "l3" for a loss, "g1" for a gain, "l0" for nothing. Orange against blue: read alike with every kind of colour vision.
std::string Colour(double difference) {
  constexpr double kFrom[] = {0.025, 0.10, 0.20, 0.35, 0.55};
  int strength = 0;
  for (const double from : kFrom) strength += std::abs(difference) >= from ? 1 : 0;
  return fmt::format("{}{}", difference <= 0 ? 'l' : 'g', strength);
}

std::string HeatCell(const Gap& gap) {
  const bool shown = gap.interval.high < 0 || gap.interval.low > 0;
  return fmt::format("<td class=\"{}{}\" title=\"{}\"><b>{}</b><small>{}</small></td>", Colour(gap.difference),
                     shown ? " shown" : "", Counted(gap.pairs, "pair"), Points(gap.difference),
                     PointsInterval(gap.interval));
}

using GapMap = std::map<std::pair<std::string, int>, Gap>;  // axis and level

std::string Map(const std::string& title, const std::vector<std::string>& axes, const std::set<int>& levels,
                const GapMap& gaps) {
  std::string text = fmt::format(
      "<div class=\"scroll\" tabindex=\"0\"><table class=\"heat\">\n<caption>{}</caption>\n<thead><tr><th "
      "scope=\"col\">axis</th>",
      title);
  for (const int level : levels) text += fmt::format("<th scope=\"col\">level {}</th>", level);
  text += "</tr></thead>\n<tbody>\n";
  for (const std::string& axis : axes) {
    std::string row;
    bool any = false;
    for (const int level : levels) {
      const auto found = gaps.find({axis, level});
      any = any || found != gaps.end();
      row += found == gaps.end() ? "<td class=\"void\">·</td>" : HeatCell(found->second);
    }
    if (any) text += "<tr><th scope=\"row\">" + Breakable(Spaced(axis)) + "</th>" + row + "</tr>\n";
  }
  return text + "</tbody></table></div>\n";
}

std::string Seen(bool unseen) { return unseen ? "<td class=\"unseen\">unseen</td>" : "<td>seen</td>"; }

}  // namespace

std::string HeatMap(const RunSummary& summary) {
  if (!summary.gaps || summary.gaps->axes.empty()) return {};
  std::vector<std::string> axes;
  std::set<int> levels;
  GapMap over_tasks;
  for (const AxisGap& axis : summary.gaps->axes) {
    if (std::find(axes.begin(), axes.end(), axis.axis) == axes.end()) axes.push_back(axis.axis);
    levels.insert(axis.level);
    over_tasks[{axis.axis, axis.level}] = {axis.gap.pooled.Difference(), axis.newcombe, axis.gap.pooled.Pairs()};
  }
  std::map<std::string, GapMap> by_task;
  for (const CellGap& cell : summary.gaps->cells) {
    by_task[cell.task][{cell.axis, cell.level}] = {cell.difference, cell.newcombe, cell.counts.Pairs()};
  }
  std::string text =
      "<section id=\"heatmap\">\n<h2>What each axis costs</h2>\n<p class=\"note lead\">Percentage points between a "
      "perturbed episode and its clean twin, with the 95 % interval of the paired difference (Newcombe). "
      "<span class=\"key l4\">loss</span> <span class=\"key l0\">none</span> <span class=\"key g4\">gain</span> "
      "<span class=\"key l0 shown\">framed</span>: the interval excludes zero.</p>\n";
  if (by_task.size() > 1) {
    text += Map(fmt::format("all {} tasks, pairs pooled", by_task.size()), axes, levels, over_tasks);
    text += fmt::format("<details{}><summary>each task</summary>\n", by_task.size() <= 4 ? " open" : "");
  }
  text += "<div class=\"maps\">\n";
  for (const TaskCells& task : CellsByTask(summary)) {
    const auto found = by_task.find(task.task);
    if (found != by_task.end()) text += Map(Breakable(task.task), axes, levels, found->second);
  }
  text += "</div>\n";
  if (by_task.size() > 1) text += "</details>\n";
  return text + "</section>\n";
}

std::string Factorial(const RunSummary& summary) {
  if (!summary.gaps || summary.gaps->factorial.empty()) return {};
  std::vector<Interval> whiskers;
  for (const FactorialRow& row : summary.gaps->factorial) {
    if (row.gap && row.gap->interval) whiskers.push_back(*row.gap->interval);
  }
  const double limit = WhiskerLimit(whiskers);
  std::string text = fmt::format(
      "<section id=\"factorial\">\n<h2>Seen × unseen</h2>\n<div class=\"scroll\" "
      "tabindex=\"0\"><table>\n<thead><tr><th "
      "scope=\"col\">instruction</th><th scope=\"col\">object</th><th scope=\"col\">environment</th><th "
      "scope=\"col\">tasks</th><th scope=\"col\">successes</th><th scope=\"col\">rate</th>{}<th scope=\"col\">95 % "
      "</th><th scope=\"col\">mean over tasks</th><th scope=\"col\">gap to twins, mean over tasks</th><th "
      "scope=\"col\">{}</th></tr></thead>\n<tbody>\n",
      kRateScale, WhiskerScale(limit));
  for (const FactorialRow& row : summary.gaps->factorial) {
    std::string gap = "<td>–</td><td></td>";
    if (row.gap) {
      gap = fmt::format("<td>{} {}</td><td>{}</td>", Points(row.gap->mean),
                        row.gap->interval ? PointsInterval(*row.gap->interval) : "",
                        row.gap->interval ? Whisker(row.gap->mean, *row.gap->interval, limit) : "");
    }
    text += fmt::format(
        "<tr>{}{}{}<td>{}</td><td>{}<small>/{}</small></td><td class=\"rate\">{}</td><td "
        "class=\"draw\">{}</td><td>{}</td><td>{} {}</td>{}</tr>\n",
        Seen(row.instruction), Seen(row.object), Seen(row.environment), row.tasks, row.k, row.n, Percent(row.k, row.n),
        IntervalBar(row.rate, {}, row.interval), PercentInterval(row.interval), Percent(row.macro_rate),
        row.macro_interval ? PercentInterval(*row.macro_interval) : "", gap);
  }
  return text +
         "</tbody></table></div>\n<p class=\"note\">Unseen: the episode leaves the training distribution in that "
         "family. "
         "The interval of the rate takes an episode and its twins for one cluster; those of means take tasks as "
         "clusters "
         "and need two that differ.</p>\n</section>\n";
}

}  // namespace divla::html
