#include "harness/training/curves.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <limits>
#include <set>
#include <sstream>

#include "harness/json_fields.h"
#include "harness/report/text.h"
#include "sim/check.h"

namespace divla {
namespace {

// The drawing, in px. A panel holds its heading above and the steps below its plot.
constexpr double kPanel = 360, kPlotHeight = 170;
constexpr double kLeft = 56, kRight = 14, kTop = 40, kBottom = 30, kLegend = 30;
constexpr double kHeight = kTop + kPlotHeight + kBottom;

// Told apart also by those who see no red or green (after Okabe and Ito, 2008).
constexpr std::array<const char*, kMostCurves> kColours{"#0072b2", "#d55e00", "#009e73", "#aa4499"};

// What one panel shows.
struct Quantity {
  const char* heading;
  bool logarithmic;
  std::function<std::map<int, double>(const TrainingCurve&)> values;  // by step
};

std::map<int, double> Of(const TrainingCurve& curve, std::optional<double> (*value)(const CurvePoint&)) {
  std::map<int, double> values;
  for (const CurvePoint& point : curve.points) {
    if (const std::optional<double> found = value(point)) values[point.step] = *found;
  }
  return values;
}

const std::array<Quantity, 4>& Quantities() {
  static const std::array<Quantity, 4> quantities{{
      {"diffusion loss (normalised actions, MSE)", true,
       [](const TrainingCurve& curve) {
         return Of(curve, [](const CurvePoint& point) { return std::optional<double>(point.diffusion); });
       }},
      {"text loss (nats a token)", true,
       [](const TrainingCurve& curve) { return Of(curve, [](const CurvePoint& point) { return point.text; }); }},
      {"location error (bins of 1/128 picture)", true,
       [](const TrainingCurve& curve) {
         return Of(curve, [](const CurvePoint& point) { return point.location_bins; });
       }},
      {"validation successes (%)", false,
       [](const TrainingCurve& curve) {
         std::map<int, double> percent;
         for (const auto& [step, share] : curve.validation) percent[step] = 100 * share;
         return percent;
       }},
  }};
  return quantities;
}

struct Scale {
  double low{}, high{};  // decades when logarithmic
  bool logarithmic{};
  double Y(double value) const {
    const double at = logarithmic ? std::log10(value) : value;
    return kTop + kPlotHeight * (high - at) / (high - low);
  }
};

Scale ScaleOf(const std::vector<std::map<int, double>>& lines, bool logarithmic) {
  if (!logarithmic) return {0, 100, false};
  double low = std::numeric_limits<double>::infinity(), high = 0;
  for (const auto& line : lines) {
    for (const auto& [step, value] : line) low = std::min(low, value), high = std::max(high, value);
  }
  const double first = std::floor(std::log10(low) + 1e-9), last = std::ceil(std::log10(high) - 1e-9);
  return {first, std::max(last, first + 1), true};
}

double X(double step, int steps) { return kLeft + (kPanel - kLeft - kRight) * step / steps; }

std::string Label(double x, double y, const char* anchor, const std::string& text) {
  return fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"{}\">{}</text>\n", x, y, anchor, text);
}

std::string Upright(double x) {
  return fmt::format("<path class=\"stage\" d=\"M{:.1f} {:.1f}V{:.1f}\"/>\n", x, kTop, kTop + kPlotHeight);
}

// 1, 2, 5, 10, 20, ...
int NextTick(int tick) { return fmt::to_string(tick)[0] == '2' ? tick / 2 * 5 : tick * 2; }

// Lines across with their values, and a round number of steps below.
std::string Grid(const Scale& scale, int steps) {
  std::string text;
  const double apart = scale.logarithmic ? 1 : 25;
  for (double at = scale.low; at <= scale.high + 1e-9; at += apart) {
    const double value = scale.logarithmic ? std::pow(10.0, at) : at, y = scale.Y(value);
    text += fmt::format("<path class=\"grid\" d=\"M{:.1f} {:.1f}H{:.1f}\"/>\n", kLeft, y, kPanel - kRight);
    text += Label(kLeft - 6, y + 4, "end", fmt::format("{:g}", value));
  }
  int tick = 1;
  while (steps / tick > 5) tick = NextTick(tick);
  for (int at = 0; at <= steps; at += tick) {
    text += Label(X(at, steps), kTop + kPlotHeight + 18, "middle", fmt::format("{}{}", at, at == 0 ? " steps" : ""));
  }
  return text;
}

std::string Line(const std::map<int, double>& line, const Scale& scale, int steps, const char* colour) {
  std::string path, marks;
  for (const auto& [step, value] : line) {
    if (scale.logarithmic && value <= 0) continue;
    const double x = X(step, steps), y = scale.Y(value);
    path += fmt::format("{}{:.1f} {:.1f}", path.empty() ? "M" : "L", x, y);
    if (!scale.logarithmic)
      marks += fmt::format("<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"3\" fill=\"{}\"/>\n", x, y, colour);
  }
  return fmt::format("<path class=\"line\" stroke=\"{}\" d=\"{}\"/>\n{}", colour, path, marks);
}

}  // namespace

