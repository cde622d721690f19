// The parts of report.html, one source file each. For html.cc, html_side_by_side.cc and the parts only.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/report/data.h"

namespace divla::html {

// A section that has nothing to show is empty.
std::string Header(const ReportData& data);          // title, headline numbers, warnings
std::string Findings(const ReportData& data);        // what the run says, in sentences
std::string Results(const RunSummary& summary);      // success, with intervals drawn
std::string Reasoning(const RunSummary& summary);    // correct, faithful, grounded; latency of interventions
std::string HeatMap(const RunSummary& summary);      // axis x level: the gap to the clean twins
std::string Factorial(const RunSummary& summary);    // seen x unseen
std::string Curves(const ReportData& data);          // share solved by simulated second
std::string FailureBars(const RunSummary& summary);  // kinds of failure, and words or arm
std::string ControlTable(const ReportData& data);    // plain against control
std::string Paper(const ReportData& data);           // published numbers beside ours
std::string Episodes(const ReportData& data);        // filters, and the data that the script draws cards from
std::string Provenance(const RunInfo& info);         // versions, machine, command

// Facts(info) as a list, for Provenance and for each of several runs.
std::string FactList(const RunInfo& info);

std::string_view Style();
std::string_view Script();

// A whole page around `body`. `scripted`: with Script(), allowed by its hash and nothing else.
std::string Page(const std::string& title, const std::string& body, bool scripted);

// CSS class that colours a failure kind; unknown names share one.
std::string_view FailureClass(std::string_view failure);

// Wilson as the thick band, Clopper-Pearson as the thin line behind it, the rate as the mark.
std::string IntervalBar(double rate, const std::optional<Interval>& wide, const std::optional<Interval>& band);
// Head of a column of such bars.
inline constexpr std::string_view kRateScale =
    "<th scope=\"col\" class=\"draw\"><span class=\"scale\"><span>0</span><span>50</span><span>100 "
    "%</span></span></th>";

// A stacked bar of segments. A segment has its number in it where there is room; `name` is escaped. `filter`: data
// attributes (names: keys of the script's filter) of the button that it then is; a segment without is no button.
std::string Segment(std::string_view colour, const std::string& name, int count, int total,
                    const std::string& filter = {});
std::string Stack(const std::string& segments);
// What the colours mean. `text` is escaped.
std::string LegendItem(std::string_view colour, const std::string& text);
std::string Legend(const std::string& items);

// A table of more rows folds those of perturbed cells away.
inline constexpr std::size_t kRowsShown = 16;

// Dot and whiskers of a difference on a scale of -`limit` to +`limit`.
std::string Whisker(double difference, const Interval& interval, double limit);
std::string WhiskerScale(double limit);
// The smallest of 25, 50 and 100 points that holds all of them.
double WhiskerLimit(const std::vector<Interval>& intervals);

// Escaped, with places to break a line at, for narrow screens.
std::string Breakable(std::string_view text);

}  // namespace divla::html
