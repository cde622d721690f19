// Counter-examples for the success of tray_lift, each one step away from a solved episode, its reasoning, and the
// expert's recovery.
#include "tasks/tray_lift/tray_lift.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <memory>
#include <numbers>
#include <string>

#include "sim/controller.h"
#include "tasks/registry.h"
#include "tasks/table_top.h"
#include "tasks/transfer_cube/transfer_cube.h"
#include "tasks/two_arms.h"
#include "tests/support/mujoco_warning_guard.h"

namespace divla {
namespace {

class TrayLiftTest : public testing::Test {
 protected:
  void SetUp() override {
    task_ = &FindTask("tray_lift");
    for (int index = 0; plan_.destination != "object_blue_cube"; ++index) {
      ASSERT_LT(index, 100);
      plan_ = task_->Draw(11, {"tray_lift", "none", 0, index});
    }
    scene_ = std::make_unique<Scene>(task_->Build(plan_));
    expert_ = task_->MakeExpert(plan_);
    tray_ = scene_->BodyId(plan_.target);
    load_ = scene_->BodyId(plan_.destination);
  }

  template <typename Condition>
  void RunUntil(Condition enough) {
    for (int step = 0; step < task_->Spec().horizon && !enough(); ++step) {
      ASSERT_EQ(ControlStep(*scene_, ActionKind::kEndEffectorPose, expert_->Act(*scene_)), StepStatus::kOk);
    }
    ASSERT_TRUE(enough());
  }
  void Solve() {
    RunUntil([&] { return Goal(); });
    for (int step = 0; step < 20; ++step) {
      ASSERT_EQ(ControlStep(*scene_, ActionKind::kEndEffectorPose, expert_->Act(*scene_)), StepStatus::kOk);
    }
    ASSERT_TRUE(Goal());
  }
  // Both closed hands up (or down) by so much, slowly.
  void Shift(double left, double right) {
    const std::array<Pose, 2> from{scene_->ToolPose(kLeftArm), scene_->ToolPose(kRightArm)};
    constexpr int kSteps = 40;
    for (int step = 1; step <= kSteps + 20; ++step) {
      const double share = std::min(1.0, static_cast<double>(step) / kSteps);
      std::array<ToolTarget, 2> targets{ToolTarget{from[0], 0.0}, ToolTarget{from[1], 0.0}};
      targets[0].pose.position[2] += share * left;
      targets[1].pose.position[2] += share * right;
      ASSERT_EQ(ControlStep(*scene_, ActionKind::kEndEffectorPose, ToAction(*scene_, targets)), StepStatus::kOk);
    }
  }
  // The load somewhere else, at `point` of the tray's frame.
  void PutLoad(const std::array<double, 3>& point) {
    scene_->SetFreeBody(plan_.destination, {PointOn(*scene_, tray_, point), scene_->BodyPose(plan_.target).rotation});
    scene_->Forward();
  }
  // Tray and load moved along the handles, `distance` m: nothing else has moved yet.
  void SlideTray(double distance) {
    mjtNum along[3];
    const mjtNum x[3] = {distance, 0, 0};
    mju_mulMatVec3(along, scene_->Data().xmat + 9 * tray_, x);
    for (const std::string& body : {plan_.target, plan_.destination}) {
      Pose pose = scene_->BodyPose(body);
      mju_addTo3(pose.position.data(), along);
      scene_->SetFreeBody(body, pose);
    }
    scene_->Forward();
  }
  // Tray and load turned about the line through the handles, which stay between the fingers.
  void TiltBy(double degrees) {
    const double angle = degrees * std::numbers::pi / 180;
    const std::array<double, 3> middle = PointOn(*scene_, tray_, {0, 0, 0.05});
    mjtNum axis[3];
    const mjtNum along[3] = {0, 1, 0};
    mju_mulMatVec3(axis, scene_->Data().xmat + 9 * tray_, along);
    mjtNum turn[4];
    mju_axisAngle2Quat(turn, axis, angle);
    for (const std::string& body : {plan_.target, plan_.destination}) {
      Pose pose = scene_->BodyPose(body);
      mjtNum offset[3];
      mju_sub3(offset, pose.position.data(), middle.data());
      mju_rotVecQuat(pose.position.data(), offset, turn);
      mju_addTo3(pose.position.data(), middle.data());
      const std::array<double, 4> rotation = pose.rotation;
      mju_mulQuat(pose.rotation.data(), turn, rotation.data());
      scene_->SetFreeBody(body, pose);
    }
    scene_->Forward();
  }
  // As if the fingers of that hand had moved this very moment: nothing else has moved yet. `travel`: 0 to 0.05 m each.
  void SetFingers(const char* side, double travel) {
    for (const char* finger : {"_finger_joint1", "_finger_joint2"}) {
      const int joint = mj_name2id(&scene_->Model(), mjOBJ_JOINT, (side + std::string(finger)).c_str());
      ASSERT_GE(joint, 0);
      scene_->MutableData().qpos[scene_->Model().jnt_qposadr[joint]] = travel;
    }
    scene_->Forward();
  }
  // The body's velocity along x, m/s.
  void Push(int body, double speed) {
    scene_->MutableData().qvel[scene_->Model().jnt_dofadr[scene_->Model().body_jntadr[body]]] = speed;
    scene_->Forward();
  }
  double Tilt() const { return std::acos(scene_->Data().xmat[9 * tray_ + 8]) * 180 / std::numbers::pi; }
  bool Rests() const { return RestsOnTray(*scene_, plan_); }
  bool BothHold() const { return scene_->IsGrasped(kLeftArm, tray_) && scene_->IsGrasped(kRightArm, tray_); }
  bool Goal() const { return task_->Status(*scene_, plan_).goal; }
  std::string Says() const { return task_->Truth(*scene_, plan_).text; }
  bool StageDone(const std::string& name) const {
    for (const Stage& stage : task_->Status(*scene_, plan_).stages) {
      if (stage.name == name) return stage.done;
    }
    ADD_FAILURE() << "no stage " << name;
    return false;
  }

