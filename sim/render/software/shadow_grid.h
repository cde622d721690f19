// Which casters may stand between a point and a light: the casters' outlines in the light's view, entered into a grid.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "sim/render/software/camera.h"
#include "sim/render/software/frame_data.h"
#include "sim/render/software/vector3.h"

namespace divla::software {

// The corners of a box around a geom, world frame, m.
using Corners = std::array<Vector3, 8>;

// What a grid points to; must outlive it.
struct ShadowGridData {
  std::vector<std::uint64_t> masks;
  std::vector<CasterBounds> bounds;
};

// Fills `grid` for a light that shines from `position` (spot) or from everywhere (directional) along the unit
// `direction`. `casters` are those of the frame in order, off screen too; `data` gets the bits, `words` x 64 casters a
// cell, and the casters' bounds. Conservative: a caster may be named where it casts nothing, never the other way round.
void BuildShadowGrid(const Camera& camera, bool spot, Vector3 position, Vector3 direction,
                     std::span<const Corners> casters, int words, ShadowGrid& grid, ShadowGridData& data);

}  // namespace divla::software
