#include "sim/render/software/shadow_grid.h"

#include <algorithm>
#include <cmath>

namespace divla::software {
namespace {

// Cells, on every side of a caster: covers the rounding of the kernels' look-up many times over.
constexpr float kSlack = 0.01f;
// The same for the plane: m, and of the distance to the camera.
constexpr float kPlaneSlack = 1e-4f, kPlaneSlackByDistance = 1e-6f;

// Three axes: two across the direction and the direction itself.
std::array<Vector3, 3> LightAxes(Vector3 direction) {
  const float x = std::fabs(direction.x), y = std::fabs(direction.y), z = std::fabs(direction.z);
  const Vector3 least = x <= y && x <= z ? Vector3{1, 0, 0} : y <= z ? Vector3{0, 1, 0} : Vector3{0, 0, 1};
  const Vector3 u = Normalized(Cross(direction, least), {1, 0, 0});
  return {u, Cross(direction, u), direction};
}

// A corner in the light's plane (directional) or picture (spot).
struct Seen {
  float u, v;
  bool behind;  // the spot light does not see it
};
using SeenCorners = std::array<Seen, 8>;

SeenCorners See(const Corners& corners, const std::array<Vector3, 3>& axes, Vector3 origin, bool spot) {
  SeenCorners seen;
  for (std::size_t i = 0; i < corners.size(); ++i) {
    const Vector3 p = corners[i] - origin;
    const float depth = spot ? Dot(axes[2], p) : 1.0f;
    const float scale = 1.0f / std::max(depth, 1e-3f);
    seen[i] = {Dot(axes[0], p) * scale, Dot(axes[1], p) * scale, depth < 1e-3f};
  }
  return seen;
}

// The octagon, in cells of the grid.
void OutlineOf(const SeenCorners& corners, const ShadowGrid& grid, CasterBounds& bounds) {
  std::fill_n(bounds.low, 4, kFar);
  std::fill_n(bounds.high, 4, -kFar);
  bool everywhere = false;
  for (const Seen& corner : corners) {
    everywhere = everywhere || corner.behind;
    const float u = (corner.u - grid.low[0]) * grid.scale[0], v = (corner.v - grid.low[1]) * grid.scale[1];
    const float along[4] = {u, v, u + v, u - v};
    for (int k = 0; k < 4; ++k) {
      bounds.low[k] = std::min(bounds.low[k], along[k] - kSlack);
      bounds.high[k] = std::max(bounds.high[k], along[k] + kSlack);
    }
  }
  if (everywhere) std::fill_n(bounds.low, 4, -kFar), std::fill_n(bounds.high, 4, kFar);
}

// The side of the box around a caster that faces the light most.
void PlaneBefore(const Corners& corners, const Camera& camera, bool spot, Vector3 position, Vector3 direction,
                 float plane[4]) {
  float best = 0.0f, offset = 1.0f;  // without such a side: everything is behind
  Vector3 normal;
  for (const std::size_t axis : {1, 2, 4}) {
    const Vector3 along = Normalized(corners[axis] - corners[0], {});
    for (const Vector3 n : {along, along * -1.0f}) {  // away from the light
      const float d = std::min(Dot(n, corners[0]), Dot(n, corners[axis]));
      const float facing = spot ? d - kPlaneSlack - Dot(n, position) : Dot(n, direction);
      if (facing <= best) continue;
      best = facing;
      normal = n;
      offset = Dot(n, camera.position) - d + kPlaneSlack;
    }
  }
  plane[0] = offset;
  plane[1] = Dot(normal, camera.forward) + kPlaneSlackByDistance;
  plane[2] = Dot(normal, camera.right);
  plane[3] = Dot(normal, camera.up);
}

int Cell(float coordinate) { return static_cast<int>(std::clamp(coordinate, 0.0f, kGridCells - 1.0f)); }

// Calls `visit` with the index of each cell that the octagon reaches into. On a line v goes from `at` to `at` + 1.
template <class Visit>
void VisitCells(const CasterBounds& bounds, const Visit& visit) {
  const float *low = bounds.low, *high = bounds.high;
  for (int line = Cell(low[1]); line <= Cell(high[1]); ++line) {
    const auto at = static_cast<float>(line);
    const float from = std::max({low[0], low[2] - at - 1.0f - kSlack, low[3] + at - kSlack});
    const float to = std::min({high[0], high[2] - at + kSlack, high[3] + at + 1.0f + kSlack});
    if (from > to) continue;
    for (int column = Cell(from); column <= Cell(to); ++column) visit(line * kGridCells + column);
  }
}

}  // namespace

void BuildShadowGrid(const Camera& camera, bool spot, Vector3 position, Vector3 direction,
                     std::span<const Corners> casters, int words, ShadowGrid& grid, ShadowGridData& data) {
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
  std::vector<SeenCorners> seen;
  seen.reserve(casters.size());
  float low[2]{kFar, kFar}, high[2]{-kFar, -kFar};
  bool everywhere = false;
  for (const Corners& corners : casters) {
    seen.push_back(See(corners, axes, origin, spot));
    for (const Seen& corner : seen.back()) {
      everywhere = everywhere || corner.behind;
      if (corner.behind) continue;
      low[0] = std::min(low[0], corner.u), high[0] = std::max(high[0], corner.u);
      low[1] = std::min(low[1], corner.v), high[1] = std::max(high[1], corner.v);
    }
  }
  for (int k = 0; k < 2; ++k) {
    // What reaches behind a spot light may shade anything in front of it; the grid then spans 87 degrees to each side.
    if (everywhere) low[k] = -20.0f, high[k] = 20.0f;
    if (!(low[k] < high[k])) low[k] = 0.0f, high[k] = 1.0f;
    const float margin = 1e-3f * (high[k] - low[k]);
    grid.low[k] = low[k] - margin;
    grid.scale[k] = kGridCells / (high[k] - low[k] + 2 * margin);
  }
  data.bounds.resize(casters.size());
  data.masks.assign(static_cast<std::size_t>(kGridCells * kGridCells * std::max(words, 1)), 0);
  for (std::size_t i = 0; i < casters.size(); ++i) {
    CasterBounds& bounds = data.bounds[i];
    OutlineOf(seen[i], grid, bounds);
    PlaneBefore(casters[i], camera, spot, position, direction, bounds.plane);
    const std::uint64_t bit = std::uint64_t{1} << (i % 64);
    VisitCells(bounds, [&](int cell) {
      data.masks[static_cast<std::size_t>(cell) * static_cast<std::size_t>(words) + i / 64] |= bit;
    });
  }
  grid.masks = data.masks.data();
  grid.bounds = data.bounds.data();
}

}  // namespace divla::software
