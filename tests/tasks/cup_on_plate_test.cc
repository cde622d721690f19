// Counter-examples for the success of cup_on_plate on both layers, each one step away from a solved scene; its words;
// and the expert's recovery.
#include "tasks/cup_on_plate/cup_on_plate.h"

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

constexpr double kSurface = 0.010;  // m, of the plate over its base

// The parameter is the layer that the episode's instruction is about; the scene has a plate on both.
class CupOnPlateTest : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    task_ = &FindTask("cup_on_plate");
    for (int index = 0; plan_.instruction.find(GetParam() + " layer") == std::string::npos; ++index) {
      ASSERT_LT(index, 100);
      plan_ = task_->Draw(11, {"cup_on_plate", "none", 0, index});
    }
    scene_ = std::make_unique<Scene>(task_->Build(plan_));
    expert_ = task_->MakeExpert(plan_);
    cup_ = scene_->BodyId(plan_.target);
    plate_ = scene_->BodyPosition(scene_->BodyId(plan_.destination));
  }

  // The cup's base `above` m over the plate's surface and `dx` off its middle, leaning by `tilt` rad about world y.
  void PutCup(double dx, double above, double tilt = 0) {
    Pose pose;
    pose.position = {plate_[0] + dx, plate_[1], plate_[2] + kSurface + above};
    pose.rotation = {std::cos(tilt / 2), 0, std::sin(tilt / 2), 0};
    scene_->SetFreeBody(plan_.target, pose);
    scene_->Forward();
  }
  void Hold(int steps) {
    const std::vector<float> still = CommandedJoints(*scene_);
    for (int i = 0; i < steps; ++i) {
      ASSERT_EQ(ControlStep(*scene_, ActionKind::kJointPosition, still), StepStatus::kOk);
    }
  }
  void PutSolved() {
    PutCup(0, 0.001);
    Hold(10);
    ASSERT_TRUE(Goal());
  }
  void ExpertStep() {
    ASSERT_EQ(ControlStep(*scene_, ActionKind::kEndEffectorPose, expert_->Act(*scene_)), StepStatus::kOk);
  }
  template <typename Condition>
  void RunUntil(Condition enough) {
    for (int step = 0; step < task_->Spec().horizon && !enough(); ++step) ExpertStep();
    ASSERT_TRUE(enough());
  }
  bool Goal() const { return task_->Status(*scene_, plan_).goal; }

  MujocoWarningGuard guard_;
  const Task* task_{};
  EpisodePlan plan_;
  std::unique_ptr<Scene> scene_;
  std::unique_ptr<Expert> expert_;
  int cup_{};
  std::array<double, 3> plate_{};
};

TEST_P(CupOnPlateTest, UprightOnThePlateIsSuccess) {
  PutSolved();
  Hold(20);
  EXPECT_TRUE(Goal());
  EXPECT_EQ(task_->Status(*scene_, plan_).objects_placed, 1);
}

TEST_P(CupOnPlateTest, InTheAirAboveIsNot) {
  PutSolved();
  PutCup(0, 0.012);
  EXPECT_FALSE(Goal());
}

TEST_P(CupOnPlateTest, ThrownThroughIsNot) {
  PutSolved();
  scene_->MutableData().qvel[scene_->Model().jnt_dofadr[scene_->Model().body_jntadr[cup_]]] = 0.5;  // m/s along x
  scene_->Forward();
  EXPECT_FALSE(Goal());
}

TEST_P(CupOnPlateTest, UnderThePlateIsNot) {
  PutSolved();
  PutCup(0, -0.012);
  EXPECT_FALSE(Goal());
  PutCup(0, -plate_[2] - kSurface);  // on the table's height, below the board
  EXPECT_FALSE(Goal());
}

TEST_P(CupOnPlateTest, OnTheRimIsNot) {
  PutSolved();
  PutCup(0.040, 0.0048);
  ASSERT_TRUE(scene_->InContact(cup_, scene_->BodyId(plan_.destination)));
  EXPECT_FALSE(Goal());
  PutCup(0.020, 0.0);
  EXPECT_TRUE(Goal());
}

TEST_P(CupOnPlateTest, LeaningIsNot) {
  PutSolved();
  for (const double degrees : {-20.0, 20.0}) {
    PutCup(0, 0.0, degrees * std::numbers::pi / 180);
    EXPECT_FALSE(Goal()) << degrees;
  }
}

TEST_P(CupOnPlateTest, OnItsSideIsNot) {
  PutSolved();
  PutCup(-0.036, 0.029 + 0.002, std::numbers::pi / 2);
  EXPECT_FALSE(Goal());
  PutCup(0, 0.005, std::numbers::pi / 2);  // base in the middle, at the right height: only the tilt is wrong
  EXPECT_FALSE(Goal());
}

