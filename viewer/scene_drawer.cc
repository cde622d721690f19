#include "viewer/scene_drawer.h"

#include <GL/gl.h>

#include <algorithm>
#include <chrono>
#include <cmath>

#include "harness/episode.h"
#include "sim/looks/joined_meshes.h"
#include "tasks/variation/apply.h"
#include "viewer/push_arrow.h"

namespace divla {
namespace {
constexpr int kSpareGeoms = 1000;
}  // namespace

SceneDrawer::SceneDrawer(bool rich) : rich_(rich) {
  for (Stage& stage : stages_) {
    mjv_defaultScene(&stage.view);
    mjr_defaultContext(&stage.gl);
  }
  mjv_defaultOption(&options_);
  ResetCamera();
}

SceneDrawer::~SceneDrawer() {
  for (Stage& stage : stages_) {
    mjv_freeScene(&stage.view);
    mjr_freeContext(&stage.gl);
  }
  for (const Picture& picture : pictures_) {
    if (picture.texture != 0) glDeleteTextures(1, &picture.texture);
  }
}

void SceneDrawer::Show(std::shared_ptr<const EpisodeFacts> facts) {
  facts_ = std::move(facts);
  for (Picture& picture : pictures_) picture.moment = nullptr;
  stages_[1].building = {};
  stages_[1].scene.reset();
  stages_[1].world = nullptr;
  Build(stages_[0], facts_->plan);
}

void SceneDrawer::Build(Stage& stage, const EpisodePlan& plan) {
  stage.plan = plan;
  stage.world = nullptr;
  stage.scene.reset();
  stage.shown = nullptr;
  stage.uploaded = false;
  stage.building = std::async(std::launch::async,
                              [facts = facts_, plan] { return std::make_unique<Scene>(facts->task->Build(plan)); });
}

bool SceneDrawer::StageReady(Stage& stage) {
  if (!stage.scene && stage.building.valid() &&
      stage.building.wait_for(std::chrono::seconds(0)) == std::future_status::ready) {
    stage.scene = stage.building.get();
  }
  if (stage.scene && !stage.uploaded) Upload(stage);
  return stage.scene != nullptr;
}

bool SceneDrawer::Ready() { return StageReady(stages_[0]) && (!stages_[1].building.valid() || StageReady(stages_[1])); }

SceneDrawer::Stage& SceneDrawer::StageOf(const StepView& moment) {
  for (Stage& stage : stages_) {
    const bool built = stage.scene || stage.building.valid();
    if (built && (stage.world == moment.world || SameWorld(stage.plan, *moment.world))) {
      stage.world = moment.world;
      return stage;
    }
  }
  Build(stages_[1], *moment.world);
  stages_[1].world = moment.world;
  return stages_[1];
}

void SceneDrawer::Upload(Stage& stage) {
  // As sim/render/gl_renderer.cc: sizes stand in the model, of which only a shallow copy is changed.
  JoinedMeshes uploads(*stage.scene);
  mjModel& adjusted = uploads.Model();
  adjusted.vis.global.offwidth = adjusted.vis.global.offheight = 64;  // Draw makes it as large as it must be
  adjusted.vis.quality.offsamples = rich_ ? 4 : 0;
  adjusted.vis.quality.shadowsize = rich_ ? 2048 : 0;
  mjr_freeContext(&stage.gl);
  mjr_defaultContext(&stage.gl);
  mjr_makeContext(&adjusted, &stage.gl, mjFONTSCALE_100);
  const int worn = stage.scene->Looks() != nullptr ? stage.scene->Looks()->Room() : 0;
  mjv_freeScene(&stage.view);
  mjv_defaultScene(&stage.view);
  mjv_makeScene(nullptr, &stage.view, static_cast<int>(adjusted.ngeom + adjusted.nsite) + kSpareGeoms + worn);
  stage.view.flags[mjRND_SHADOW] = rich_ ? 1 : 0;
  stage.view.flags[mjRND_REFLECTION] = stage.view.flags[mjRND_HAZE] = stage.view.flags[mjRND_FOG] = 0;
  stage.uploaded = true;
}

SceneDrawer::Stage* SceneDrawer::Look(const std::shared_ptr<const StepView>& moment) {
  Stage& stage = StageOf(*moment);
  if (!StageReady(stage)) return nullptr;
  Scene& scene = *stage.scene;
  if (stage.shown != moment) {
    scene.RestoreState(moment->state);
    MoveLights(stage.plan, scene);
    stage.shown = moment;
  }
  mjv_updateScene(&scene.Model(), &scene.MutableData(), &options_, nullptr, &camera_, mjCAT_ALL, &stage.view);
  if (scene.Looks() != nullptr) scene.Looks()->Dress(scene.Data(), stage.view);
  return &stage;
}

void SceneDrawer::Draw(int line, int width, int height, const std::shared_ptr<const StepView>& moment,
                       const Push* dragged) {
  if (width < 2 || height < 2 || !facts_) return;
  Picture& picture = pictures_.at(static_cast<std::size_t>(line));
  const std::optional<Push> drag = dragged != nullptr ? std::optional<Push>(*dragged) : std::nullopt;
  const bool same_drag = picture.dragged.has_value() == drag.has_value() &&
                         (!drag || (drag->body == picture.dragged->body && drag->force == picture.dragged->force));
  if (picture.moment == moment && picture.camera == camera_changes_ && picture.width == width &&
      picture.height == height && same_drag) {
    return;
  }
  Stage* looking = Look(moment);
  if (looking == nullptr) return;
  Stage& stage = *looking;
  for (const Push& push : moment->pushes) {
    if (!drag || push.body != drag->body) AddPushArrow(push, *stage.scene, stage.view);
  }
  if (drag) AddPushArrow(*drag, *stage.scene, stage.view);
  if (width > stage.gl.offWidth || height > stage.gl.offHeight) {
    mjr_resizeOffscreen(std::max(width, stage.gl.offWidth), std::max(height, stage.gl.offHeight), &stage.gl);
  }
  mjr_setBuffer(mjFB_OFFSCREEN, &stage.gl);
  const mjrRect all{0, 0, width, height};
  mjr_render(all, &stage.view, &stage.gl);
  if (picture.texture == 0) glGenTextures(1, &picture.texture);
  glBindTexture(GL_TEXTURE_2D, picture.texture);
  glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MIN_FILTER, GL_NEAREST);  // drawn at its own size,
  glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MAG_FILTER, GL_LINEAR);   // or shown larger
  if (rich_) {
    // Smooth edges: MuJoCo makes one picture of the many samples on the way to us.
    pixels_.resize(static_cast<std::size_t>(width) * static_cast<std::size_t>(height) * 3);
    mjr_readPixels(pixels_.data(), nullptr, all, &stage.gl);
    glPixelStorei(GL_UNPACK_ALIGNMENT, 1);
    glTexImage2D(GL_TEXTURE_2D, 0, GL_RGB, width, height, 0, GL_RGB, GL_UNSIGNED_BYTE, pixels_.data());
  } else if (picture.width == width && picture.height == height) {
    glCopyTexSubImage2D(GL_TEXTURE_2D, 0, 0, 0, 0, 0, width, height);
  } else {
    glCopyTexImage2D(GL_TEXTURE_2D, 0, GL_RGB, 0, 0, width, height, 0);
  }
  glBindTexture(GL_TEXTURE_2D, 0);
  if (stage.gl.windowAvailable != 0) mjr_setBuffer(mjFB_WINDOW, &stage.gl);  // else Window::Bind does
  picture.width = width;
  picture.height = height;
  picture.moment = moment;
  picture.camera = camera_changes_;
  picture.dragged = drag;
  ++drawn_;
}

