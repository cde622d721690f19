// What every object of the catalogue keeps: it stands where it is put, the numbers of its entry are true, and the
// expert of pick-and-place lifts it with its first stored grasp. Sharded, so that CTest runs the objects side by side
// without starting a process for each.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "sim/controller.h"
#include "tasks/catalogue.h"
#include "tasks/object_geom.h"
#include "tasks/pick_place.h"
#include "tasks/table_top.h"
#include "tests/support/mujoco_warning_guard.h"

namespace divla {
namespace {

constexpr int kShards = 12;
constexpr double kSettledSpeed = 0.01;  // m/s
constexpr double kLift = 0.10;          // m
constexpr double kMaxWidth = 0.076;     // m, of the Panda's 0.08
constexpr int kMaxControlSteps = 160;   // 8 s
constexpr int kHeldSteps = 10;          // control steps that it must stay up: 0.5 s
constexpr double kYaw = 0.0;            // rad
constexpr std::array<double, 3> kPlace{0.5, 0, 0};

Scene SceneWith(const ObjectInfo& object) {
  SceneBuilder builder(TasksDir() / "object_selection" / "scene.xml", FindRobot("panda"));
  AddObject(builder, object, "thing", kPlace, kYaw);
  Scene scene = builder.Build();
  scene.SetRobot(FindRobot("panda").home);
  scene.Forward();
  return scene;
}

double Uprightness(const Scene& scene) {
  return scene.Data().xmat[9 * scene.BodyId("thing") + 8];  // cosine of the tilt
}

class ObjectContract : public testing::TestWithParam<int> {
 protected:
  std::vector<const ObjectInfo*> Objects() const {
    std::vector<const ObjectInfo*> objects;
    for (std::size_t i = 0; i < Catalogue().size(); ++i) {
      if (static_cast<int>(i) % kShards == GetParam()) objects.push_back(&Catalogue()[i]);
    }
    return objects;
  }

 private:
  MujocoWarningGuard guard_;
};

TEST_P(ObjectContract, SettlesUprightWhereItIsPut) {
  for (const ObjectInfo* object : Objects()) {
    SCOPED_TRACE(object->id);
    Scene scene = SceneWith(*object);
    ASSERT_EQ(scene.Step(500), StepStatus::kOk);  // 1 s
    const int body = scene.BodyId("thing");
    EXPECT_LT(scene.BodySpeed(body), kSettledSpeed);
    EXPECT_GT(Uprightness(scene), std::cos(0.035));  // 2 degrees
    EXPECT_LT(std::hypot(scene.BodyPosition(body)[0] - kPlace[0], scene.BodyPosition(body)[1]), 0.004);
    EXPECT_NEAR(scene.BodyPosition(body)[2], 0.0, 0.003);
    EXPECT_NEAR(scene.Model().body_subtreemass[body], object->mass, 1e-9);
  }
}

TEST_P(ObjectContract, NumbersFitTheShape) {
  for (const ObjectInfo* object : Objects()) {
    SCOPED_TRACE(object->id);
    EXPECT_LE(FootprintRadius(object->geoms), object->radius + 0.012);
    EXPECT_GT(ReachAlong(object->geoms, {0, 0, -1}), -0.0015) << "floats above its base";
    EXPECT_LT(ReachAlong(object->geoms, {0, 0, -1}), 0.003) << "is drawn below its base";
    for (const double length : object->size) EXPECT_GT(length, 0.004);
    if (!object->fixed && !object->two_handed) {
      EXPECT_LE(object->mass, 0.2) << "what the Panda's fingers hold with certainty";
      EXPECT_LT(object->radius, 0.10);
    }
    for (const ObjectGrasp& grasp : object->grasps) {
      EXPECT_GT(grasp.width, 0.004);
      EXPECT_LE(grasp.width, kMaxWidth);
      EXPECT_GE(grasp.position[2], 0.0105) << "the fingers would touch the table";
    }
  }
}

TEST_P(ObjectContract, ExpertLiftsIt) {
  for (const ObjectInfo* object : Objects()) {
    if (object->fixed || object->two_handed) continue;  // two hands: tray_lift's expert lifts it
    Scene scene = SceneWith(*object);
    const int body = scene.BodyId("thing");
    PickPlaceOptions options;
    options.carry_height = object->grasps.front().position[2] + kLift + 0.06;
    // It never arrives: the place lies far to the side, and nothing is ever done.
    PickPlaceExpert expert(
        "thing", *object, {0.5, 0.4, 0.3}, [](const Scene&) { return false; }, options);
    int held = 0;
    double highest = 0;
    for (int step = 0; step < kMaxControlSteps && held < kHeldSteps; ++step) {
      ASSERT_EQ(ControlStep(scene, ActionKind::kEndEffectorPose, expert.Act(scene)), StepStatus::kOk) << object->id;
      highest = std::max(highest, scene.BodyPosition(body)[2]);
      held = scene.IsGrasped(0, body) && scene.BodyPosition(body)[2] > kLift ? held + 1 : 0;
    }
    EXPECT_EQ(held, kHeldSteps) << object->id << " was lifted " << highest << " m";
  }
}

INSTANTIATE_TEST_SUITE_P(Shards, ObjectContract, testing::Range(0, kShards));

}  // namespace
}  // namespace divla
