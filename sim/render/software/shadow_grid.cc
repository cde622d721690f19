#include "sim/render/software/shadow_grid.h"

#include <algorithm>
#include <cmath>

namespace divla::software {
namespace {

// Cells, on every side of a caster: covers the rounding of the kernels' look-up many times over.
constexpr float kSlack = 0.01f;

struct Outline {
  float low[2]{kFar, kFar}, high[2]{-kFar, -kFar};
  bool everywhere{};  // reaches behind a spot light
};

// Three axes: two across the direction and the direction itself.
std::array<Vector3, 3> LightAxes(Vector3 direction) {
  const float x = std::fabs(direction.x), y = std::fabs(direction.y), z = std::fabs(direction.z);
  const Vector3 least = x <= y && x <= z ? Vector3{1, 0, 0} : y <= z ? Vector3{0, 1, 0} : Vector3{0, 0, 1};
  const Vector3 u = Normalized(Cross(direction, least), {1, 0, 0});
  return {u, Cross(direction, u), direction};
}

Outline OutlineOf(const Corners& corners, const std::array<Vector3, 3>& axes, Vector3 origin, bool spot) {
  Outline outline;
  for (const Vector3& corner : corners) {
    const Vector3 p = corner - origin;
    float scale = 1.0f;
    if (spot) {
      const float depth = Dot(axes[2], p);
      if (depth < 1e-3f) {
        outline.everywhere = true;
        continue;
      }
      scale = 1.0f / depth;
    }
    for (std::size_t k = 0; k < 2; ++k) {
      const float at = Dot(axes[k], p) * scale;
      outline.low[k] = std::min(outline.low[k], at);
      outline.high[k] = std::max(outline.high[k], at);
    }
  }
  return outline;
}

int Cell(float coordinate) { return static_cast<int>(std::clamp(coordinate, 0.0f, kGridCells - 1.0f)); }

}  // namespace

void BuildShadowGrid(const Camera& camera, bool spot, Vector3 position, Vector3 direction,
                     std::span<const Corners> casters, int words, ShadowGrid& grid, std::vector<std::int32_t>& masks) {
  const std::array<Vector3, 3> axes = LightAxes(direction);
  const Vector3 origin = spot ? position : camera.position;
  grid.spot = spot;
  for (int k = 0; k < 3; ++k) {
    const Vector3& axis = axes[static_cast<std::size_t>(k)];
    grid.row[k][0] = Dot(axis, camera.position - origin);
    grid.row[k][1] = Dot(axis, camera.forward);
    grid.row[k][2] = Dot(axis, camera.right);
    grid.row[k][3] = Dot(axis, camera.up);
  }
  std::vector<Outline> outlines;
  outlines.reserve(casters.size());
  Outline all;
  for (const Corners& corners : casters) {
    outlines.push_back(OutlineOf(corners, axes, origin, spot));
    for (int k = 0; k < 2; ++k) {
      all.low[k] = std::min(all.low[k], outlines.back().low[k]);
      all.high[k] = std::max(all.high[k], outlines.back().high[k]);
    }
    // What reaches behind a spot light may shade anything in front of it; the grid then spans 87 degrees to each side.
    if (outlines.back().everywhere) all.low[0] = all.low[1] = -20.0f, all.high[0] = all.high[1] = 20.0f;
  }
  for (int k = 0; k < 2; ++k) {
    if (!(all.low[k] < all.high[k])) all.low[k] = 0.0f, all.high[k] = 1.0f;
    const float margin = 1e-3f * (all.high[k] - all.low[k]);
    grid.low[k] = all.low[k] - margin;
    grid.scale[k] = kGridCells / (all.high[k] - all.low[k] + 2 * margin);
  }
  masks.assign(static_cast<std::size_t>(kGridCells * kGridCells * std::max(words, 1)), 0);
  for (std::size_t i = 0; i < casters.size(); ++i) {
    const Outline& outline = outlines[i];
    int first[2], last[2];
    for (int k = 0; k < 2; ++k) {
      first[k] = outline.everywhere ? 0 : Cell((outline.low[k] - grid.low[k]) * grid.scale[k] - kSlack);
      last[k] = outline.everywhere ? kGridCells - 1 : Cell((outline.high[k] - grid.low[k]) * grid.scale[k] + kSlack);
    }
    const auto bit = static_cast<std::int32_t>(1u << (i % 32));
    for (int line = first[1]; line <= last[1]; ++line) {
      for (int column = first[0]; column <= last[0]; ++column) {
        masks[(static_cast<std::size_t>(line * kGridCells + column)) * static_cast<std::size_t>(words) + i / 32] |= bit;
      }
    }
  }
  grid.masks = masks.data();
}

}  // namespace divla::software