void SceneDrawer::Orbit(float dx, float dy) {
  ++camera_changes_;
  camera_.azimuth -= 180.0 * static_cast<double>(dx);
  camera_.elevation -= 180.0 * static_cast<double>(dy);
  camera_.elevation = std::min(10.0, std::max(-89.0, camera_.elevation));
}

void SceneDrawer::Pan(float dx, float dy) {
  if (!stages_[0].scene) return;
  ++camera_changes_;
  mjv_moveCamera(&stages_[0].scene->Model(), mjMOUSE_MOVE_V, static_cast<double>(dx), static_cast<double>(dy),
                 &camera_);
}

void SceneDrawer::Zoom(float steps) {
  ++camera_changes_;
  camera_.distance *= std::pow(0.9, static_cast<double>(steps));
  camera_.distance = std::min(6.0, std::max(0.2, camera_.distance));
}

// Over the shoulder of the person who faces the robot across the table.
void SceneDrawer::ResetCamera() {
  ++camera_changes_;
  mjv_defaultCamera(&camera_);
  camera_.type = mjCAMERA_FREE;
  camera_.lookat[0] = 0.40;  // m, world: over the middle of the table
  camera_.lookat[1] = 0.0;
  camera_.lookat[2] = 0.15;
  camera_.distance = 1.7;
  camera_.azimuth = 150;  // degrees
  camera_.elevation = -28;
}

}  // namespace divla