TrainingCurve ReadTrainingCurve(const std::filesystem::path& folder) {
  const std::filesystem::path file = folder / "train.jsonl";
  TrainingCurve curve;
  const std::filesystem::path whole = folder.has_filename() ? folder : folder.parent_path();
  curve.name = whole.filename().string();
  std::istringstream lines(ReadTextFile(file));
  int number = 0;
  for (std::string text; std::getline(lines, text);) {
    const std::string where = fmt::format("{}:{}", file.string(), ++number);
    const nlohmann::json json = ParseJson(text, where);
    JsonFields fields(json, where);
    const int step = fields.Int("step", 1);
    if (fields.Has("validation")) {
      double successes = 0, episodes = 0;
      const JsonFields tasks = fields.Object("validation");
      for (const auto& [task, result] : tasks.Json().items()) {
        JsonFields counts(result, tasks.Where() + "." + task);
        successes += counts.Int("successes", 0), episodes += counts.Int("episodes", 1);
      }
      if (episodes > 0) curve.validation[step] = successes / episodes;
      continue;
    }
    CurvePoint point{step, fields.Has("stage") ? fields.Int("stage", 1) : 1, fields.Number("diffusion"), {}, {}};
    const double language = fields.Number("text"), bins = fields.Number("location_bins");
    if (language > 0) point.text = language;
    if (bins > 0) point.location_bins = bins;
    if (!curve.points.empty() && step <= curve.points.back().step) {
      fields.Fail("step", fmt::format("more than {}", curve.points.back().step), fmt::to_string(step));
    }
    curve.points.push_back(point);
  }
  if (curve.points.empty()) throw InputError(fmt::format("{}: expected lines with losses, found none", file.string()));
  return curve;
}

std::string DrawTrainingCurves(const std::vector<TrainingCurve>& curves) {
  if (curves.empty() || curves.size() > kMostCurves) {
    throw InputError(fmt::format("expected 1 to {} training curves, found {}", kMostCurves, curves.size()));
  }
  int steps = 1;
  for (const TrainingCurve& curve : curves) steps = std::max(steps, curve.points.back().step);

  std::string panels;
  int shown = 0;
  for (const Quantity& quantity : Quantities()) {
    std::vector<std::map<int, double>> lines;
    bool any = false;
    for (const TrainingCurve& curve : curves) {
      lines.push_back(quantity.values(curve));
      any |= std::any_of(lines.back().begin(), lines.back().end(),
                         [&](const auto& value) { return !quantity.logarithmic || value.second > 0; });
    }
    if (!any) continue;
    if (quantity.logarithmic) {
      for (auto& line : lines) std::erase_if(line, [](const auto& value) { return value.second <= 0; });
    }
    const Scale scale = ScaleOf(lines, quantity.logarithmic);
    std::string panel =
        fmt::format("<text class=\"heading\" x=\"{}\" y=\"{}\">{}</text>\n", kLeft, kTop - 14, quantity.heading);
    panel += Grid(scale, steps);
    std::set<int> begins;  // steps at which a stage of any curve begins
    for (const TrainingCurve& curve : curves) {
      for (std::size_t i = 1; i < curve.points.size(); ++i) {
        if (curve.points[i].stage != curve.points[i - 1].stage) begins.insert(curve.points[i - 1].step);
      }
    }
    for (const int step : begins) panel += Upright(X(step, steps));
    for (std::size_t i = 0; i < curves.size(); ++i) panel += Line(lines[i], scale, steps, kColours[i]);
    panels += fmt::format("<g transform=\"translate({:.0f} {:.0f})\">\n{}</g>\n", (shown % 2) * kPanel,
                          kLegend + (shown / 2) * kHeight, panel);
    ++shown;
  }

  std::string legend;
  double x = kLeft;
  for (std::size_t i = 0; i < curves.size(); ++i) {
    legend += fmt::format("<path class=\"line\" stroke=\"{}\" d=\"M{:.1f} 18h22\"/>\n", kColours[i], x);
    legend += Label(x + 28, 22, "start", EscapeHtml(curves[i].name));
    x += 28 + 7.5 * static_cast<double>(curves[i].name.size()) + 28;
  }
  const double width = std::max(kPanel * std::min(shown, 2), x), height = kLegend + kHeight * ((shown + 1) / 2);
  return fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {0:.0f} {1:.0f}\" width=\"{0:.0f}\" height=\"{1:.0f}\" "
      "role=\"img\" aria-label=\"training curves\">\n<style>text{{font:12px sans-serif;fill:#333}}"
      ".heading{{font-weight:600}}.grid{{stroke:#ddd;fill:none}}.stage{{stroke:#999;stroke-dasharray:2 3;fill:none}}"
      ".line{{fill:none;stroke-width:1.6}}</style>\n<path fill=\"#fff\" d=\"M0 "
      "0H{0:.0f}V{1:.0f}H0Z\"/>\n{2}{3}</svg>\n",
      width, height, legend, panels);
}

}  // namespace divla
