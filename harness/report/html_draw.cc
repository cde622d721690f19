// The small drawings of the page: intervals of rates and of differences, stacked bars.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "harness/report/html_parts.h"
#include "harness/report/text.h"

namespace divla::html {

namespace {

constexpr double kWidth = 220;  // of a whisker drawing, px
constexpr double kMargin = 6;

double Place(double difference, double limit) {
  return kMargin + (kWidth - 2 * kMargin) * (std::clamp(difference / limit, -1.0, 1.0) + 1) / 2;
}

}  // namespace

std::string IntervalBar(double rate, const std::optional<Interval>& wide, const std::optional<Interval>& band) {
  const auto span = [](const char* name, const std::optional<Interval>& interval) {
    if (!interval) return std::string();
    return fmt::format("<i class=\"{}\" style=\"left:{:.2f}%;width:{:.2f}%\"></i>", name, 100 * interval->low,
                       100 * (interval->high - interval->low));
  };
  return fmt::format("<div class=\"interval\" aria-hidden=\"true\">{}{}<b style=\"left:{:.2f}%\"></b></div>",
                     span("thin", wide), span("band", band), 100 * rate);
}

double WhiskerLimit(const std::vector<Interval>& intervals) {
  double most = 0;
  for (const Interval& interval : intervals) {
    most = std::max({most, std::abs(interval.low), std::abs(interval.high)});
  }
  return most <= 0.25 ? 0.25 : most <= 0.5 ? 0.5 : 1.0;
}

std::string Whisker(double difference, const Interval& interval, double limit) {
  const char* side = interval.low > 0 ? "gain" : interval.high < 0 ? "loss" : "open";
  return fmt::format(
      "<svg class=\"whisker {}\" viewBox=\"0 0 {} 20\" width=\"{}\" height=\"20\" role=\"img\" aria-label=\"{} points, "
      "interval {}\"><line class=\"zero\" x1=\"{:.1f}\" y1=\"0\" x2=\"{:.1f}\" y2=\"20\"></line><line x1=\"{:.1f}\" "
      "y1=\"10\" x2=\"{:.1f}\" y2=\"10\"></line><circle cx=\"{:.1f}\" cy=\"10\" r=\"5\"></circle></svg>",
      side, kWidth, kWidth, Points(difference), PointsInterval(interval), Place(0, limit), Place(0, limit),
      Place(interval.low, limit), Place(interval.high, limit), Place(difference, limit));
}

std::string WhiskerScale(double limit) {
  return fmt::format("<span class=\"scale whisker\"><span>−{0:.0f}</span><span>0</span><span>+{0:.0f}</span></span>",
                     100 * limit);
}

std::string Segment(std::string_view colour, const std::string& name, int count, int total, const std::string& filter) {
  const double share = 100.0 * count / std::max(1, total);
  const std::string_view tag = filter.empty() ? "span" : "button";
  return fmt::format("<{0}{1} class=\"{2}\" style=\"width:{3:.3f}%\" title=\"{4}: {5} of {6}\"{7}>{8}</{0}>", tag,
                     filter.empty() ? "" : " type=\"button\"", colour, share, name, count, total, filter,
                     share >= 5 ? std::to_string(count) : "");
}

std::string Stack(const std::string& segments) { return "<div class=\"stack\">" + segments + "</div>"; }

std::string LegendItem(std::string_view colour, const std::string& text) {
  return fmt::format("<li><i class=\"{}\"></i>{}</li>", colour, text);
}

std::string Legend(const std::string& items) { return "<ul class=\"legend\">" + items + "</ul>\n"; }

std::string Breakable(std::string_view text) {
  std::string label;
  for (const char c : EscapeHtml(text)) {
    label += c;
    if (c == '_' || c == '+') label += "<wbr>";
  }
  return label;
}

}  // namespace divla::html