  MujocoWarningGuard guard_;
  const Task* task_{};
  EpisodePlan plan_;
  std::unique_ptr<Scene> scene_;
  std::unique_ptr<Expert> expert_;
  int tray_{}, load_{};
};

TEST_F(TrayLiftTest, HeldUpLevelWithTheLoadOnItIsSuccess) {
  Solve();
  EXPECT_TRUE(StageDone("lifted"));
  EXPECT_GE(Clearance(*scene_, tray_), 0.08);
  EXPECT_LT(Tilt(), 3);
  EXPECT_EQ(Says(), "Hold the tray level with both arms.");
}

TEST_F(TrayLiftTest, ReasoningFollowsThePhases) {
  EXPECT_EQ(Says(), "The light-blue cube is on the tray. Grasp the tray by both handles.");
  RunUntil([&] { return BothHold(); });
  EXPECT_EQ(Says(), "Lift the tray with both arms and keep the light-blue cube on it.");
  EXPECT_TRUE(StageDone("grasped"));
  EXPECT_FALSE(StageDone("lifted"));
  EXPECT_FALSE(Goal());
  Solve();
  PutLoad({0.3, 0, -0.1});
  EXPECT_EQ(Says(), "The light-blue cube is not on the tray. Put it back on the tray.");
}

TEST_F(TrayLiftTest, ATiltedTrayIsNot) {
  Solve();
  TiltBy(12.0);
  ASSERT_GT(Tilt(), 10.0);
  ASSERT_TRUE(Rests());
  ASSERT_TRUE(BothHold());
  ASSERT_GE(Clearance(*scene_, tray_), 0.08);
  EXPECT_TRUE(StageDone("lifted"));
  EXPECT_FALSE(Goal());
}

TEST_F(TrayLiftTest, ALittleTiltIsAllowed) {
  Solve();
  TiltBy(7.0);
  ASSERT_GT(Tilt(), 5.0);
  EXPECT_TRUE(Goal());
}

TEST_F(TrayLiftTest, HeldByOneHandOnlyIsNot) {
  for (const char* side : {"left", "right"}) {
    SetUp();
    Solve();
    SetFingers(side, 0.05);
    ASSERT_NE(scene_->IsGrasped(kLeftArm, tray_), scene_->IsGrasped(kRightArm, tray_));
    ASSERT_TRUE(Rests());
    EXPECT_FALSE(StageDone("grasped"));
    EXPECT_FALSE(Goal());
  }
}

TEST_F(TrayLiftTest, HeldAnywhereAlongTheHandlesIsHeld) {
  for (const double aside : {0.035, -0.035}) {
    SetUp();
    Solve();
    SlideTray(aside);
    EXPECT_TRUE(Goal());
    EXPECT_EQ(Says(), "Hold the tray level with both arms.");
  }
  SlideTray(0.11);  // the hands are beyond the ends of the bars; the tray is in the air all the same
  EXPECT_EQ(Says(), "Hold the tray level with both arms.");
  EXPECT_FALSE(StageDone("grasped"));
  EXPECT_FALSE(Goal());
}

TEST_F(TrayLiftTest, AHandThatPushesWithClosedFingersIsNot) {
  Solve();
  SetFingers("right", 0.0);
  ASSERT_TRUE(scene_->IsTouched(kRightArm, tray_));
  ASSERT_TRUE(Rests());
  EXPECT_FALSE(StageDone("grasped"));
  EXPECT_FALSE(Goal());
}

TEST_F(TrayLiftTest, HeldLowOverTheTableIsNot) {
  Solve();
  Shift(-0.05, -0.05);
  ASSERT_TRUE(BothHold());
  ASSERT_TRUE(Rests());
  ASSERT_LT(Clearance(*scene_, tray_), 0.08);
  EXPECT_TRUE(StageDone("lifted"));
  EXPECT_FALSE(Goal());
  Shift(0.05, 0.05);
  EXPECT_TRUE(Goal());
}

TEST_F(TrayLiftTest, ALoadOnTheTableIsNot) {
  Solve();
  scene_->SetFreeBody(plan_.destination, {{0.5, 0.0, 0.0}, {1, 0, 0, 0}});
  scene_->Forward();
  ASSERT_TRUE(BothHold());
  EXPECT_FALSE(StageDone("lifted"));
  EXPECT_FALSE(Goal());
}

TEST_F(TrayLiftTest, ALoadOverTheRimIsNot) {
  Solve();
  PutLoad({0.081, 0, 0.0155});
  ASSERT_TRUE(scene_->InContact(load_, tray_));
  ASSERT_TRUE(BothHold());
  EXPECT_FALSE(Goal());
}

TEST_F(TrayLiftTest, ALoadInTheAirAboveTheTrayIsNot) {
  Solve();
  PutLoad({0, 0, 0.03});
  ASSERT_FALSE(scene_->InContact(load_, tray_));
  EXPECT_FALSE(Goal());
}

TEST_F(TrayLiftTest, ALoadUnderTheTrayIsNot) {
  Solve();
  PutLoad({0, 0, -0.0415});
  ASSERT_TRUE(scene_->InContact(load_, tray_));
  EXPECT_FALSE(Goal());
}

TEST_F(TrayLiftTest, ASlidingLoadIsNotUntilItRests) {
  Solve();
  Push(load_, 0.15);
  EXPECT_FALSE(Rests());
  EXPECT_FALSE(Goal());
}

TEST_F(TrayLiftTest, AMovingTrayIsNotThoughTheLoadRestsOnIt) {
  Solve();
  Push(load_, 0.15);
  Push(tray_, 0.15);
  ASSERT_TRUE(Rests());
  EXPECT_FALSE(Goal());
}

TEST_F(TrayLiftTest, TheExpertTakesALostTrayAgain) {
  RunUntil([&] { return StageDone("lifted"); });
  const std::array<double, 3> place{0.27, 0.02, 0.0};
  scene_->SetFreeBody(plan_.target, {place, {1, 0, 0, 0}});
  scene_->SetFreeBody(plan_.destination, {{place[0], place[1], 0.0062}, {1, 0, 0, 0}});
  scene_->Forward();
  EXPECT_FALSE(StageDone("grasped"));
  RunUntil([&] { return Goal(); });
}

TEST_F(TrayLiftTest, TheExpertPutsALostLoadBack) {
  for (const double y : {0.22, -0.2}) {
    SetUp();
    RunUntil([&] { return StageDone("lifted"); });
    scene_->SetFreeBody(plan_.destination, {{0.22, y, 0.0}, {1, 0, 0, 0}});
    scene_->Forward();
    ASSERT_FALSE(LoadIsOver(*scene_, plan_));
    RunUntil([&] { return Goal(); });
  }
}

}  // namespace
}  // namespace divla
