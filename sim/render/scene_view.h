// SceneView: what one camera is about to see, as MuJoCo's abstract visualisation scene (mjvScene): geoms with their
// float32 poses and materials, lights, and the camera's frustum. Both renderers draw from it.
#pragma once

#include <mujoco/mujoco.h>

#include <string>

#include "sim/scene.h"

namespace divla {

// Owns an mjvScene that is reused from frame to frame. Movable; one thread at a time.
class SceneView {
 public:
  SceneView();
  ~SceneView();
  SceneView(SceneView&& other) noexcept;
  SceneView& operator=(SceneView&& other) noexcept;

  // Fills the view from a model camera with MuJoCo's default visualisation options. Both eyes of the stereo pair are the
  // same for a fixed camera; the first is drawn. Microseconds. Reads the scene only.
  const mjvScene& Update(const Scene& scene, int camera_id);
  const mjvScene& Get() const { return view_; }

 private:
  mjvScene view_{};
};

// XXH3-128 of every number of the view that reaches a pixel: geoms in order (type, ids, pose, size, material), lights,
// camera. When two machines draw different pictures, equal view hashes say that the renderer is to blame, different ones
// that the scene was already different.
std::string HashView(const mjvScene& view);

}  // namespace divla
