// The contact sheet of the generalisation axes: what one episode looks like, or says, at every level.
#pragma once

#include <cstdint>

#include "sim/image.h"
#include "sim/render/renderer.h"
#include "tasks/task.h"

namespace divla {

// One row for each axis that the task has, in the order of AllAxes(): level 0 (the clean episode), then 1 to 5. Each
// tile shows episode 0 of the seed from the robot's first camera, height x width pixels, noise of sensors included; for
// axes of the instruction, its words. Labels say axis and level. Throws MachineError for `gl` without OpenGL.
Image AxisSheet(const Task& task, RendererKind kind, std::uint64_t seed, int height, int width);

}  // namespace divla
