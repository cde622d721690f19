// Counter-examples for the success predicate of the tasks that put an object into a container.
#include <gtest/gtest.h>

#include "sim/controller.h"
#include "tasks/monitor.h"
#include "tasks/registry.h"
#include "tasks/table_top.h"
#include "tests/support/mujoco_warning_guard.h"

namespace divla {
namespace {

// Every task whose goal is "plan.target inside plan.destination, let go".
class PickPlaceStatusTest : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    task_ = &FindTask(GetParam());
    plan_ = task_->Draw(11, {GetParam(), "none", 0, 2});
    scene_ = std::make_unique<Scene>(task_->Build(plan_));
    goal_ = scene_->BodyPosition(scene_->BodyId(plan_.destination));
    container_ = PlacedObject(plan_, plan_.destination).container;
    ASSERT_TRUE(container_.has_value());
  }

  void PutTarget(double dx, double dy, double z) {
    scene_->SetFreeBody(plan_.target, {{goal_[0] + dx, goal_[1] + dy, z}, {1, 0, 0, 0}});
    scene_->Forward();
  }
  bool Goal() const { return task_->Status(*scene_, plan_).goal; }
  void Hold(int steps) {
    const std::vector<float> still = CommandedJoints(*scene_);
    for (int i = 0; i < steps; ++i) ControlStep(*scene_, ActionKind::kJointPosition, still);
  }

  MujocoWarningGuard guard_;
  const Task* task_{};
  EpisodePlan plan_;
  std::unique_ptr<Scene> scene_;
  std::array<double, 3> goal_{};
  std::optional<ObjectContainer> container_;
};

TEST_P(PickPlaceStatusTest, LyingInTheContainerIsSuccess) {
  PutTarget(0, 0, container_->floor + 0.001);
  Hold(20);
  EXPECT_TRUE(Goal());
}

TEST_P(PickPlaceStatusTest, InTheAirAboveIsNot) {
  PutTarget(0, 0, container_->rim + 0.04);
  EXPECT_FALSE(Goal());
}

TEST_P(PickPlaceStatusTest, FallingThroughIsNotUntilItRests) {
  PutTarget(0, 0, container_->floor + 0.001);
  const int joint = scene_->Model().body_jntadr[scene_->BodyId(plan_.target)];
  scene_->MutableData().qvel[scene_->Model().jnt_dofadr[joint]] = 0.8;  // m/s along x: thrown through
  scene_->Forward();
  EXPECT_FALSE(Goal());
}

TEST_P(PickPlaceStatusTest, BelowItIsNot) {
  PutTarget(0, 0, -0.15);
  EXPECT_FALSE(Goal());
}

TEST_P(PickPlaceStatusTest, OnTheRimIsNot) {
  PutTarget(container_->half_size[0] + 0.004, 0, container_->rim + 0.001);
  EXPECT_FALSE(Goal());
}

TEST_P(PickPlaceStatusTest, BesideItIsNot) {
  PutTarget(container_->half_size[0] + 0.06, 0, 0.001);
  EXPECT_FALSE(Goal());
}

TEST_P(PickPlaceStatusTest, AClosedGripperIsNot) {
  PutTarget(0, 0, container_->floor + 0.001);
  Hold(20);
  ASSERT_TRUE(Goal());
  std::vector<double> closed = plan_.robot_start;
  closed.back() = 0.0;
  scene_->SetRobot(closed);
  scene_->Forward();
  EXPECT_FALSE(Goal());
}

TEST_P(PickPlaceStatusTest, AnotherObjectInTheContainerIsNot) {
  for (const ObjectPlacement& placement : plan_.objects) {
    if (placement.body == plan_.target || FindObject(placement.object_id).fixed) continue;
    Scene scene = task_->Build(plan_);
    scene.SetFreeBody(placement.body, {{goal_[0], goal_[1], container_->floor + 0.001}, {1, 0, 0, 0}});
    scene.Forward();
    EXPECT_FALSE(task_->Status(scene, plan_).goal) << placement.body;
  }
}

TEST_P(PickPlaceStatusTest, TheGoalMustBeHeldForHalfASecond) {
  PutTarget(0, 0, container_->floor + 0.001);
  Hold(20);
  EpisodeMonitor monitor(*task_, plan_, *scene_);
  for (int step = 1; step <= 10; ++step) {
    Hold(1);
    monitor.Update(*scene_);
    EXPECT_TRUE(monitor.GoalOnce());
    EXPECT_EQ(monitor.GoalHeld(), step >= 10) << step;
  }
  PutTarget(0, 0, container_->rim + 0.2);
  monitor.Update(*scene_);
  EXPECT_TRUE(monitor.GoalHeld());
  EXPECT_FALSE(monitor.GoalNow());
}

INSTANTIATE_TEST_SUITE_P(Tasks, PickPlaceStatusTest,
                         testing::Values("object_selection", "cube_to_coloured_box", "bin_picking"),
                         [](const auto& parameter) { return parameter.param; });

}  // namespace
}  // namespace divla
