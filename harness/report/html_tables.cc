#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "harness/report/html_parts.h"
#include "harness/report/text.h"

namespace divla::html {

namespace {

// Wilson as the thick band, Clopper-Pearson as the thin line behind it, the rate as the mark.
std::string IntervalBar(double rate, const Interval* wide, const Interval* band) {
  const auto span = [](const char* name, const Interval* interval) {
    if (interval == nullptr) return std::string();
    return fmt::format("<i class=\"{}\" style=\"left:{:.2f}%;width:{:.2f}%\"></i>", name, 100 * interval->low,
                       100 * (interval->high - interval->low));
  };
  return fmt::format("<div class=\"interval\" aria-hidden=\"true\">{}{}<b style=\"left:{:.2f}%\"></b></div>",
                     span("thin", wide), span("band", band), 100 * rate);
}

// The label with places to break a line at, for narrow screens.
std::string BreakableLabel(const CellSummary& cell) {
  std::string label;
  for (const char c : EscapeHtml(CellLabel(cell.task, cell.axis, cell.level))) {
    label += c;
    if (c == '_') label += "<wbr>";
  }
  return label;
}

std::string Row(const CellSummary& cell) {
  return fmt::format(
      "<tr><th scope=\"row\">{}</th><td>{}<small>/{}</small></td><td class=\"rate\">{}</td><td "
      "class=\"draw\">{}</td><td>{}</td><td>{}</td><td>{}</td><td>{:.2f}</td><td>{:.1f}</td><td>{}</td></tr>\n",
      BreakableLabel(cell), cell.k, cell.n, Percent(cell.k, cell.n),
      IntervalBar(cell.rate, &cell.clopper_pearson, &cell.wilson), PercentInterval(cell.wilson),
      PercentInterval(cell.clopper_pearson), Percent(cell.reasoning.correct, cell.reasoning.queries),
      cell.mean_progress, cell.mean_steps,
      cell.median_success_seconds ? fmt::format("{:.1f}", *cell.median_success_seconds) : "–");
}

// One segment of a stacked bar; its number is inside when there is room, and always in its title and in the legend.
// `filter` are the data attributes that a click applies to the gallery.
std::string Segment(std::string_view colour, const std::string& name, int count, int total, const std::string& filter) {
  const double share = 100.0 * count / std::max(1, total);
  return fmt::format(
      "<button type=\"button\" class=\"{}\" style=\"width:{:.3f}%\" title=\"{}: {} of {}\" {}>{}</button>", colour,
      share, name, count, total, filter, share >= 4 ? std::to_string(count) : "");
}

std::string Legend(std::string_view colour, const std::string& text) {
  return fmt::format("<li><i class=\"{}\"></i>{}</li>", colour, text);
}

std::string EndingsOf(const CellSummary& cell) {
  const std::string id = EscapeHtml(CellId(cell.task, cell.axis, cell.level));
  std::string bar;
  std::string legend;
  if (cell.k > 0) {
    bar += Segment("ok", "success", cell.k, cell.n, fmt::format("data-cell=\"{}\" data-outcome=\"success\"", id));
    legend += Legend("ok", fmt::format("success {}", cell.k));
  }
  for (const auto& [failure, count] : cell.failures) {
    const std::string name = EscapeHtml(Spaced(failure));
    bar += Segment(FailureClass(failure), name, count, cell.n,
                   fmt::format("data-cell=\"{}\" data-failure=\"{}\"", id, EscapeHtml(failure)));
    legend += Legend(FailureClass(failure), fmt::format("{} {}", name, count));
  }
  std::string terminations;
  for (const auto& [termination, count] : cell.terminations) {
    terminations += fmt::format("{}{} {}", terminations.empty() ? "" : " · ", EscapeHtml(Spaced(termination)), count);
  }
  return fmt::format(
      "<h3>{} <small>{} episodes</small></h3>\n<div class=\"stack\">{}</div>\n<ul class=\"legend\">{}</ul>\n"
      "<p class=\"note\">ended by: {}</p>\n",
      EscapeHtml(CellLabel(cell.task, cell.axis, cell.level)), cell.n, bar, legend, terminations);
}

std::string Meter(const std::string& name, int count, int total) {
  const double share = total == 0 ? 0 : 100.0 * count / total;
  return fmt::format(
      "<div class=\"meter\"><span>{}</span><div class=\"track\"><i class=\"ok\" style=\"width:{:.2f}%\"></i></div>"
      "<span class=\"number\">{}</span></div>\n",
      name, share, Percent(count, total));
}

}  // namespace

std::string CellId(std::string_view task, std::string_view axis, int level) {
  return fmt::format("{}/{}/{}", CleanUtf8(task), CleanUtf8(axis), level);
}

std::string_view FailureClass(std::string_view failure) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 7> kClasses{{{"wrong_object", "f1"},
                                                                                   {"missed_grasp", "f2"},
                                                                                   {"dropped", "f3"},
                                                                                   {"wrong_place", "f4"},
                                                                                   {"not_reached", "f5"},
                                                                                   {"unstable", "f6"},
                                                                                   {"policy_error", "f7"}}};
  const auto found = std::find_if(kClasses.begin(), kClasses.end(), [&](const auto& c) { return c.first == failure; });
  return found == kClasses.end() ? "f0" : found->second;
}

