#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "harness/report/cells.h"
#include "harness/report/html_parts.h"
#include "harness/report/text.h"
#include "harness/statistics.h"

namespace divla::html {

namespace {

// The drawing, in px of its own.
constexpr double kWidth = 380, kHeight = 210;
constexpr double kLeft = 44, kRight = 96, kTop = 12, kBottom = 34;

struct Axes {
  double seconds{};  // at the right end
  double X(double at) const { return kLeft + (kWidth - kLeft - kRight) * std::min(1.0, at / seconds); }
  static double Y(double share) { return kTop + (kHeight - kTop - kBottom) * (1 - share); }
};

// Steps from one grid point to the next: what is known of the time between them is the count at its end.
std::string StepPath(const Axes& axes, const std::vector<double>& shares) {
  std::string path = fmt::format("M{:.1f} {:.1f}", axes.X(0), Axes::Y(0));
  for (std::size_t i = 0; i < shares.size(); ++i) {
    path += fmt::format("H{:.1f}V{:.1f}", axes.X(static_cast<double>(i + 1) * kSuccessTimeStep), Axes::Y(shares[i]));
  }
  return path + fmt::format("H{:.1f}", axes.X(axes.seconds));
}

std::vector<double> Shares(const std::vector<int>& solved, int n) {
  std::vector<double> shares;
  for (const int count : solved) shares.push_back(static_cast<double>(count) / n);
  return shares;
}

// The upper bound forwards, the lower one back.
std::string Band(const Axes& axes, const std::vector<int>& solved, int n) {
  const Interval none = WilsonInterval(0, n);
  std::vector<double> high{none.high}, low{none.low};
  for (const int count : solved) {
    const Interval interval = WilsonInterval(count, n);
    high.push_back(interval.high);
    low.push_back(interval.low);
  }
  const auto x = [&](std::size_t i) { return axes.X(static_cast<double>(i) * kSuccessTimeStep); };
  std::string path = fmt::format("M{:.1f} {:.1f}", axes.X(0), Axes::Y(high[0]));
  for (std::size_t i = 1; i < high.size(); ++i) path += fmt::format("H{:.1f}V{:.1f}", x(i), Axes::Y(high[i]));
  path += fmt::format("H{:.1f}V{:.1f}", axes.X(axes.seconds), Axes::Y(low.back()));
  for (std::size_t i = low.size() - 1; i > 0; --i) path += fmt::format("H{:.1f}V{:.1f}", x(i), Axes::Y(low[i - 1]));
  return "<path class=\"area\" d=\"" + path + fmt::format("H{:.1f}Z\"></path>", axes.X(0));
}

std::string Grid(const Axes& axes) {
  std::string text;
  for (const int percent : {0, 50, 100}) {
    const double y = Axes::Y(percent / 100.0);
    text += fmt::format(
        "<line class=\"grid\" x1=\"{:.1f}\" y1=\"{:.1f}\" x2=\"{:.1f}\" y2=\"{:.1f}\"></line><text x=\"{:.1f}\" "
        "y=\"{:.1f}\" text-anchor=\"end\">{} %</text>",
        axes.X(0), y, axes.X(axes.seconds), y, kLeft - 6, y + 4, percent);
  }
  constexpr std::array<double, 6> kTicks{1, 2, 5, 10, 20, 50};
  const auto fits = std::find_if(kTicks.begin(), kTicks.end(), [&](double tick) { return axes.seconds / tick <= 5; });
  const double tick = fits == kTicks.end() ? 100 : *fits;
  for (double at = 0; at <= axes.seconds + 1e-9; at += tick) {
    text += fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"middle\">{:.0f}{}</text>", axes.X(at),
                        kHeight - kBottom + 18, at, at == 0 ? " s" : "");
  }
  return text;
}

std::string Time(const std::optional<double>& seconds) {
  return seconds ? fmt::format("by {:.1f} s", *seconds) : "never";
}

// Name and share at the curve's right end.
std::string EndLabel(const char* name, const CellTotal& total, double y) {
  return fmt::format("<text class=\"{0}\" x=\"{1:.1f}\" y=\"{2:.1f}\">{0} {3:.0f} %</text>", name, kWidth - kRight + 5,
                     y, 100.0 * total.k / total.n);
}

// Both totals have times.
std::string Figure(const TaskCells& task, const CellTotal& clean, const CellTotal& perturbed, double horizon) {
  const bool has_clean = clean.n > 0, has_perturbed = perturbed.n > 0;
  const Axes axes{horizon};
  std::string drawing = Grid(axes);
  double clean_y = has_clean ? Axes::Y(static_cast<double>(clean.k) / clean.n) + 4 : 0;
  double perturbed_y = has_perturbed ? Axes::Y(static_cast<double>(perturbed.k) / perturbed.n) + 4 : 0;
  constexpr double kLine = 15;  // between two labels
  if (has_clean && has_perturbed && std::abs(clean_y - perturbed_y) < kLine) {
    (clean_y <= perturbed_y ? perturbed_y : clean_y) = std::min(clean_y, perturbed_y) + kLine;
  }
  if (has_clean) drawing += Band(axes, *clean.solved, clean.n);
  if (has_perturbed) {
    drawing += "<path class=\"line perturbed\" d=\"" + StepPath(axes, Shares(*perturbed.solved, perturbed.n)) +
               "\"></path>" + EndLabel("perturbed", perturbed, perturbed_y);
  }
  std::string note;
  if (has_clean) {
    drawing += "<path class=\"line clean\" d=\"" + StepPath(axes, Shares(*clean.solved, clean.n)) + "\"></path>" +
               EndLabel("clean", clean, clean_y);
    const SuccessTimes& times = *task.clean.front()->success_times;
    note = fmt::format("clean: a quarter solved {}, half {}, three quarters {}", Time(times.quarter), Time(times.half),
                       Time(times.three_quarters));
  }
  return fmt::format(
      "<figure class=\"curve\"><figcaption>{0}</figcaption><svg viewBox=\"0 0 {1} {2}\" role=\"img\" "
      "aria-label=\"share of episodes solved by simulated second\">{3}</svg><p class=\"note\">{4}</p></figure>\n",
      Breakable(task.task), kWidth, kHeight, drawing, note);
}

}  // namespace

std::string Curves(const ReportData& data) {
  std::map<std::string, double> horizons;  // the longest episode of each task
  for (const EpisodeView& view : data.episodes) {
    double& horizon = horizons[view.record.key.task];
    horizon = std::max(horizon, view.record.sim_seconds);
  }
  std::string figures;
  for (const TaskCells& task : CellsByTask(data.summary)) {
    const CellTotal clean = Total(task.clean), perturbed = Total(task.perturbed);
    const double horizon = horizons[task.task];
    // A task without an episode has nothing to draw.
    if (clean.solved && perturbed.solved && horizon > 0) figures += Figure(task, clean, perturbed, horizon);
  }
  if (figures.empty()) return {};
  return "<section id=\"curves\">\n<h2>Time to success</h2>\n<p class=\"note lead\">Share of all episodes that were "
         "solved by a simulated second; failures count as never. The band is the pointwise Wilson 95 % interval of the "
         "clean episodes. Each curve ends at the longest episode of its task.</p>\n<div class=\"curves\">\n" +
         figures + "</div>\n</section>\n";
}

}  // namespace divla::html
