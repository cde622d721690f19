#include "tasks/variation/variation.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

#include "sim/action.h"
#include "sim/check.h"
#include "sim/observe.h"
#include "tasks/registry.h"
#include "tasks/variation/apply.h"

namespace divla {
namespace {

constexpr double kPi = std::numbers::pi;

EpisodePlan Plan(const std::string& task) { return FindTask(task).Draw(1, {task, "none", 0, 0}); }
Scene Build(const EpisodePlan& plan) { return FindTask(plan.key.task).Build(plan); }

// Where the line of sight meets z = 0.03.
std::array<double, 2> Gaze(const Scene& scene, int camera) {
  const mjtNum* eye = scene.Data().cam_xpos + 3 * camera;
  const mjtNum* axes = scene.Data().cam_xmat + 9 * camera;
  const double along = (0.03 - eye[2]) / -axes[8];
  return {eye[0] - along * axes[2], eye[1] - along * axes[5]};
}

TEST(ViewVariation, OrbitsAroundWhatItLooksAt) {
  EpisodePlan plan = Plan("cube_to_coloured_box");
  const Scene clean = Build(plan);
  plan.variation.view.azimuth = 0.3;
  plan.variation.view.distance = 1.1;
  const Scene turned = Build(plan);
  const int camera = clean.CameraId("left");
  const std::array<double, 2> centre = Gaze(clean, camera);
  const std::array<double, 2> now = Gaze(turned, camera);
  EXPECT_NEAR(now[0], centre[0], 1e-9);
  EXPECT_NEAR(now[1], centre[1], 1e-9);
  const auto offset = [&](const Scene& scene, int axis) {
    return scene.Data().cam_xpos[3 * camera + axis] - (axis == 2 ? 0.03 : centre[static_cast<std::size_t>(axis)]);
  };
  const double before = std::atan2(offset(clean, 1), offset(clean, 0));
  EXPECT_NEAR(std::remainder(std::atan2(offset(turned, 1), offset(turned, 0)) - before, 2 * kPi), 0.3, 1e-9);
  EXPECT_NEAR(offset(turned, 2), 1.1 * offset(clean, 2), 1e-9);
  const int wrist = clean.CameraId("wrist");
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(clean.Data().cam_xpos[3 * wrist + i], turned.Data().cam_xpos[3 * wrist + i]) << "the robot's own camera";
  }
}

TEST(ViewVariation, ElevationLiftsAndRollTurnsInPlace) {
  EpisodePlan plan = Plan("cube_to_coloured_box");
  const Scene clean = Build(plan);
  plan.variation.view.elevation = 0.1;
  const Scene lifted = Build(plan);
  plan.variation.view = {};
  plan.variation.view.roll = 0.2;
  const Scene rolled = Build(plan);
  const int camera = clean.CameraId("left");
  EXPECT_GT(lifted.Data().cam_xpos[3 * camera + 2], clean.Data().cam_xpos[3 * camera + 2] + 0.01);
  EXPECT_NEAR(Gaze(lifted, camera)[0], Gaze(clean, camera)[0], 1e-9);
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(rolled.Data().cam_xpos[3 * camera + i], clean.Data().cam_xpos[3 * camera + i]);
    EXPECT_NEAR(rolled.Data().cam_xmat[9 * camera + 3 * i + 2], clean.Data().cam_xmat[9 * camera + 3 * i + 2], 1e-12);
  }
}

TEST(LightVariation, SwingsAndCirclesAsAFunctionOfTime) {
  EpisodePlan plan = Plan("cube_to_coloured_box");
  LightChange& light = plan.variation.light;
  light.swing = 0.4;
  light.swing_period = 4;
  light.spot = {0.5, 0.1, 0};
  light.spot_period = 8;
  Scene scene = Build(plan);
  const int key = mj_name2id(&scene.Model(), mjOBJ_LIGHT, "key");
  const int spot = mj_name2id(&scene.Model(), mjOBJ_LIGHT, "moving_spot");
  ASSERT_GE(spot, 0);
  const auto heading = [&] {
    return std::atan2(scene.Data().light_xdir[3 * key + 1], scene.Data().light_xdir[3 * key]);
  };
  const double start = heading();
  scene.MutableData().time = 1;  // a quarter of the swing: the far end
  MoveLights(plan, scene);
  EXPECT_NEAR(std::remainder(heading() - start, 2 * kPi), 0.4, 1e-9);
  scene.MutableData().time = 4;
  MoveLights(plan, scene);
  MoveLights(plan, scene);  // often or seldom: the same
  EXPECT_NEAR(std::remainder(heading() - start, 2 * kPi), 0, 1e-9);
  EXPECT_NEAR(scene.Data().light_xpos[3 * spot], 0.42 - 0.22, 1e-9);  // half a circle
  scene.Forward();
  EXPECT_NEAR(scene.Data().light_xpos[3 * spot], 0.42 - 0.22, 1e-9) << "kinematics must not put it back";
}

