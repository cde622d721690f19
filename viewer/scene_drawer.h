// SceneDrawer: the large 3-D view, drawn by MuJoCo's OpenGL into rectangles of the window. Has a scene of its own for
// showing any moment, so it never touches the one that is simulated. The thread with the OpenGL context only.
#pragma once

#include <mujoco/mujoco.h>

#include <future>
#include <memory>
#include <vector>

#include "sim/scene.h"
#include "viewer/history.h"

namespace divla {

// Of the frame buffer, pixels, from its lower left corner.
struct PixelRect {
  int left{}, bottom{}, width{}, height{};
};

class SceneDrawer {
 public:
  explicit SceneDrawer(bool shadows);
  SceneDrawer(const SceneDrawer&) = delete;
  SceneDrawer& operator=(const SceneDrawer&) = delete;
  ~SceneDrawer();  // the context must still be current

  // Builds the episode's scene on another thread; until it is there Draw draws nothing.
  void Show(std::shared_ptr<const EpisodeFacts> facts);
  bool Ready();
  void Draw(const PixelRect& where, const StepView& moment);

  // By the mouse; `dx`, `dy`: shares of the view's height.
  void Orbit(float dx, float dy);
  void Pan(float dx, float dy);
  void Zoom(float steps);
  void ResetCamera();

 private:
  void Upload();

  bool shadows_;
  std::shared_ptr<const EpisodeFacts> facts_;
  std::future<std::unique_ptr<Scene>> building_;
  std::unique_ptr<Scene> scene_;
  const StepView* shown_{};
  mjvCamera camera_{};
  mjvOption options_{};
  mjvScene view_{};
  mjrContext gl_{};
  bool uploaded_{};
};

}  // namespace divla
