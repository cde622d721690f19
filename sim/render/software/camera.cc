#include "sim/render/software/camera.h"

#include "sim/check.h"

namespace divla::software {
namespace {

Vector3 Mean(const float* a, const float* b) { return (FromArray(a) + FromArray(b)) * 0.5f; }

}  // namespace

Camera MakeCamera(const mjvScene& view, int height, int width, int stride) {
  const mjvGLCamera &left = view.camera[0], &right = view.camera[1];
  if (left.orthographic != 0) throw InputError("camera: orthographic cameras cannot be drawn by the software renderer");
  Camera camera;
  camera.position = Mean(left.pos, right.pos);
  camera.forward = Normalized(Mean(left.forward, right.forward), {1, 0, 0});
  camera.up = Normalized(Mean(left.up, right.up), {0, 0, 1});
  camera.right = Cross(camera.forward, camera.up);
  camera.near = left.frustum_near;
  camera.far = left.frustum_far;
  const float bottom = 0.5f * (left.frustum_bottom + right.frustum_bottom) / camera.near;
  const float top = 0.5f * (left.frustum_top + right.frustum_top) / camera.near;
  const float center = 0.5f * (left.frustum_center + right.frustum_center) / camera.near;
  // Pixels are square: mjvGLCamera's frustum_width is not used for drawing (mjvisualize.h).
  const float span = (top - bottom) * static_cast<float>(width) / static_cast<float>(height);
  camera.pixel_x = span / static_cast<float>(width);
  camera.pixel_y = (bottom - top) / static_cast<float>(height);
  camera.x_of.resize(static_cast<std::size_t>(stride));
  camera.y_of.resize(static_cast<std::size_t>(height));
  for (int i = 0; i < stride; ++i) {
    camera.x_of[static_cast<std::size_t>(i)] =
        center + (static_cast<float>(i) + 0.5f - 0.5f * static_cast<float>(width)) * camera.pixel_x;
  }
  for (int j = 0; j < height; ++j) {
    camera.y_of[static_cast<std::size_t>(j)] = top + (static_cast<float>(j) + 0.5f) * camera.pixel_y;
  }
  return camera;
}

}  // namespace divla::software
