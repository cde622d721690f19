// Counter-examples for the success of flip_pot, each one step away from a solved scene, for a pot that opens to either
// side; its reasoning; and the expert's recovery.
#include "tasks/flip_pot/flip_pot.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <memory>
#include <numbers>
#include <string>

#include "sim/controller.h"
#include "tasks/registry.h"
#include "tasks/table_top.h"
#include "tests/support/mujoco_warning_guard.h"

namespace divla {
namespace {

constexpr double kDegree = std::numbers::pi / 180.0;

// The parameter is the side that the pot opens to.
class FlipPotTest : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    task_ = &FindTask("flip_pot");
    for (int index = 0; scene_ == nullptr || Says() != Sentence(); ++index) {
      ASSERT_LT(index, 100);
      plan_ = task_->Draw(11, {"flip_pot", "none", 0, index});
      scene_ = std::make_unique<Scene>(task_->Build(plan_));
    }
    expert_ = task_->MakeExpert(plan_);
    pot_ = scene_->BodyId(plan_.target);
    spot_ = scene_->BodyPosition(pot_);
  }

  std::string Sentence() const { return "The pot is towards " + GetParam() + "."; }
  std::string Says() const { return task_->Truth(*scene_, plan_).text; }
  // The pot with its base's middle at a height over its spot, leaning by `tilt` rad about world x.
  void PutPot(double height, double tilt = 0) {
    scene_->SetFreeBody(plan_.target, {{spot_[0], spot_[1], height}, {std::cos(tilt / 2), std::sin(tilt / 2), 0, 0}});
    scene_->Forward();
  }
  void Hold(int steps) {
    const std::vector<float> still = CommandedJoints(*scene_);
    for (int i = 0; i < steps; ++i) {
      ASSERT_EQ(ControlStep(*scene_, ActionKind::kJointPosition, still), StepStatus::kOk);
    }
  }
  void PutSolved() {
    PutPot(0.001);
    Hold(10);
    ASSERT_TRUE(Goal());
  }
  template <typename Condition>
  void RunUntil(Condition enough) {
    for (int step = 0; step < task_->Spec().horizon && !enough(); ++step) {
      ASSERT_EQ(ControlStep(*scene_, ActionKind::kEndEffectorPose, expert_->Act(*scene_)), StepStatus::kOk);
    }
    ASSERT_TRUE(enough());
  }
  bool Goal() const { return task_->Status(*scene_, plan_).goal; }
  bool StageDone(const std::string& name) const {
    for (const Stage& stage : task_->Status(*scene_, plan_).stages) {
      if (stage.name == name) return stage.done;
    }
    ADD_FAILURE() << "no stage " << name;
    return false;
  }
  double Opening(int axis) const { return scene_->Data().xmat[9 * pot_ + 3 * axis + 2]; }

  MujocoWarningGuard guard_;
  const Task* task_{};
  EpisodePlan plan_;
  std::unique_ptr<Scene> scene_;
  std::unique_ptr<Expert> expert_;
  int pot_{};
  std::array<double, 3> spot_{};
};

TEST_P(FlipPotTest, LiesOnItsSideAtTheStart) {
  EXPECT_LT(std::abs(Opening(2)), 0.05);
  EXPECT_GT(GetParam() == "left" ? -Opening(1) : Opening(1), 0.9);
  EXPECT_FALSE(StageDone("upright"));
  Hold(60);
  EXPECT_LT(std::abs(Opening(2)), 0.05);
  EXPECT_NEAR(scene_->BodyPosition(pot_)[0], spot_[0], 0.002);  // it does not roll
  EXPECT_FALSE(Goal());
}

TEST_P(FlipPotTest, UprightOnTheTableIsSuccess) {
  PutSolved();
  Hold(20);
  EXPECT_TRUE(Goal());
}

TEST_P(FlipPotTest, UpsideDownIsNot) {
  PutPot(0.059, std::numbers::pi);
  Hold(10);
  ASSERT_LT(Opening(2), -0.99);
  EXPECT_FALSE(Goal());
  PutPot(0.0, std::numbers::pi);  // even with its base at the table's height
  EXPECT_FALSE(Goal());
}

TEST_P(FlipPotTest, LeaningMoreThanFifteenDegreesIsNot) {
  PutSolved();
  for (const double sign : {-1.0, 1.0}) {
    PutPot(0.0, sign * 14 * kDegree);
    EXPECT_TRUE(Goal());
    PutPot(0.0, sign * 16 * kDegree);
    EXPECT_FALSE(StageDone("upright"));
    EXPECT_FALSE(Goal());
  }
}

TEST_P(FlipPotTest, InTheAirIsNot) {
  PutSolved();
  PutPot(0.007);
  EXPECT_TRUE(StageDone("upright"));
  EXPECT_FALSE(Goal());
}

TEST_P(FlipPotTest, PushedIntoTheTableIsNot) {
  PutSolved();
  PutPot(-0.007);
  EXPECT_FALSE(Goal());
}

TEST_P(FlipPotTest, ThrownThroughIsNot) {
  PutSolved();
  const int dof = scene_->Model().jnt_dofadr[scene_->Model().body_jntadr[pot_]];
  scene_->MutableData().qvel[dof] = 0.5;  // m/s along x
  scene_->Forward();
  EXPECT_FALSE(Goal());
  scene_->MutableData().qvel[dof] = 0.0;
  scene_->Forward();
  EXPECT_TRUE(Goal());
}

