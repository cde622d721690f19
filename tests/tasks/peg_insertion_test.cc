// Counter-examples for the success of peg_insertion, each one step away from a solved episode, its reasoning, and the
// expert's recovery.
#include "tasks/peg_insertion/peg_insertion.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <memory>
#include <numbers>
#include <string>
#include <utility>

#include "sim/controller.h"
#include "tasks/peg_insertion/shapes.h"
#include "tasks/registry.h"
#include "tasks/transfer_cube/transfer_cube.h"
#include "tasks/two_arms.h"
#include "tests/support/mujoco_warning_guard.h"

namespace divla {
namespace {

class PegInsertionTest : public testing::Test {
 protected:
  void SetUp() override {
    task_ = &FindTask("peg_insertion");
    plan_ = task_->Draw(11, {"peg_insertion", "none", 0, 1});
    Start();
  }
  void Start() {
    scene_ = std::make_unique<Scene>(task_->Build(plan_));
    expert_ = task_->MakeExpert(plan_);
    peg_ = scene_->BodyId(plan_.target);
    socket_ = scene_->BodyId(plan_.destination);
  }

  void ExpertStep() {
    ASSERT_EQ(ControlStep(*scene_, ActionKind::kEndEffectorPose, expert_->Act(*scene_)), StepStatus::kOk);
  }
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
  // Both closed hands along the world axes, slowly, m.
  void Shift(const std::array<double, 3>& left, const std::array<double, 3>& right) {
    const std::array<Pose, 2> from{scene_->ToolPose(kLeftArm), scene_->ToolPose(kRightArm)};
    constexpr int kSteps = 30;
    for (int step = 1; step <= kSteps + 15; ++step) {
      const double share = std::min(1.0, static_cast<double>(step) / kSteps);
      std::array<ToolTarget, 2> targets{ToolTarget{from[0], 0.0}, ToolTarget{from[1], 0.0}};
      for (std::size_t i = 0; i < 3; ++i) {
        targets[0].pose.position[i] += share * left[i];
        targets[1].pose.position[i] += share * right[i];
      }
      ASSERT_EQ(ControlStep(*scene_, ActionKind::kEndEffectorPose, ToAction(*scene_, targets)), StepStatus::kOk);
    }
  }
  // As if the fingers of that hand had opened this very moment: nothing else has moved yet.
  void OpenFingers(const std::string& side) {
    for (const char* finger : {"_finger_joint1", "_finger_joint2"}) {
      const int joint = mj_name2id(&scene_->Model(), mjOBJ_JOINT, (side + finger).c_str());
      ASSERT_GE(joint, 0);
      scene_->MutableData().qpos[scene_->Model().jnt_qposadr[joint]] = 0.05;  // m
    }
    scene_->Forward();
  }
  PegFit Fit() const { return FitOf(*scene_, plan_); }
  bool BothHold() const { return HoldsPart(*scene_, plan_, kLeftArm) && HoldsPart(*scene_, plan_, kRightArm); }
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
  int peg_{}, socket_{};
};

TEST_F(PegInsertionTest, DeepInTheHoleAndHeldIsSuccess) {
  Solve();
  EXPECT_GE(Fit().depth, 0.020);
  EXPECT_LT(Fit().depth, 0.045);
  EXPECT_TRUE(scene_->InContact(peg_, socket_) || Fit().sideways < 0.004);
  EXPECT_TRUE(StageDone("inserted"));
  EXPECT_EQ(Says(), "Hold the peg in the socket.");
}

TEST_F(PegInsertionTest, FitIsMeasuredFromTheMouth) {
  // The socket's mouth is 30 mm from its middle, the peg's end 60 mm from its own: bars along one line.
  const Pose along_y{{0.3, 0.1, 0.2}, {std::sqrt(0.5), 0, 0, std::sqrt(0.5)}};
  Pose peg = along_y;
  peg.position[1] -= 0.090;
  peg.position[2] += 0.025 - 0.011;  // the hole's middle over the base, less the peg's
  for (const double depth : {-0.010, 0.0, 0.015}) {
    for (const double turned : {1.0, -1.0}) {  // either end of the peg is as good
      Pose pose = peg;
      pose.position[1] += depth;
      pose.rotation[3] *= turned;
      scene_->SetFreeBody(plan_.destination, along_y);
      scene_->SetFreeBody(plan_.target, pose);
      scene_->Forward();
      EXPECT_NEAR(Fit().depth, depth, 0.0006);
      EXPECT_NEAR(Fit().sideways, 0.0, 0.0006);
      EXPECT_NEAR(Fit().angle, 0.0, 1e-6);
    }
  }
}

TEST_F(PegInsertionTest, ReasoningFollowsThePhases) {
  EXPECT_EQ(Says(), "Pick up the peg with the right arm and the socket with the left arm.");
  RunUntil([&] { return StageDone("grasped"); });
  EXPECT_EQ(Says(), "Line the peg up with the hole of the socket.");
  EXPECT_FALSE(Goal());
  RunUntil([&] { return StageDone("aligned"); });
  EXPECT_EQ(Says(), "Push the peg into the socket.");
  EXPECT_FALSE(Goal());
}

TEST_F(PegInsertionTest, InsertedTooLittleIsNot) {
  Solve();
  const double depth = Fit().depth;
  Shift({0, 0, 0}, {0, 0.015 - depth, 0});
  ASSERT_LT(Fit().depth, 0.019);
  ASSERT_GT(Fit().depth, 0.008);
  ASSERT_TRUE(StageDone("aligned"));
  EXPECT_FALSE(Goal());
  Shift({0, 0, 0}, {0, depth - 0.015, 0});
  EXPECT_TRUE(Goal());
}

TEST_F(PegInsertionTest, HeldOverOrUnderTheHoleIsNot) {
  for (const double height : {0.045, -0.045}) {
    SetUp();
    RunUntil([&] { return StageDone("aligned"); });
    for (int step = 0; step < 3; ++step) ExpertStep();
    Shift({0, 0, 0}, {0, -0.03, 0});
    Shift({0, 0, 0}, {0, 0, height});
    Shift({0, 0, 0}, {0, 0.020 - Fit().depth + 0.006, 0});
    ASSERT_GE(Fit().depth, 0.020);
    ASSERT_GT(Fit().sideways, 0.03);
    ASSERT_TRUE(StageDone("grasped"));
    EXPECT_FALSE(Goal());
  }
}

TEST_F(PegInsertionTest, BesideTheSocketIsNot) {
  Solve();
  Pose beside = scene_->BodyPose(plan_.destination);
  beside.position[0] += 0.040;  // the peg is now outside the wall
  scene_->SetFreeBody(plan_.destination, beside);
  scene_->Forward();
  ASSERT_GE(Fit().depth, 0.020);
  EXPECT_GT(Fit().sideways, 0.03);
  EXPECT_FALSE(Goal());
}

TEST_F(PegInsertionTest, LetGoByEitherHandIsNot) {
  for (const char* side : {"left", "right"}) {
    SetUp();
    Solve();
    OpenFingers(side);
    ASSERT_GE(Fit().depth, 0.020);
    EXPECT_NE(HoldsPart(*scene_, plan_, kLeftArm), HoldsPart(*scene_, plan_, kRightArm));
    EXPECT_FALSE(StageDone("grasped"));
    EXPECT_FALSE(Goal());
  }
}

TEST_F(PegInsertionTest, HeldAnywhereAlongThePartIsHeld) {
  const std::array<std::pair<int, double>, 2> parts{{{kLeftArm, 0.03}, {kRightArm, 0.06}}};  // half the length, m
  for (const auto& [arm, half] : parts) {
    for (const double end : {half, -half}) {
      SetUp();
      RunUntil([&] { return StageDone("grasped"); });
      const std::string& body = arm == kLeftArm ? plan_.destination : plan_.target;
      // So that the hand is at the end of the part, and then 4 cm beyond.
      for (const double at : {end, end + std::copysign(0.04, end)}) {
        Pose pose = scene_->BodyPose(body);
        mjtNum offset[3];
        const mjtNum x[3] = {at, 0, 0};
        mju_rotVecQuat(offset, x, pose.rotation.data());
        const std::array<double, 3> tool = scene_->ToolPose(arm).position;
        for (std::size_t i = 0; i < 2; ++i) pose.position[i] = tool[i] - offset[i];
        scene_->SetFreeBody(body, pose);
        scene_->Forward();
        EXPECT_EQ(HoldsPart(*scene_, plan_, arm), at == end) << arm << ' ' << at;
      }
    }
  }
}

TEST_F(PegInsertionTest, LowOverTheTableIsNot) {
  Solve();
  Shift({0, 0, -0.075}, {0, 0, -0.075});
  ASSERT_TRUE(BothHold());
  ASSERT_GE(Fit().depth, 0.020);
  ASSERT_LT(Clearance(*scene_, socket_), 0.05);
  EXPECT_FALSE(Goal());
}

TEST_F(PegInsertionTest, StandingTogetherOnTheTableIsNot) {
  Solve();
  Shift({0, 0.02, 0}, {0, 0, 0});
  const Pose socket{{0.45, 0.0, 0.0}, {1, 0, 0, 0}};
  scene_->SetFreeBody(plan_.destination, socket);
  scene_->SetFreeBody(plan_.target, {{0.45 - 0.06, 0.0, 0.0105}, {1, 0, 0, 0}});
  scene_->Forward();
  ASSERT_GE(Fit().depth, 0.020);
  ASSERT_LT(Fit().sideways, 0.006);
  EXPECT_FALSE(Goal());
}

TEST_F(PegInsertionTest, MovingFastIsNot) {
  for (const std::string& body : {plan_.target, plan_.destination}) {
    SetUp();
    Solve();
    const int id = scene_->BodyId(body);
    scene_->MutableData().qvel[scene_->Model().jnt_dofadr[scene_->Model().body_jntadr[id]] + 2] = 0.1;  // m/s upwards
    scene_->Forward();
    ASSERT_GE(Fit().depth, 0.020);
    EXPECT_FALSE(Goal());
  }
}

TEST_F(PegInsertionTest, TheExpertTakesAPegThatPointsTheOtherWay) {
  for (ObjectPlacement& placement : plan_.objects) placement.yaw += std::numbers::pi;
  Start();
  RunUntil([&] { return Goal(); });
}

TEST_F(PegInsertionTest, TheExpertPicksALostPegAgain) {
  RunUntil([&] { return StageDone("aligned"); });
  scene_->SetFreeBody(plan_.target, {{0.26, -0.18, 0.001}, {std::sqrt(0.5), 0, 0, std::sqrt(0.5)}});
  scene_->Forward();
  EXPECT_EQ(Says(), "The left arm has the socket. Pick up the peg with the right arm.");
  RunUntil([&] { return Goal(); });
}

TEST_F(PegInsertionTest, TheExpertPicksALostSocketAgain) {
  RunUntil([&] { return StageDone("aligned"); });
  scene_->SetFreeBody(plan_.destination, {{0.26, 0.18, 0.001}, {std::sqrt(0.5), 0, 0, std::sqrt(0.5)}});
  scene_->Forward();
  EXPECT_EQ(Says(), "The right arm has the peg. Pick up the socket with the left arm.");
  RunUntil([&] { return Goal(); });
}

}  // namespace
}  // namespace divla
