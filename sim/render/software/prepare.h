// From MuJoCo's view to a frame for the kernels: geoms in their own frames, lights, pixel rectangles, shadow casters.
#pragma once

#include <mujoco/mujoco.h>

#include <array>
#include <vector>

#include "sim/render/software/assets.h"
#include "sim/render/software/camera.h"
#include "sim/render/software/frame_data.h"
#include "sim/render/software/shadow_grid.h"

namespace divla::software {

// Owns what a Frame points to, apart from the pixel buffers. Reused from frame to frame.
class PreparedFrame {
 public:
  // Fills everything of Frame() but the pixel buffers. `assets` must be of the view's model and outlive the frame.
  // Throws InputError for a view that cannot be drawn (orthographic camera, height fields, skins).
  void Prepare(const mjModel& model, const mjvScene& view, const Assets& assets, int height, int width, bool shadows,
               bool antialias);
  Frame& Get() { return frame_; }

 private:
  void AddGeoms(const mjModel& model, const mjvScene& view, const Assets& assets);
  void AddLights(const mjvScene& view, bool shadows);
  void AddShadowGrids(const mjvScene& view);

  Frame frame_{};
  Camera camera_;
  std::vector<Geom> geoms_;
  std::vector<std::int32_t> sources_;  // index in the view's geoms of each of ours
  std::vector<std::int32_t> opaque_, transparent_, casters_;
  std::vector<Corners> caster_corners_;
  std::vector<Light> lights_;
  std::vector<std::int32_t> light_sources_;  // index in the view's lights
  std::array<ShadowGrid, kMaxShadowLights> grids_{};
  std::array<ShadowGridData, kMaxShadowLights> grid_data_;
};

}  // namespace divla::software
