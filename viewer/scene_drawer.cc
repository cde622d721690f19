#include "viewer/scene_drawer.h"

#include <GL/gl.h>

#include <algorithm>
#include <chrono>
#include <cmath>

#include "tasks/variation/apply.h"

namespace divla {
namespace {
constexpr int kSpareGeoms = 1000;
}  // namespace

SceneDrawer::SceneDrawer(bool shadows) : shadows_(shadows) {
  mjv_defaultScene(&view_);
  mjr_defaultContext(&gl_);
  mjv_defaultOption(&options_);
  ResetCamera();
}

SceneDrawer::~SceneDrawer() {
  mjv_freeScene(&view_);
  mjr_freeContext(&gl_);
}

void SceneDrawer::Show(std::shared_ptr<const EpisodeFacts> facts) {
  facts_ = std::move(facts);
  shown_ = nullptr;
  scene_.reset();
  uploaded_ = false;
  building_ = std::async(std::launch::async,
                         [facts = facts_] { return std::make_unique<Scene>(facts->task->Build(facts->plan)); });
}

bool SceneDrawer::Ready() {
  if (!scene_ && building_.valid() && building_.wait_for(std::chrono::seconds(0)) == std::future_status::ready) {
    scene_ = building_.get();
  }
  if (scene_ && !uploaded_) Upload();
  return scene_ != nullptr;
}

void SceneDrawer::Upload() {
  // As sim/render/gl_renderer.cc: sizes stand in the model, of which only a shallow copy is changed.
  mjModel adjusted = scene_->Model();
  adjusted.vis.global.offwidth = adjusted.vis.global.offheight = 16;  // nothing is drawn off the screen
  adjusted.vis.quality.offsamples = 0;
  adjusted.vis.quality.shadowsize = shadows_ ? 2048 : 0;
  mjr_freeContext(&gl_);
  mjr_defaultContext(&gl_);
  mjr_makeContext(&adjusted, &gl_, mjFONTSCALE_100);
  mjr_setBuffer(mjFB_WINDOW, &gl_);
  mjv_freeScene(&view_);
  mjv_defaultScene(&view_);
  mjv_makeScene(nullptr, &view_, static_cast<int>(adjusted.ngeom + adjusted.nsite) + kSpareGeoms);
  view_.flags[mjRND_SHADOW] = shadows_ ? 1 : 0;
  view_.flags[mjRND_REFLECTION] = view_.flags[mjRND_HAZE] = view_.flags[mjRND_FOG] = 0;
  uploaded_ = true;
}

void SceneDrawer::Draw(const PixelRect& where, const StepView& moment) {
  if (!Ready() || where.width < 2 || where.height < 2) return;
  if (shown_ != &moment) {
    scene_->RestoreState(moment.state);
    MoveLights(facts_->plan, *scene_);
    shown_ = &moment;
  }
  mjv_updateScene(&scene_->Model(), &scene_->MutableData(), &options_, nullptr, &camera_, mjCAT_ALL, &view_);
  glEnable(GL_SCISSOR_TEST);  // MuJoCo clears all of the buffer
  glScissor(where.left, where.bottom, where.width, where.height);
  mjr_render({where.left, where.bottom, where.width, where.height}, &view_, &gl_);
  glDisable(GL_SCISSOR_TEST);
}

void SceneDrawer::Orbit(float dx, float dy) {
  camera_.azimuth -= 180.0 * static_cast<double>(dx);
  camera_.elevation -= 180.0 * static_cast<double>(dy);
  camera_.elevation = std::min(10.0, std::max(-89.0, camera_.elevation));
}

void SceneDrawer::Pan(float dx, float dy) {
  if (!scene_) return;
  mjv_moveCamera(&scene_->Model(), mjMOUSE_MOVE_V, static_cast<double>(dx), static_cast<double>(dy), &camera_);
}

void SceneDrawer::Zoom(float steps) {
  camera_.distance *= std::pow(0.9, static_cast<double>(steps));
  camera_.distance = std::min(6.0, std::max(0.2, camera_.distance));
}

// Over the shoulder of the person who faces the robot across the table.
void SceneDrawer::ResetCamera() {
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
