// One geom of MuJoCo's view, made ready for the kernels.
#pragma once

#include <mujoco/mujoco.h>

#include <vector>

#include "sim/render/software/assets.h"
#include "sim/render/software/camera.h"
#include "sim/render/software/frame_data.h"
#include "sim/render/software/shadow_grid.h"

namespace divla::software {

// False for what is not drawn (labels, lines, arrows). Throws InputError for what a picture would need and cannot be
// drawn (height fields, skins, flexes). Fills everything but the rectangle and the lights.
bool MakeGeom(const mjModel& model, const mjvGeom& source, const Camera& camera, const Assets& assets, Geom& geom);

// A box around it, world frame. A plane without end has one of 1 km.
Corners CornersOf(const mjvGeom& source, const Geom& geom);

// The pixels that the box may touch, one more on each side.
void FindRectangle(const Corners& corners, const Camera& camera, int height, int width, Geom& geom);

// Like MuJoCo: alpha below 0.995, or a plane seen from behind.
bool IsTransparent(const Geom& geom);

// Nearest first by the distance of the centre less the radius around it, planes last, ties by index.
void SortTransparent(const mjvScene& view, const Camera& camera, const std::vector<Geom>& geoms,
                     const std::vector<std::int32_t>& sources, std::vector<std::int32_t>& transparent);

}  // namespace divla::software
