// Counter-examples for the success of cube_in_lidded_box, each one step away from a solved scene, its reasoning by
// sub-goal, and the expert's recovery.
#include "tasks/cube_in_lidded_box/cube_in_lidded_box.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <memory>
#include <string>

#include "sim/controller.h"
#include "tasks/monitor.h"
#include "tasks/registry.h"
#include "tasks/table_top.h"
#include "tests/support/mujoco_warning_guard.h"

namespace divla {
namespace {

constexpr const char* kLid = "object_box_lid";
constexpr const char* kClosed = "The box is closed. Remove the lid first.";
constexpr const char* kOpen = "And place the cube into it.";

class CubeInLiddedBoxTest : public testing::Test {
 protected:
  void SetUp() override {
    task_ = &FindTask("cube_in_lidded_box");
    plan_ = task_->Draw(11, {"cube_in_lidded_box", "none", 0, 2});
    scene_ = std::make_unique<Scene>(task_->Build(plan_));
    expert_ = task_->MakeExpert(plan_);
    cube_ = scene_->BodyId(plan_.target);
    lid_ = scene_->BodyId(kLid);
    box_ = scene_->BodyPose(plan_.destination);
    container_ = *PlacedObject(plan_, plan_.destination).container;
  }

  // A point of the box's frame in the world.
  std::array<double, 3> InBox(double x, double y, double z) const {
    const mjtNum local[3] = {x, y, z};
    std::array<double, 3> world{};
    mju_rotVecQuat(world.data(), local, box_.rotation.data());
    for (std::size_t i = 0; i < 3; ++i) world[i] += box_.position[i];
    return world;
  }
  void Put(const std::string& body, const Pose& pose) {
    scene_->SetFreeBody(body, pose);
    scene_->Forward();
  }
  void PutCube(double x, double y, double z) { Put(plan_.target, {InBox(x, y, z), box_.rotation}); }
  void PutLid(double x, double y, double z) { Put(kLid, {InBox(x, y, z), box_.rotation}); }
  void Hold(int steps) {
    const std::vector<float> still = CommandedJoints(*scene_);
    for (int i = 0; i < steps; ++i) {
      ASSERT_EQ(ControlStep(*scene_, ActionKind::kJointPosition, still), StepStatus::kOk);
    }
  }
  // Lid beside, cube in the box, at rest.
  void PutSolved() {
    PutLid(-0.19, 0, 0.001);
    PutCube(0, 0, container_.floor + 0.001);
    Hold(20);
    ASSERT_TRUE(Goal());
  }
  void Push(int body, double speed) {
    scene_->MutableData().qvel[scene_->Model().jnt_dofadr[scene_->Model().body_jntadr[body]]] = speed;
    scene_->Forward();
  }
  template <typename Condition>
  void RunUntil(Condition enough) {
    for (int step = 0; step < task_->Spec().horizon && !enough(); ++step) {
      ASSERT_EQ(ControlStep(*scene_, ActionKind::kEndEffectorPose, expert_->Act(*scene_)), StepStatus::kOk);
    }
    ASSERT_TRUE(enough());
  }
  // The tool straight down to a height over the table, slowly, fingers closed.
  void LowerTo(double height) {
    ToolTarget target{scene_->ToolPose(0), 0.0};
    const double from = target.pose.position[2];
    for (int step = 1; step <= 30; ++step) {
      target.pose.position[2] = from + std::min(1.0, step / 20.0) * (height - from);
      ASSERT_EQ(ControlStep(*scene_, ActionKind::kEndEffectorPose, ToAction(*scene_, {&target, 1})), StepStatus::kOk);
    }
  }
  // The body hangs in the fingers over this place.
  bool CarriedOver(int body, const std::array<double, 3>& place) const {
    const std::array<double, 3> at = scene_->BodyPosition(body);
    return scene_->IsGrasped(0, body) && std::hypot(at[0] - place[0], at[1] - place[1]) < 0.012;
  }
  bool Goal() const { return task_->Status(*scene_, plan_).goal; }
  bool StageDone(const std::string& name) const {
    for (const Stage& stage : task_->Status(*scene_, plan_).stages) {
      if (stage.name == name) return stage.done;
    }
    ADD_FAILURE() << "no stage " << name;
    return false;
  }
  std::string Says() const { return task_->Truth(*scene_, plan_).text; }
  bool CubeInside() const {
    return IsInside(*scene_, cube_, PlacedObject(plan_, plan_.target), scene_->BodyId(plan_.destination), container_);
  }

