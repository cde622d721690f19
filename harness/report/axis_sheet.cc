#include "harness/report/axis_sheet.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "harness/report/pixel_font.h"
#include "harness/report/sheet.h"
#include "sim/observe.h"
#include "tasks/axes/axis.h"
#include "tasks/variation/apply.h"

namespace divla {
namespace {

constexpr int kLabelHeight = kGlyphHeight + 4;
constexpr int kLineHeight = kGlyphHeight + 3;
constexpr int kMargin = 3;

Image White(int height, int width) {
  Image image{height, width, {}};
  image.rgb.assign(image.ByteCount(), 255);
  return image;
}

// The font has small letters only.
std::string Small(std::string text) {
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

// Words in lines as long as fit.
Image TextTile(const std::string& text, int height, int width) {
  Image tile = White(height, width);
  const auto most = static_cast<std::size_t>((width - 2 * kMargin) / kGlyphWidth);
  std::string line;
  int y = kMargin;
  const auto flush = [&] {
    DrawLabel(tile, kMargin, y, line);
    y += kLineHeight;
    line.clear();
  };
  for (std::size_t first = 0; first < text.size();) {
    const std::size_t end = std::min(text.find(' ', first), text.size());
    const std::string word = Small(text.substr(first, end - first));
    if (!line.empty() && line.size() + 1 + word.size() > most) flush();
    line += (line.empty() ? "" : " ") + word;
    first = end + 1;
  }
  flush();
  return tile;
}

Image PictureTile(const Task& task, const EpisodePlan& plan, Renderer& renderer, int height, int width) {
  const Scene scene = task.Build(plan);
  const std::vector<std::string> cameras{scene.GetRobot().spec.cameras.front()};
  Observation observation = Observe(scene, &renderer, cameras, height, width, plan.instruction);
  AddSensorNoise(plan, 0, observation);
  return std::move(observation.images.begin()->second);
}

Image Labelled(const Image& tile, const std::string& label) {
  Image labelled = White(tile.height + kLabelHeight, tile.width);
  std::copy(tile.rgb.begin(), tile.rgb.end(), labelled.rgb.begin() + std::ptrdiff_t{3} * kLabelHeight * tile.width);
  DrawLabel(labelled, 1, 1, label);
  return labelled;
}

}  // namespace

Image AxisSheet(const Task& task, RendererKind kind, std::uint64_t seed, int height, int width) {
  const std::unique_ptr<Renderer> renderer = MakeRenderer(kind);
  std::vector<std::vector<Image>> rows;
  for (const Axis* axis : AllAxes()) {
    const AxisSpec& spec = axis->Spec();
    if (!task.Without(spec.name).empty()) continue;
    rows.emplace_back();
    for (int level = 0; level <= kLevels; ++level) {
      const EpisodePlan plan = DrawEpisode(task, seed, {task.Spec().name, level == 0 ? "none" : spec.name, level, 0});
      const Image tile = spec.family == "instruction" ? TextTile(plan.instruction, height, width)
                                                      : PictureTile(task, plan, *renderer, height, width);
      rows.back().push_back(Labelled(tile, level == 0 ? spec.name : fmt::format("level {}", level)));
    }
  }
  return Sheet(rows);
}

}  // namespace divla
