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

SceneDrawer::SceneDrawer(bool rich) : rich_(rich) {
  mjv_defaultScene(&view_);
  mjr_defaultContext(&gl_);
  mjv_defaultOption(&options_);
  ResetCamera();
}

SceneDrawer::~SceneDrawer() {
  mjv_freeScene(&view_);
  mjr_freeContext(&gl_);
  for (const Picture& picture : pictures_) {
    if (picture.texture != 0) glDeleteTextures(1, &picture.texture);
  }
}

void SceneDrawer::Show(std::shared_ptr<const EpisodeFacts> facts) {
  facts_ = std::move(facts);
  shown_ = nullptr;
  scene_.reset();
  uploaded_ = false;
  for (Picture& picture : pictures_) picture.moment = nullptr;
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
  adjusted.vis.global.offwidth = adjusted.vis.global.offheight = 64;  // Draw makes it as large as it must be
  adjusted.vis.quality.offsamples = rich_ ? 4 : 0;
  adjusted.vis.quality.shadowsize = rich_ ? 2048 : 0;
  mjr_freeContext(&gl_);
  mjr_defaultContext(&gl_);
  mjr_makeContext(&adjusted, &gl_, mjFONTSCALE_100);
  mjv_freeScene(&view_);
  mjv_defaultScene(&view_);
  mjv_makeScene(nullptr, &view_, static_cast<int>(adjusted.ngeom + adjusted.nsite) + kSpareGeoms);
  view_.flags[mjRND_SHADOW] = rich_ ? 1 : 0;
  view_.flags[mjRND_REFLECTION] = view_.flags[mjRND_HAZE] = view_.flags[mjRND_FOG] = 0;
  uploaded_ = true;
}

void SceneDrawer::Draw(int line, int width, int height, const std::shared_ptr<const StepView>& moment) {
  if (!Ready() || width < 2 || height < 2) return;
  Picture& picture = pictures_.at(static_cast<std::size_t>(line));
  if (picture.moment == moment && picture.camera == camera_changes_ && picture.width == width &&
      picture.height == height) {
    return;
  }
  if (shown_ != moment) {
    scene_->RestoreState(moment->state);
    MoveLights(facts_->plan, *scene_);
    shown_ = moment;
  }
  if (width > gl_.offWidth || height > gl_.offHeight) {
    mjr_resizeOffscreen(std::max(width, gl_.offWidth), std::max(height, gl_.offHeight), &gl_);
  }
  mjr_setBuffer(mjFB_OFFSCREEN, &gl_);
  mjv_updateScene(&scene_->Model(), &scene_->MutableData(), &options_, nullptr, &camera_, mjCAT_ALL, &view_);
  const mjrRect all{0, 0, width, height};
  mjr_render(all, &view_, &gl_);
  pixels_.resize(static_cast<std::size_t>(width) * static_cast<std::size_t>(height) * 3);
  mjr_readPixels(pixels_.data(), nullptr, all, &gl_);
  mjr_setBuffer(mjFB_WINDOW, &gl_);
  if (picture.texture == 0) glGenTextures(1, &picture.texture);
  glBindTexture(GL_TEXTURE_2D, picture.texture);
  glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MIN_FILTER, GL_NEAREST);  // drawn at its own size
  glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MAG_FILTER, GL_NEAREST);
  glPixelStorei(GL_UNPACK_ALIGNMENT, 1);
  glTexImage2D(GL_TEXTURE_2D, 0, GL_RGB, width, height, 0, GL_RGB, GL_UNSIGNED_BYTE, pixels_.data());
  glBindTexture(GL_TEXTURE_2D, 0);
  picture.width = width;
  picture.height = height;
  picture.moment = moment;
  picture.camera = camera_changes_;
}

void SceneDrawer::Orbit(float dx, float dy) {
  ++camera_changes_;
  camera_.azimuth -= 180.0 * static_cast<double>(dx);
  camera_.elevation -= 180.0 * static_cast<double>(dy);
  camera_.elevation = std::min(10.0, std::max(-89.0, camera_.elevation));
}

void SceneDrawer::Pan(float dx, float dy) {
  if (!scene_) return;
  ++camera_changes_;
  mjv_moveCamera(&scene_->Model(), mjMOUSE_MOVE_V, static_cast<double>(dx), static_cast<double>(dy), &camera_);
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
