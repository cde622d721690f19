#include <fmt/format.h>

#include <algorithm>

#include "harness/report/highlights.h"
#include "harness/report/html_parts.h"
#include "harness/report/text.h"

namespace divla::html {

namespace {

std::string Row(const std::string& label, const ControlResult& result, double limit) {
  if (result.counts.Pairs() == 0) {
    return "<tr><th scope=\"row\">" + label +
           "</th><td colspan=\"5\" class=\"empty\">applies to no episode of this run</td></tr>\n";
  }
  const auto rate = [&](int k) {
    return fmt::format("{}<small>/{}</small> {}", k, result.counts.Pairs(), Percent(k, result.counts.Pairs()));
  };
  return fmt::format(
      "<tr><th scope=\"row\">{}</th><td>{}</td><td>{}</td><td>{}</td><td class=\"rate\">{} <small>{}</small></td>"
      "<td>{}</td></tr>\n",
      label, rate(result.counts.Base()), rate(result.counts.Run()),
      Whisker(result.counts.Difference(), result.interval, limit), Points(result.counts.Difference()),
      PointsInterval(result.interval), EscapeHtml(PValue(result.p)));
}

std::string Head(double limit) {
  return fmt::format(
      "<div class=\"scroll\" tabindex=\"0\"><table>\n<thead><tr><th scope=\"col\">control</th><th "
      "scope=\"col\">plain</th><th "
      "scope=\"col\">control</th><th scope=\"col\">{}</th><th scope=\"col\">difference, points</th><th "
      "scope=\"col\">McNemar p</th></tr></thead>\n<tbody>\n",
      WhiskerScale(limit));
}

// What the arm took when its words were about something else.
std::string ActedBar(const ControlSummary& summary) {
  const ActedOn& acted = summary.all.acted_on;
  if (acted.words.n == 0) return {};
  std::string segments, legend;
  const auto add = [&](const char* colour, const char* name, const Share& share) {
    if (share.k > 0) segments += Segment(colour, EscapeHtml(name), share.k, share.n);
    legend += LegendItem(colour, EscapeHtml(fmt::format("{} {}/{} = {} {}", name, share.k, share.n,
                                                        Percent(share.k, share.n), PercentInterval(share.interval))));
  };
  add("f4", "the object of the given words", acted.words);
  add("f1", "the episode's own object", acted.instruction);
  add("f5", "another object", acted.other);
  add("f0", "nothing", acted.nothing);
  return fmt::format("<h3>{}: what the arm took</h3>\n{}\n{}", EscapeHtml(Spaced(ToString(summary.control))),
                     Stack(segments), Legend(legend));
}

std::string Meaning(Control control) {
  for (const ControlInfo& info : Controls()) {
    if (info.control == control) return info.summary;
  }
  return {};
}

}  // namespace

std::string ControlTable(const ReportData& data) {
  if (data.controls.empty()) return {};
  std::vector<Interval> intervals;
  for (const ControlSummary& summary : data.controls) {
    if (summary.all.counts.Pairs() > 0) intervals.push_back(summary.all.interval);
  }
  const double limit = WhiskerLimit(intervals);
  std::string text =
      "<section id=\"controls\">\n<h2>Controls</h2>\n<p class=\"note lead\">The same episodes again, with one thing "
      "taken away from the policy or put into its mouth; differences are control minus plain, paired by episode, with "
      "Newcombe's 95 % interval.</p>\n";
  std::string rows, per_task, bars, meanings;
  for (const ControlSummary& summary : data.controls) {
    const std::string name = EscapeHtml(Spaced(ToString(summary.control)));
    rows += Row(name, summary.all, limit);
    for (const ControlResult& task : summary.tasks) {
      per_task += Row(name + " · " + Breakable(task.task), task, 1.0);
    }
    bars += ActedBar(summary);
    meanings += fmt::format("<div><dt>{}</dt><dd>{}{}</dd></div>\n", name, EscapeHtml(Meaning(summary.control)),
                            summary.left_out > 0 ? fmt::format("; {} left out, to which it does not apply",
                                                               Counted(summary.left_out, "episode"))
                                                 : "");
  }
  text += Head(limit) + rows + "</tbody></table></div>\n";
  const std::vector<ControlFinding> findings = divla::Findings(data.controls);
  if (!findings.empty()) {
    text += "<ul class=\"verdicts\">\n";
    for (const ControlFinding& finding : findings) {
      const char* verdict = VerdictWord(finding.verdict);
      text += fmt::format("<li><span class=\"badge {0}\">{0}</span> <b>{1}</b> <span>{2}</span></li>\n", verdict,
                          EscapeHtml(finding.question), EscapeHtml(finding.because));
    }
    text += "</ul>\n";
  }
  text += bars;
  if (!per_task.empty()) {
    text += "<details><summary>each task</summary>\n" + Head(1.0) + per_task + "</tbody></table></div></details>\n";
  }
  text += "<details><summary>what each control does</summary><dl class=\"facts\">\n" + meanings + "</dl></details>\n";
  return text +
         fmt::format(
             "<p class=\"note\">An answer rests on one 95 % interval. Does success <b>need</b> something: yes when the "
             "interval of the difference lies below 0, no when it lies above −{0:.0f} points. Does something "
             "<b>matter</b>, or would it <b>change</b> success: yes when it lies on either side of 0, no when it lies "
             "within ±{0:.0f} points. Whose <b>words</b> the arm follows, another instruction's or another "
             "reasoning's, "
             "is counted otherwise: pair by pair, how often it served these words and how often the episode's own "
             "instruction; yes when the interval of that paired difference lies above 0, no when it lies below. Else "
             "it is unclear. p values are two-sided, exact, and not adjusted.</p>\n</section>\n",
             100 * kPracticallyNothing);
}

}  // namespace divla::html
