// Counter-examples for the success of transfer_cube, each one step away from a solved episode, and the expert's
// recovery.
#include "tasks/transfer_cube/transfer_cube.h"

#include <gtest/gtest.h>

#include <array>
#include <memory>

#include "sim/controller.h"
#include "tasks/monitor.h"
#include "tasks/registry.h"
#include "tests/support/mujoco_warning_guard.h"

namespace divla {
namespace {

constexpr int kLeft = 0, kRight = 1;

class TransferCubeTest : public testing::Test {
 protected:
  void SetUp() override {
    task_ = &FindTask("transfer_cube");
    plan_ = task_->Draw(11, {"transfer_cube", "none", 0, 2});
    scene_ = std::make_unique<Scene>(task_->Build(plan_));
    expert_ = task_->MakeExpert(plan_);
    cube_ = scene_->BodyId(plan_.target);
  }

  void ExpertStep() {
    ASSERT_EQ(ControlStep(*scene_, ActionKind::kEndEffectorPose, expert_->Act(*scene_)), StepStatus::kOk);
  }
  // The expert acts until `enough` holds; fails when it never does.
  template <typename Condition>
  void RunUntil(Condition enough) {
    for (int step = 0; step < task_->Spec().horizon && !enough(); ++step) ExpertStep();
    ASSERT_TRUE(enough());
  }
  void Solve() {
    RunUntil([&] { return Goal(); });
    for (int step = 0; step < 20; ++step) ExpertStep();
    ASSERT_TRUE(Goal());
  }
  bool Goal() const { return task_->Status(*scene_, plan_).goal; }
  bool StageDone(const std::string& name) const {
    for (const Stage& stage : task_->Status(*scene_, plan_).stages) {
      if (stage.name == name) return stage.done;
    }
    ADD_FAILURE() << "no stage " << name;
    return false;
  }
  // Both arms where they are; `right` and `left` m along the world axes from there, reached slowly.
  void Shift(const std::array<double, 3>& left, const std::array<double, 3>& right, double right_gripper = 1.0) {
    const std::array<Pose, 2> from{scene_->ToolPose(kLeft), scene_->ToolPose(kRight)};
    constexpr int kSteps = 40;
    for (int step = 1; step <= kSteps + 20; ++step) {
      const double share = std::min(1.0, static_cast<double>(step) / kSteps);
      std::array<ToolTarget, 2> targets{ToolTarget{from[0], 0.0}, ToolTarget{from[1], right_gripper}};
      for (std::size_t i = 0; i < 3; ++i) {
        targets[0].pose.position[i] += share * left[i];
        targets[1].pose.position[i] += share * right[i];
      }
      ASSERT_EQ(ControlStep(*scene_, ActionKind::kEndEffectorPose, ToAction(*scene_, targets)), StepStatus::kOk);
    }
  }
  double RightDistance() const {
    const Pose tool = scene_->ToolPose(kRight);
    const mjtNum* centre = scene_->Data().xipos + 3 * cube_;
    return std::hypot(tool.position[0] - centre[0], tool.position[1] - centre[1], tool.position[2] - centre[2]);
  }

