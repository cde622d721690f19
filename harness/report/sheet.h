// Contact sheets: many pictures in one, for looking at what the suite shows.
#pragma once

#include <cstdint>
#include <vector>

#include "sim/image.h"
#include "sim/render/renderer.h"

namespace divla {

// Rows of pictures on a white ground with a gap of 8 pixels; rows may differ in length, pictures must have one size.
Image Sheet(const std::vector<std::vector<Image>>& rows);

// The first episode of every task from every camera of its robot: one row per task in the order of AllTasks(), one
// column per camera in the robot's order, each height x width pixels, with shadows and anti-aliasing. Throws
// MachineError for `gl` without OpenGL.
Image TaskSheet(RendererKind kind, std::uint64_t seed, int height, int width);

}  // namespace divla
