// The cross-check of the two renderers: the same scenes drawn by both, as numbers and as a sheet for people.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sim/image.h"
#include "sim/render/picture_difference.h"
#include "tasks/task.h"

namespace divla {

struct CrosscheckRow {
  std::string task, camera;
  PictureDifference difference;  // software against gl
};

struct Crosscheck {
  std::string software, gl;  // Renderer::Description of each
  std::vector<CrosscheckRow> rows;
  Image sheet;  // one row for each task, its first camera: software, gl, 4 x absolute difference (black: equal)
};

// The first episode of each task at level 0, from every camera of its robot, height x width pixels, with shadows and
// anti-aliasing. `tasks` must not be empty. Throws MachineError without OpenGL.
Crosscheck CompareRenderers(const std::vector<const Task*>& tasks, std::uint64_t seed, int height, int width);

}  // namespace divla
