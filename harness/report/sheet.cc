#include "harness/report/sheet.h"

#include <algorithm>
#include <cstring>

#include "sim/check.h"
#include "tasks/registry.h"

namespace divla {
namespace {

constexpr int kGap = 8;  // pixels

}  // namespace

Image Sheet(const std::vector<std::vector<Image>>& rows) {
  DIVLA_CHECK(!rows.empty() && !rows.front().empty(), "a sheet needs a picture");
  const int height = rows.front().front().height;
  const int width = rows.front().front().width;
  std::size_t columns = 0;
  for (const auto& row : rows) columns = std::max(columns, row.size());
  Image sheet{
      kGap + static_cast<int>(rows.size()) * (height + kGap), kGap + static_cast<int>(columns) * (width + kGap), {}};
  sheet.rgb.assign(sheet.ByteCount(), 255);
  for (std::size_t r = 0; r < rows.size(); ++r) {
    for (std::size_t c = 0; c < rows[r].size(); ++c) {
      const Image& picture = rows[r][c];
      DIVLA_CHECK(picture.height == height && picture.width == width, "the pictures of a sheet have one size");
      for (int y = 0; y < height; ++y) {
        const std::size_t to_row = static_cast<std::size_t>(kGap + static_cast<int>(r) * (height + kGap) + y);
        const std::size_t to_column = static_cast<std::size_t>(kGap + static_cast<int>(c) * (width + kGap));
        std::memcpy(sheet.rgb.data() + 3 * (to_row * static_cast<std::size_t>(sheet.width) + to_column),
                    picture.rgb.data() + 3 * static_cast<std::size_t>(y) * static_cast<std::size_t>(width),
                    3 * static_cast<std::size_t>(width));
      }
    }
  }
  return sheet;
}

Image TaskSheet(RendererKind kind, std::uint64_t seed, int height, int width) {
  const std::unique_ptr<Renderer> renderer = MakeRenderer(kind);
  std::vector<std::vector<Image>> rows;
  for (const Task* task : AllTasks()) {
    const Scene scene = task->Build(task->Draw(seed, {task->Spec().name, "none", 0, 0}));
    rows.emplace_back();
    for (const std::string& camera : scene.GetRobot().spec.cameras) {
      rows.back().push_back(renderer->Render(scene, scene.CameraId(camera), height, width));
    }
  }
  return Sheet(rows);
}

}  // namespace divla