TEST_P(CupOnPlateTest, UpsideDownIsNot) {
  PutSolved();
  PutCup(0, 0.074, std::numbers::pi);
  Hold(10);
  EXPECT_FALSE(Goal());
  PutCup(0, 0.0, std::numbers::pi);
  EXPECT_FALSE(Goal());
}

TEST_P(CupOnPlateTest, BesideThePlateOnTheBoardIsNot) {
  PutSolved();
  PutCup(0, -kSurface);
  auto pose = scene_->BodyPose(plan_.target);
  pose.position[1] += 0.11;
  scene_->SetFreeBody(plan_.target, pose);
  scene_->Forward();
  EXPECT_FALSE(Goal());
}

TEST_P(CupOnPlateTest, OnTheOtherPlateIsNot) {
  PutSolved();
  const std::string other = "object_shelf_plate_" + std::string(GetParam() == "top" ? "bottom" : "top");
  plate_ = scene_->BodyPosition(scene_->BodyId(other));
  PutCup(0, 0.001);
  Hold(10);
  ASSERT_TRUE(scene_->InContact(cup_, scene_->BodyId(other)));
  EXPECT_FALSE(Goal());
}

TEST_P(CupOnPlateTest, AClosedGripperIsNot) {
  PutSolved();
  std::vector<double> closed = plan_.robot_start;
  closed.back() = 0.0;
  scene_->SetRobot(closed);
  scene_->Forward();
  EXPECT_FALSE(Goal());
}

TEST_P(CupOnPlateTest, HeldOnThePlateIsNot) {
  RunUntil([&] {
    const std::array<double, 3> at = scene_->BodyPosition(cup_);
    return scene_->IsGrasped(0, cup_) && std::hypot(at[0] - plate_[0], at[1] - plate_[1]) < 0.01;
  });
  ToolTarget target{scene_->ToolPose(0), 0.0};
  const double from = target.pose.position[2];
  const double down = scene_->BodyPosition(cup_)[2] - plate_[2] - kSurface - 0.001;
  for (int step = 1; step <= 40; ++step) {
    target.pose.position[2] = from - std::min(1.0, step / 30.0) * down;
    ASSERT_EQ(ControlStep(*scene_, ActionKind::kEndEffectorPose, ToAction(*scene_, {&target, 1})), StepStatus::kOk);
  }
  ASSERT_TRUE(scene_->IsTouched(0, cup_));
  ASSERT_NEAR(scene_->BodyPosition(cup_)[2], plate_[2] + kSurface, 0.004);
  EXPECT_FALSE(Goal());
  RunUntil([&] { return Goal(); });
}

TEST_P(CupOnPlateTest, ReasoningNamesTheLayerAndStays) {
  const std::string says = "The plate is on the " + GetParam() + " layer.";
  EXPECT_EQ(task_->Truth(*scene_, plan_).text, says);
  for (int step = 0; step < task_->Spec().horizon && !Goal(); ++step) {
    ExpertStep();
    EXPECT_EQ(task_->Truth(*scene_, plan_).text, says);
  }
  EXPECT_TRUE(Goal());
}

TEST_P(CupOnPlateTest, TheExpertPicksALostCupAgain) {
  const std::array<double, 3> start = scene_->BodyPosition(cup_);
  RunUntil([&] { return scene_->IsGrasped(0, cup_) && scene_->BodyPosition(cup_)[2] > 0.15; });
  scene_->SetFreeBody(plan_.target, {{start[0], start[1], 0.0}, {1, 0, 0, 0}});
  scene_->Forward();
  RunUntil([&] { return Goal(); });
}

INSTANTIATE_TEST_SUITE_P(Layers, CupOnPlateTest, testing::Values("top", "bottom"),
                         [](const auto& parameter) { return parameter.param; });

// A text that names no layer comes with one plate only, and only then: otherwise it would be a guess.
TEST(CupOnPlateWords, ATextWithoutALayerMeansTheOnlyPlate) {
  const Task& task = FindTask("cup_on_plate");
  int with_one = 0;
  for (int index = 0; index < 40; ++index) {
    const EpisodePlan plan = task.Draw(11, {"cup_on_plate", "none", 0, index});
    const auto plates = std::count_if(plan.objects.begin(), plan.objects.end(),
                                      [](const ObjectPlacement& each) { return each.object_id == "shelf_plate"; });
    const bool names_layer = plan.instruction.find(" layer") != std::string::npos;
    EXPECT_EQ(plates, names_layer ? 2 : 1) << plan.instruction;
    if (names_layer) {
      EXPECT_NE(plan.instruction.find(plan.destination.ends_with("top") ? "top layer" : "bottom layer"),
                std::string::npos);
    }
    EXPECT_EQ(task.Alternatives(task.Build(plan), plan).size(), names_layer ? 2U : 0U);
    with_one += plates == 1 ? 1 : 0;
  }
  EXPECT_GT(with_one, 8);
  EXPECT_LT(with_one, 32);
}

}  // namespace
}  // namespace divla