  MujocoWarningGuard guard_;
  const Task* task_{};
  EpisodePlan plan_;
  std::unique_ptr<Scene> scene_;
  std::unique_ptr<Expert> expert_;
  int cube_{};
};

TEST_F(TransferCubeTest, HeldByTheLeftHandAloneIsSuccess) {
  Solve();
  EXPECT_TRUE(StageDone("handed over"));
  EXPECT_TRUE(StageDone("placed"));
  EXPECT_GE(Clearance(*scene_, cube_), 0.08);
  EXPECT_EQ(task_->Truth(*scene_, plan_).text, "Hold the red cube with the left arm.");
}

TEST_F(TransferCubeTest, ReasoningFollowsThePhases) {
  EXPECT_EQ(task_->Truth(*scene_, plan_).text, "The red cube is on the right. Pick it up with the right arm.");
  RunUntil([&] { return StageDone("grasped"); });
  EXPECT_EQ(task_->Truth(*scene_, plan_).text, "Hand the red cube over to the left arm.");
  EXPECT_FALSE(Goal());
}

TEST_F(TransferCubeTest, HeldByBothHandsIsNot) {
  RunUntil([&] { return scene_->IsGrasped(kLeft, cube_) && scene_->IsGrasped(kRight, cube_); });
  EXPECT_GE(Clearance(*scene_, cube_), 0.08);
  EXPECT_FALSE(Goal());
  EXPECT_FALSE(StageDone("handed over"));
  EXPECT_EQ(task_->Truth(*scene_, plan_).text, "Hand the red cube over to the left arm.");
}

TEST_F(TransferCubeTest, ACubeInTheHandIsNotToBePickedUpThoughOneFingerLeavesIt) {
  RunUntil([&] { return scene_->IsGrasped(kRight, cube_) && Clearance(*scene_, cube_) > 0.1; });
  const int joint = mj_name2id(&scene_->Model(), mjOBJ_JOINT, "right_finger_joint1");
  ASSERT_GE(joint, 0);
  scene_->MutableData().qpos[scene_->Model().jnt_qposadr[joint]] += 0.003;  // m
  scene_->Forward();
  ASSERT_FALSE(scene_->IsGrasped(kRight, cube_));
  EXPECT_EQ(task_->Truth(*scene_, plan_).text, "Hand the red cube over to the left arm.");
  scene_->SetFreeBody(plan_.target, {{0.3, -0.2, 0.0}, {1, 0, 0, 0}});
  scene_->Forward();
  EXPECT_EQ(task_->Truth(*scene_, plan_).text, "The red cube is on the right. Pick it up with the right arm.");
}

TEST_F(TransferCubeTest, HeldByTheRightHandIsNot) {
  RunUntil([&] { return scene_->IsGrasped(kRight, cube_) && Clearance(*scene_, cube_) > 0.1; });
  EXPECT_FALSE(Goal());
  EXPECT_FALSE(StageDone("handed over"));
}

TEST_F(TransferCubeTest, OnTheTableIsNot) {
  Solve();
  scene_->SetFreeBody(plan_.target, {{0.3, 0.2, 0.0}, {1, 0, 0, 0}});
  scene_->Forward();
  EXPECT_FALSE(Goal());
}

TEST_F(TransferCubeTest, InTheAirWithoutHandsIsNot) {
  Solve();
  scene_->SetFreeBody(plan_.target, {{0.55, 0.0, 0.3}, {1, 0, 0, 0}});
  scene_->Forward();
  ASSERT_GE(Clearance(*scene_, cube_), 0.08);
  EXPECT_FALSE(Goal());
}

TEST_F(TransferCubeTest, MovingFastIsNotUntilItIsStill) {
  Solve();
  const int dof = scene_->Model().jnt_dofadr[scene_->Model().body_jntadr[cube_]];
  scene_->MutableData().qvel[dof] = 0.5;  // m/s along x
  scene_->Forward();
  EXPECT_FALSE(Goal());
}

TEST_F(TransferCubeTest, AClosedRightGripperIsNot) {
  Solve();
  Shift({0, 0, 0}, {0, 0, 0}, 0.0);
  EXPECT_TRUE(StageDone("handed over"));
  EXPECT_FALSE(Goal());
  Shift({0, 0, 0}, {0, 0, 0}, 1.0);
  EXPECT_TRUE(Goal());
}

TEST_F(TransferCubeTest, HeldLowOverTheTableIsNot) {
  Solve();
  Shift({0, 0, -0.125}, {0, 0, 0});
  ASSERT_TRUE(StageDone("handed over"));
  ASSERT_LT(Clearance(*scene_, cube_), 0.08);
  ASSERT_GT(RightDistance(), 0.06);
  EXPECT_FALSE(Goal());
}

TEST_F(TransferCubeTest, TheRightHandStillAroundItIsNot) {
  Solve();
  const double closer = (RightDistance() - 0.052) * std::sqrt(0.5);  // back along the axis that it left on
  Shift({0, 0, 0}, {0, closer, -closer});
  ASSERT_TRUE(StageDone("handed over"));
  ASSERT_LT(RightDistance(), 0.06);
  ASSERT_GT(scene_->GripperOpening(kRight), 0.8);
  EXPECT_FALSE(Goal());
}

TEST_F(TransferCubeTest, ACubeThatSlipsOutIsDroppedThoughTheOtherHandIsOpen) {
  EpisodeMonitor monitor(*task_, plan_, *scene_);
  for (int step = 0; step < 60 && Clearance(*scene_, cube_) < 0.06; ++step) {
    ExpertStep();
    monitor.Update(*scene_);
  }
  ASSERT_TRUE(scene_->IsGrasped(kRight, cube_));
  ASSERT_GT(scene_->GripperOpening(kLeft), 0.8);
  scene_->SetFreeBody(plan_.target, {{0.5, -0.2, 0.0}, {1, 0, 0, 0}});
  scene_->Forward();
  monitor.Update(*scene_);
  EXPECT_EQ(monitor.Judge(), Failure::kDropped);
}

TEST_F(TransferCubeTest, TheExpertPicksALostCubeAgain) {
  for (const double y : {-0.25, 0.04}) {
    SetUp();
    RunUntil([&] { return scene_->IsGrasped(kLeft, cube_); });
    scene_->SetFreeBody(plan_.target, {{0.28, y, 0.0}, {1, 0, 0, 0}});
    scene_->Forward();
    RunUntil([&] { return Goal(); });
  }
}

}  // namespace
}  // namespace divla