  MujocoWarningGuard guard_;
  const Task* task_{};
  EpisodePlan plan_;
  std::unique_ptr<Scene> scene_;
  std::unique_ptr<Expert> expert_;
  int cube_{}, lid_{};
  Pose box_;
  ObjectContainer container_;
};

TEST_F(CubeInLiddedBoxTest, CubeInTheOpenBoxIsSuccess) {
  PutSolved();
  for (const char* stage : {"lid off", "placed"}) EXPECT_TRUE(StageDone(stage)) << stage;
}

TEST_F(CubeInLiddedBoxTest, ClosedAgainOverTheCubeIsNot) {
  PutSolved();
  PutLid(0, 0, 0.044);
  Hold(30);
  ASSERT_TRUE(CubeInside());
  EXPECT_TRUE(scene_->InContact(lid_, scene_->BodyId(plan_.destination)) || scene_->InContact(lid_, cube_));
  EXPECT_FALSE(StageDone("lid off"));
  EXPECT_FALSE(Goal());
}

TEST_F(CubeInLiddedBoxTest, LidBalancedAcrossTheRimIsNot) {
  PutSolved();
  PutLid(0.05, 0, 0.045);
  Hold(20);
  ASSERT_TRUE(scene_->InContact(lid_, scene_->BodyId(plan_.destination)));
  EXPECT_FALSE(Goal());
}

TEST_F(CubeInLiddedBoxTest, LidInTheAirBesideTheBoxIsNot) {
  PutSolved();
  PutLid(-0.19, 0, 0.04);
  EXPECT_FALSE(StageDone("lid off"));
  EXPECT_FALSE(Goal());
}

TEST_F(CubeInLiddedBoxTest, LidInTheAirAboveTheBoxIsNot) {
  PutSolved();
  PutLid(0, 0, 0.2);
  EXPECT_FALSE(Goal());
}

TEST_F(CubeInLiddedBoxTest, LidUnderTheTableIsNot) {
  PutSolved();
  PutLid(0, 0, -0.2);  // where the box stands, but low
  EXPECT_FALSE(Goal());
}

TEST_F(CubeInLiddedBoxTest, LidTouchingTheBoxIsNot) {
  PutSolved();
  PutLid(-0.1318, 0, 0.0);  // flat on the table, its edge against the wall
  ASSERT_TRUE(scene_->InContact(lid_, scene_->BodyId(plan_.destination)));
  EXPECT_FALSE(Goal());
  PutLid(-0.14, 0, 0.0);
  EXPECT_TRUE(Goal());
}

TEST_F(CubeInLiddedBoxTest, LidStillMovingIsNot) {
  PutSolved();
  Push(lid_, 0.3);
  EXPECT_FALSE(Goal());
}

TEST_F(CubeInLiddedBoxTest, CubeInTheAirAboveIsNot) {
  PutSolved();
  PutCube(0, 0, container_.rim + 0.04);
  EXPECT_TRUE(StageDone("lid off"));
  EXPECT_FALSE(Goal());
}

TEST_F(CubeInLiddedBoxTest, CubeThrownThroughIsNot) {
  PutSolved();
  Push(cube_, 0.8);
  EXPECT_FALSE(Goal());
}

TEST_F(CubeInLiddedBoxTest, CubeUnderTheBoxIsNot) {
  PutSolved();
  PutCube(0, 0, -0.15);
  EXPECT_FALSE(Goal());
}

TEST_F(CubeInLiddedBoxTest, CubeOnTheRimIsNot) {
  PutSolved();
  PutCube(container_.half_size[0], 0, container_.rim);
  EXPECT_FALSE(Goal());
}

TEST_F(CubeInLiddedBoxTest, CubeBesideTheBoxIsNot) {
  PutSolved();
  PutCube(0.12, 0, 0);
  EXPECT_FALSE(Goal());
}

TEST_F(CubeInLiddedBoxTest, CubeOnTheClosedLidIsNot) {
  PutCube(0.03, 0.03, 0.053);  // beside the knob, on the lid, on the box
  Hold(20);
  ASSERT_TRUE(scene_->InContact(cube_, lid_));
  EXPECT_FALSE(Goal());
}

TEST_F(CubeInLiddedBoxTest, AClosedGripperIsNot) {
  PutSolved();
  std::vector<double> closed = plan_.robot_start;
  closed.back() = 0.0;
  scene_->SetRobot(closed);
  scene_->Forward();
  EXPECT_FALSE(Goal());
}

TEST_F(CubeInLiddedBoxTest, CubeHeldInTheBoxIsNot) {
  RunUntil([&] { return CarriedOver(cube_, box_.position); });
  LowerTo(0.030);
  ASSERT_TRUE(CubeInside());
  ASSERT_TRUE(scene_->IsGrasped(0, cube_));
  ASSERT_TRUE(StageDone("lid off"));
  EXPECT_FALSE(Goal());
}

TEST_F(CubeInLiddedBoxTest, LidHeldBesideTheBoxIsNot) {
  PutCube(0, 0, container_.floor + 0.001);  // it lies under the lid
  RunUntil([&] { return CarriedOver(lid_, {box_.position[0] - 0.19, box_.position[1], 0}); });
  LowerTo(0.028);
  ASSERT_TRUE(CubeInside());
  ASSERT_LT(scene_->BodyPosition(lid_)[2], 0.01);
  EXPECT_FALSE(StageDone("lid off"));
  EXPECT_FALSE(Goal());
  RunUntil([&] { return Goal(); });
}

TEST_F(CubeInLiddedBoxTest, ReasoningFollowsTheSubGoals) {
  EXPECT_EQ(Says(), kClosed);
  EXPECT_EQ(task_->Truth(*scene_, plan_).object_body, kLid);
  RunUntil([&] { return scene_->IsGrasped(0, lid_) && scene_->BodyPosition(lid_)[2] > 0.1; });
  EXPECT_EQ(Says(), kClosed);
  PutLid(0, 0, 0.036);  // lost on the way: a failed grasp keeps the sentence
  EXPECT_EQ(Says(), kClosed);
  RunUntil([&] { return StageDone("lid off"); });
  EXPECT_EQ(Says(), kOpen);
  EXPECT_EQ(task_->Truth(*scene_, plan_).object_body, plan_.target);
  RunUntil([&] { return Goal(); });
  EXPECT_EQ(Says(), kOpen);
}

TEST_F(CubeInLiddedBoxTest, TheExpertOpensTheBoxAgain) {
  RunUntil([&] { return StageDone("lid off"); });
  Hold(2);
  PutLid(0, 0, 0.036);
  EXPECT_EQ(Says(), kClosed);
  RunUntil([&] { return Goal(); });
}

TEST_F(CubeInLiddedBoxTest, LiftingTheLidIsNoWrongObject) {
  EpisodeMonitor monitor(*task_, plan_, *scene_);
  for (int step = 0; step < 100 && !StageDone("lid off"); ++step) {
    ASSERT_EQ(ControlStep(*scene_, ActionKind::kEndEffectorPose, expert_->Act(*scene_)), StepStatus::kOk);
    monitor.Update(*scene_);
  }
  ASSERT_TRUE(StageDone("lid off"));
  EXPECT_EQ(monitor.ActedOn(), kLid);
  EXPECT_EQ(monitor.Judge(), Failure::kNotReached);
  EXPECT_DOUBLE_EQ(monitor.Progress(), 0.5);
}

}  // namespace
}  // namespace divla
