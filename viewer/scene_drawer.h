// SceneDrawer: the large 3-D view, drawn by MuJoCo's OpenGL into textures, one for each line. A picture is drawn anew only
// when its moment, the camera or its size has changed, so a window that waits for a query costs next to nothing, also
// where the processor draws. Has a scene of its own for showing any moment, so it never touches the one that is
// simulated. The thread with the OpenGL context only.
#pragma once

#include <mujoco/mujoco.h>

#include <array>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "harness/edits.h"
#include "sim/scene.h"
#include "viewer/history.h"

namespace divla {

// A body that the mouse has taken hold of.
struct Grip {
  std::string body;
  std::array<double, 3> right{}, down{};  // N, world: the force of a drag by the view's height to the right, and down
  // The push of a drag by these shares of the view's height: the longer the stronger, and the heavier the body feels, so
  // that a drag moves a cup and an arm alike.
  Push Pull(float dx, float dy, int steps) const;
};

class SceneDrawer {
 public:
  // `rich`: with shadows and smooth edges. Without a GPU they cost too much.
  explicit SceneDrawer(bool rich);
  SceneDrawer(const SceneDrawer&) = delete;
  SceneDrawer& operator=(const SceneDrawer&) = delete;
  ~SceneDrawer();  // the context must still be current

  // Builds the episode's scene on another thread; until it is there Draw draws nothing.
  void Show(std::shared_ptr<const EpisodeFacts> facts);
  // Nothing is being built. (A branch may have other objects, lights or cameras, and then a scene of its own.)
  bool Ready();
  // Brings the picture of `line` (0 or 1) up to date; pixels, of the texture: a view may be shown larger. `dragged`: a push
  // that is under way; may be null.
  void Draw(int line, int width, int height, const std::shared_ptr<const StepView>& moment, const Push* dragged);
  // Its texture, OpenGL's way up: the lowest row first. 0 until it was drawn.
  unsigned Texture(int line) const { return pictures_.at(static_cast<std::size_t>(line)).texture; }

  int Drawn() const { return drawn_; }  // pictures since the start

  // The body that can be pushed and is seen at (x, y), shares of the view's width and height from its upper left corner.
  // Empty: none, or the scene is not there yet. `aspect`: the view's width by its height.
  std::optional<Grip> Grab(const std::shared_ptr<const StepView>& moment, float x, float y, float aspect);
  // Where a body's centre of mass is seen, as above. Empty when it is behind the camera or not there.
  std::optional<std::array<float, 2>> Place(const std::shared_ptr<const StepView>& moment, const std::string& body,
                                            float aspect);

  // By the mouse; `dx`, `dy`: shares of the view's height.
  void Orbit(float dx, float dy);
  void Pan(float dx, float dy);
  void Zoom(float steps);
  void ResetCamera();

 private:
  struct Picture {
    unsigned texture{};
    int width{}, height{};
    std::shared_ptr<const StepView> moment;  // kept, so that another one cannot have its address
    int camera{-1};                          // camera_changes_ when it was drawn
    std::optional<Push> dragged;
  };
  // A scene for showing moments of one world.
  struct Stage {
    EpisodePlan plan;
    std::shared_ptr<const EpisodePlan> world;  // that was compared with the plan last
    std::future<std::unique_ptr<Scene>> building;
    std::unique_ptr<Scene> scene;
    std::shared_ptr<const StepView> shown;  // that the scene stands at
    mjvScene view{};
    mjrContext gl{};
    bool uploaded{};
  };
  void Build(Stage& stage, const EpisodePlan& plan);
  bool StageReady(Stage& stage);
  void Upload(Stage& stage);
  Stage& StageOf(const StepView& moment);
  // The stage of the moment's world stands at it, and its camera looks. Null while it is being built.
  Stage* Look(const std::shared_ptr<const StepView>& moment);

  bool rich_;
  std::shared_ptr<const EpisodeFacts> facts_;
  std::array<Stage, 2> stages_;  // of the episode's world, and of another one
  mjvCamera camera_{};
  int camera_changes_{};
  int drawn_{};
  std::array<Picture, 2> pictures_;
  std::vector<unsigned char> pixels_;
  mjvOption options_{};
};

}  // namespace divla
