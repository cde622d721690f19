// The camera of a view in float32, and where boxes appear in it.
#pragma once

#include <mujoco/mujoco.h>

#include <vector>

#include "sim/render/software/vector3.h"

namespace divla::software {

struct Camera {
  Vector3 position;            // m, world frame
  Vector3 forward, right, up;  // unit, world frame
  float near{}, far{};         // m along forward
  std::vector<float> x_of;     // of each column's centre, on the plane at distance 1; padded beyond the width
  std::vector<float> y_of;     // of each row's centre, top row first
  float pixel_x{}, pixel_y{};  // steps; pixel_y is negative
};

// The mean of the view's two eyes, as MuJoCo's OpenGL takes it for one picture. `stride` >= width entries are made for
// x. Throws InputError for an orthographic camera.
Camera MakeCamera(const mjvScene& view, int height, int width, int stride);

}  // namespace divla::software