TEST(LookVariation, HueSaturationAndValue) {
  EpisodePlan plan = Plan("cube_to_coloured_box");
  const std::string cube = plan.target;
  const Scene clean = Build(plan);
  const int body = clean.BodyId(cube);
  const int geom = clean.Model().body_geomadr[body];
  const auto rgb = [&](const Scene& scene) {
    const float* colour = scene.Model().geom_rgba + 4 * geom;
    return std::array<double, 3>{colour[0], colour[1], colour[2]};
  };
  plan.variation.looks[cube] = {};
  const auto same = rgb(Build(plan));
  for (std::size_t i = 0; i < 3; ++i) EXPECT_NEAR(same[i], rgb(clean)[i], 1e-6);
  plan.variation.looks[cube].saturation = 0;
  const auto grey = rgb(Build(plan));
  EXPECT_NEAR(grey[0], grey[1], 1e-6);
  EXPECT_NEAR(grey[1], grey[2], 1e-6);
  plan.variation.looks[cube] = {120, 1, 1, 0};  // red becomes green, green blue, blue red
  const auto turned = rgb(Build(plan));
  for (std::size_t i = 0; i < 3; ++i) EXPECT_NEAR(turned[(i + 1) % 3], rgb(clean)[i], 1e-6);
  plan.variation.looks[cube] = {0, 1, 0.5, 0};
  const auto dark = rgb(Build(plan));
  for (std::size_t i = 0; i < 3; ++i) EXPECT_NEAR(dark[i], 0.5 * rgb(clean)[i], 1e-6);
  plan.variation.looks = {{"no_such_body", {}}};
  EXPECT_THROW(Build(plan), InputError);
}

TEST(PlinthVariation, TheRobotFrameRisesWithTheRobot) {
  EpisodePlan plan = Plan("cube_to_coloured_box");
  const Scene clean = Build(plan);
  plan.variation.plinth = 0.08;
  const Scene raised = Build(plan);
  EXPECT_DOUBLE_EQ(raised.GetRobot().base_height, 0.08);
  EXPECT_NEAR(raised.ToolPose(0).position[2], clean.ToolPose(0).position[2] + 0.08, 1e-3);
  EXPECT_NEAR(raised.BodyPosition(raised.BodyId(plan.target))[2], clean.BodyPosition(clean.BodyId(plan.target))[2],
              1e-4);
}

TEST(DynamicsVariation, ScalesFrictionAndMass) {
  EpisodePlan plan = Plan("cube_to_coloured_box");
  const Scene clean = Build(plan);
  plan.variation.friction = 0.5;
  plan.variation.mass = 3;
  const Scene changed = Build(plan);
  const int body = clean.BodyId(plan.target);
  EXPECT_NEAR(changed.Model().body_mass[body], 3 * clean.Model().body_mass[body], 1e-12);
  for (int g = 0; g < clean.Model().ngeom; ++g) {
    EXPECT_NEAR(changed.Model().geom_friction[3 * g], 0.5 * clean.Model().geom_friction[3 * g], 1e-12);
    EXPECT_EQ(changed.Model().geom_friction[3 * g + 1], clean.Model().geom_friction[3 * g + 1]);
  }
}

TEST(SensorNoise, HasTheAskedDeviationAndDependsOnTheStepAlone) {
  EpisodePlan plan = Plan("cube_to_coloured_box");
  plan.variation.noise = {10, 0.01, 0.002};
  Observation grey;
  grey.images["left"] = {64, 64, std::vector<std::uint8_t>(64 * 64 * 3, 128)};
  grey.state.assign(400, 0.0F);
  grey.tool.assign(9 * 200, 0.0F);
  Observation noisy = grey;
  AddSensorNoise(plan, 7, noisy);
  double sum = 0;
  double squares = 0;
  for (const std::uint8_t pixel : noisy.images["left"].rgb) {
    sum += pixel - 128.0;
    squares += (pixel - 128.0) * (pixel - 128.0);
  }
  const double count = 64.0 * 64 * 3;
  EXPECT_NEAR(sum / count, 0, 0.4);                    // 4 deviations of the mean
  EXPECT_NEAR(std::sqrt(squares / count), 10.0, 0.3);  // of the deviation
  double joints = 0;
  for (const float joint : noisy.state) joints += joint * joint;
  EXPECT_NEAR(std::sqrt(joints / 400), 0.01, 0.0015);
  for (std::size_t i = 3; i < 9; ++i) EXPECT_EQ(noisy.tool[i], 0.0F) << "rotations are left alone";
  EXPECT_NE(noisy.tool[0], 0.0F);
  Observation again = grey;
  AddSensorNoise(plan, 7, again);
  EXPECT_EQ(again.images["left"].rgb, noisy.images["left"].rgb);
  AddSensorNoise(plan, 8, again = grey);
  EXPECT_NE(again.images["left"].rgb, noisy.images["left"].rgb);
  plan.variation.noise = {};
  AddSensorNoise(plan, 7, again = grey);
  EXPECT_EQ(again.images["left"].rgb, grey.images["left"].rgb);
}

}  // namespace
}  // namespace divla
