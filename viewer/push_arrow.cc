#include "viewer/push_arrow.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "viewer/scene_drawer.h"

namespace divla {
namespace {

constexpr double kAcceleration = 100;  // 1/s2: m/s2 for each metre of a drag
constexpr double kLight = 0.02;        // kg; lighter bodies feel like this
constexpr double kHeavy = 5;           // kg
constexpr double kStep = 0.05;         // N: a push is a round number, also where it is written down
constexpr double kLongest = 0.6;       // m, of an arrow
constexpr double kArrowWidth = 0.010;  // m
constexpr float kAmber[] = {1.F, 0.72F, 0.18F, 1.F};

using Vector = std::array<double, 3>;

Vector OfCamera(const mjvScene& view, const float (mjvGLCamera::*part)[3]) {
  Vector mean{};  // of both eyes
  for (std::size_t i = 0; i < 3; ++i) {
    mean[i] = 0.5 * (static_cast<double>((view.camera[0].*part)[i]) + static_cast<double>((view.camera[1].*part)[i]));
  }
  return mean;
}

// How the free camera sees.
struct Eye {
  explicit Eye(const mjvScene& view)
      : at(OfCamera(view, &mjvGLCamera::pos)),
        forward(OfCamera(view, &mjvGLCamera::forward)),
        up(OfCamera(view, &mjvGLCamera::up)),
        top(static_cast<double>(view.camera[0].frustum_top)),
        bottom(static_cast<double>(view.camera[0].frustum_bottom)),
        near(static_cast<double>(view.camera[0].frustum_near)) {
    mju_cross(right.data(), forward.data(), up.data());
  }
  double Depth(const mjtNum* point) const {
    const Vector to{point[0] - at[0], point[1] - at[1], point[2] - at[2]};
    return mju_dot3(to.data(), forward.data());
  }
  double HeightAt(double depth) const { return depth * (top - bottom) / near; }  // m that the view is high there

  Vector at, forward, up, right{};
  double top, bottom, near;
};

}  // namespace

double NewtonsPerMetre(const mjModel& model, int body) {
  const double light = model.body_invweight0[2 * body];  // 1/kg
  return kAcceleration * std::clamp(light > 0 ? 1 / light : kHeavy, kLight, kHeavy);
}

int BodyToPush(const mjModel& model, int body) {
  while (body > 0 && mj_id2name(&model, mjOBJ_BODY, body) == nullptr) body = model.body_parentid[body];
  return body > 0 && model.body_weldid[body] != 0 ? body : 0;
}

void AddPushArrow(const Push& push, const Scene& scene, mjvScene& view) {
  if (view.ngeom >= view.maxgeom) return;
  const int body = scene.BodyId(push.body);
  const double strength = mju_norm3(push.force.data());
  if (strength <= 0) return;
  const double length = std::min(kLongest, strength / NewtonsPerMetre(scene.Model(), body));
  const mjtNum* from = scene.Data().xipos + static_cast<std::ptrdiff_t>(3 * body);
  Vector to{};
  for (std::size_t i = 0; i < 3; ++i) to[i] = from[i] + push.force[i] / strength * length;
  mjvGeom& arrow = view.geoms[view.ngeom];
  mjv_initGeom(&arrow, mjGEOM_ARROW, nullptr, nullptr, nullptr, kAmber);
  mjv_connector(&arrow, mjGEOM_ARROW, kArrowWidth, from, to.data());
  arrow.emission = 0.6F;  // seen in any light
  ++view.ngeom;
}

Push Grip::Pull(float dx, float dy, int steps) const {
  Push push{body, {}, steps};
  for (std::size_t i = 0; i < 3; ++i) {
    const double force = right[i] * static_cast<double>(dx) + down[i] * static_cast<double>(dy);
    push.force[i] = std::round(force / kStep) * kStep + 0.0;  // no -0
  }
  return push;
}

std::optional<Grip> SceneDrawer::Grab(const std::shared_ptr<const StepView>& moment, float x, float y, float aspect) {
  const Stage* stage = facts_ ? Look(moment) : nullptr;
  if (stage == nullptr) return std::nullopt;
  const mjModel& model = stage->scene->Model();
  const mjData& data = stage->scene->Data();
  std::array<mjtNum, 3> point{};
  int geom = -1, flex = -1, skin = -1;
  const int seen = mjv_select(&model, &data, &options_, static_cast<mjtNum>(aspect), static_cast<mjtNum>(x),
                              1 - static_cast<mjtNum>(y), &stage->view, point.data(), &geom, &flex, &skin);
  const int body = BodyToPush(model, seen);
  if (body == 0) return std::nullopt;
  const Eye eye(stage->view);
  const double newtons = NewtonsPerMetre(model, body) * eye.HeightAt(eye.Depth(point.data()));
  Grip grip{mj_id2name(&model, mjOBJ_BODY, body), {}, {}};
  for (std::size_t i = 0; i < 3; ++i) {
    grip.right[i] = newtons * eye.right[i];
    grip.down[i] = -newtons * eye.up[i];
  }
  return grip;
}

std::optional<std::array<float, 2>> SceneDrawer::Place(const std::shared_ptr<const StepView>& moment,
                                                       const std::string& body, float aspect) {
  const Stage* stage = facts_ ? Look(moment) : nullptr;
  if (stage == nullptr) return std::nullopt;
  const int id = mj_name2id(&stage->scene->Model(), mjOBJ_BODY, body.c_str());
  if (id <= 0) return std::nullopt;
  const mjtNum* at = stage->scene->Data().xipos + static_cast<std::ptrdiff_t>(3 * id);
  const Eye eye(stage->view);
  const double depth = eye.Depth(at);
  if (depth <= eye.near) return std::nullopt;
  const double height = eye.HeightAt(depth);
  const Vector to{at[0] - eye.at[0], at[1] - eye.at[1], at[2] - eye.at[2]};
  const double right = mju_dot3(to.data(), eye.right.data()) / height;
  const double up = mju_dot3(to.data(), eye.up.data()) / height;
  return std::array<float, 2>{static_cast<float>(0.5 + right / static_cast<double>(aspect)),
                              static_cast<float>(0.5 - up)};
}

}  // namespace divla