TEST_P(FlipPotTest, OnTopOfSomethingIsNot) {
  for (int index = 0; plan_.objects.size() < 2; ++index) plan_ = task_->Draw(11, {"flip_pot", "none", 0, index});
  scene_ = std::make_unique<Scene>(task_->Build(plan_));
  const int under = scene_->BodyId(plan_.objects[1].body);
  spot_ = scene_->BodyPosition(under);
  PutPot(0.0325);
  Hold(6);
  ASSERT_TRUE(scene_->InContact(pot_, under));
  ASSERT_GT(Opening(2), 0.98);
  EXPECT_FALSE(Goal());
}

TEST_P(FlipPotTest, AClosedGripperIsNot) {
  PutSolved();
  std::vector<double> closed = plan_.robot_start;
  closed.back() = 0.0;
  scene_->SetRobot(closed);
  scene_->Forward();
  EXPECT_FALSE(Goal());
}

TEST_P(FlipPotTest, HeldUprightIsNotUntilItIsLetGo) {
  RunUntil([&] { return Opening(2) > 0.99; });
  EXPECT_TRUE(StageDone("grasped"));
  EXPECT_TRUE(StageDone("upright"));
  EXPECT_FALSE(Goal());
  ToolTarget target{scene_->ToolPose(0), 0.0};
  const double from = target.pose.position[2];
  const double down = scene_->BodyPosition(pot_)[2] - 0.001;
  for (int step = 1; step <= 40; ++step) {
    target.pose.position[2] = from - std::min(1.0, step / 30.0) * down;
    ASSERT_EQ(ControlStep(*scene_, ActionKind::kEndEffectorPose, ToAction(*scene_, {&target, 1})), StepStatus::kOk);
  }
  ASSERT_TRUE(scene_->IsGrasped(0, pot_));
  ASSERT_NEAR(scene_->BodyPosition(pot_)[2], 0.0, 0.004);
  EXPECT_FALSE(Goal());
  RunUntil([&] { return Goal(); });
}

TEST_P(FlipPotTest, TheExpertTurnsItInItsHand) {
  RunUntil([&] { return StageDone("grasped"); });
  ASSERT_FALSE(StageDone("upright"));
  RunUntil([&] {
    EXPECT_TRUE(StageDone("upright") || scene_->IsGrasped(0, pot_) || scene_->IsTouched(0, pot_));
    return StageDone("upright");
  });
  EXPECT_TRUE(scene_->IsGrasped(0, pot_));
}

TEST_P(FlipPotTest, ReasoningNamesTheSideAndStays) {
  for (int step = 0; step < task_->Spec().horizon && !Goal(); ++step) {
    EXPECT_EQ(Says(), Sentence());
    ASSERT_EQ(ControlStep(*scene_, ActionKind::kEndEffectorPose, expert_->Act(*scene_)), StepStatus::kOk);
  }
  EXPECT_TRUE(Goal());
  EXPECT_EQ(Says(), Sentence());
}

TEST_P(FlipPotTest, TheExpertPicksALostPotAgain) {
  const Pose start = scene_->BodyPose(plan_.target);
  RunUntil([&] { return StageDone("grasped") && Opening(2) > 0.5; });
  scene_->SetFreeBody(plan_.target, start);
  scene_->Forward();
  EXPECT_EQ(Says(), Sentence());
  RunUntil([&] { return Goal(); });
}

// Its handles are then not level, so that the hand cannot take it by them. By its walls it works in most cases.
TEST_P(FlipPotTest, TheExpertPicksAPotThatRolled) {
  const Pose start = scene_->BodyPose(plan_.target);
  int solved = 0;
  for (const double degrees : {-90.0, -60.0, -30.0, 30.0, 60.0, 90.0}) {
    Pose rolled = start;
    const mjtNum roll[4] = {std::cos(degrees * kDegree / 2), 0, 0, std::sin(degrees * kDegree / 2)};
    mju_mulQuat(rolled.rotation.data(), start.rotation.data(), roll);
    if (std::abs(degrees) == 90.0) rolled.position[2] += 0.006;  // on a handle
    scene_->SetRobot(plan_.robot_start);
    scene_->SetFreeBody(plan_.target, rolled);
    scene_->Forward();
    Hold(10);
    ASSERT_FALSE(StageDone("upright"));
    expert_ = task_->MakeExpert(plan_);
    for (int step = 0; step < task_->Spec().horizon && !Goal(); ++step) {
      ASSERT_EQ(ControlStep(*scene_, ActionKind::kEndEffectorPose, expert_->Act(*scene_)), StepStatus::kOk);
    }
    solved += Goal() ? 1 : 0;
  }
  EXPECT_GE(solved, 5);
}

TEST_P(FlipPotTest, TurnedRoundItIsCalledByTheOtherSide) {
  Pose turned = scene_->BodyPose(plan_.target);
  const mjtNum half_turn[4] = {0, 0, 0, 1};
  mju_mulQuat(turned.rotation.data(), half_turn, scene_->BodyPose(plan_.target).rotation.data());
  scene_->SetFreeBody(plan_.target, turned);
  scene_->Forward();
  EXPECT_EQ(Says(), GetParam() == "left" ? "The pot is towards right." : "The pot is towards left.");
  RunUntil([&] { return Goal(); });
}

INSTANTIATE_TEST_SUITE_P(Sides, FlipPotTest, testing::Values("left", "right"),
                         [](const auto& parameter) { return parameter.param; });

}  // namespace
}  // namespace divla