std::string Results(const RunSummary& summary) {
  std::string text =
      "<section>\n<h2>Results</h2>\n<div class=\"scroll\"><table>\n<thead><tr><th scope=\"col\">task</th><th "
      "scope=\"col\">successes</th><th scope=\"col\">rate</th><th scope=\"col\" class=\"draw\"><span "
      "class=\"scale\"><span>0</span><span>50</span><span>100 %</span></span></th><th scope=\"col\">Wilson 95 "
      "%</th><th "
      "scope=\"col\">exact 95 %</th><th scope=\"col\">reasoning</th><th scope=\"col\">progress</th><th "
      "scope=\"col\">steps</th><th scope=\"col\">s to success</th></tr></thead>\n<tbody>\n";
  for (const CellSummary& cell : summary.cells) text += Row(cell);
  const Interval* macro = summary.macro_interval ? &*summary.macro_interval : nullptr;
  text += fmt::format(
      "</tbody>\n<tfoot>\n<tr><th scope=\"row\">mean over tasks</th><td></td><td class=\"rate\">{}</td><td "
      "class=\"draw\">{}</td><td>{}</td><td></td><td></td><td></td><td></td><td></td></tr>\n",
      Percent(summary.macro_rate), IntervalBar(summary.macro_rate, nullptr, macro),
      macro != nullptr ? PercentInterval(*macro) + " <small>t</small>" : "–");
  text += fmt::format(
      "<tr><th scope=\"row\">all episodes</th><td>{}<small>/{}</small></td><td class=\"rate\">{}</td><td "
      "class=\"draw\">{}</td><td>{}</td><td>{}</td><td></td><td></td><td></td><td></td></tr>\n</tfoot>\n",
      summary.k, summary.n, Percent(summary.k, summary.n),
      IntervalBar(summary.n == 0 ? 0 : static_cast<double>(summary.k) / summary.n, &summary.clopper_pearson,
                  &summary.wilson),
      PercentInterval(summary.wilson), PercentInterval(summary.clopper_pearson));
  return text +
         "</table></div>\n<p class=\"note\">Intervals are two-sided 95 %: the band is Wilson, the thin line "
         "Clopper-Pearson (exact); the one of the mean over tasks is a t interval with tasks as clusters. Reasoning is "
         "the share of texts with every required phrase of the ground truth. Progress is the mean share of stages "
         "done, "
         "0 to 1. Steps are control steps, 20 a second. Seconds to success are the median of the successes, "
         "simulated.</p>\n</section>\n";
}

std::string Endings(const RunSummary& summary) {
  std::string text = "<section>\n<h2>How episodes ended</h2>\n";
  for (const CellSummary& cell : summary.cells) {
    text += EndingsOf(cell);
    if (cell.interventions) {
      text += "<p class=\"note\">Interventions: " + EscapeHtml(InterventionText(*cell.interventions)) + ".</p>\n";
    }
  }
  return text + "</section>\n";
}

std::string Reasoning(const RunSummary& summary) {
  std::string text;
  for (const CellSummary& cell : summary.cells) {
    const ReasoningScore& score = cell.reasoning;
    if (score.queries == 0) continue;
    text += fmt::format("<h3>{} <small>{} texts</small></h3>\n",
                        EscapeHtml(CellLabel(cell.task, cell.axis, cell.level)), score.queries);
    text += Meter("correct", score.correct, score.queries) + Meter("faithful", score.faithful, score.queries);
    const int failed = cell.failed_reasoning_wrong + cell.failed_reasoning_right;
    if (failed > 0) {
      text += fmt::format("<p class=\"note\">Of {} failures, {} with wrong words and {} with right words.</p>\n",
                          failed, cell.failed_reasoning_wrong, cell.failed_reasoning_right);
    }
  }
  if (text.empty()) return text;
  return "<section>\n<h2>Reasoning</h2>\n" + text +
         "<p class=\"note\"><b>Correct</b>: the text has every required phrase of the ground truth. <b>Faithful</b>: "
         "it "
         "names what the gripper then acted on. A failure has wrong words when most of its texts were not "
         "correct.</p>\n</section>\n";
}

}  // namespace divla::html
