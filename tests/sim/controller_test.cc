#include "sim/controller.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "sim/check.h"
#include "tests/support/mujoco_fixture.h"

namespace divla {
namespace {

constexpr std::array<double, 4> kDown = {0, 1, 0, 0};

std::string Cube(double x, double y, double mass) {
  return "<body name=\"cube\" pos=\"" + std::to_string(x) + " " + std::to_string(y) +
         " 0.025\"><freejoint/><geom type=\"box\" size=\"0.025 0.025 0.025\" mass=\"" + std::to_string(mass) +
         "\"/></body>";
}

class ControllerTest : public RobotTest {
 protected:
  // Straight in front of arm 0, where it can point straight down.
  std::array<double, 2> Spot() const { return GetParam() == "panda" ? std::array{0.45, 0.0} : std::array{0.30, 0.25}; }

  static std::vector<ToolTarget> Now(const Scene& scene) {
    std::vector<ToolTarget> arms;
    for (int arm = 0; arm < static_cast<int>(scene.GetRobot().arms.size()); ++arm) {
      arms.push_back({scene.ToolPose(arm), 1.0});
    }
    return arms;
  }

  // Moves arm 0's target in a straight line to `position`, the tool pointing straight down, then waits until it is
  // there.
  static void MoveTo(Scene& scene, const std::array<double, 3>& position, double gripper, double seconds) {
    std::vector<ToolTarget> arms = Now(scene);
    const std::array<double, 3> from = arms[0].pose.position;
    arms[0].pose.rotation = kDown;
    arms[0].gripper = gripper;
    const int steps = static_cast<int>(std::lround(seconds / kControlPeriod));
    for (int step = 1; step <= steps + 10; ++step) {
      const double share = std::min(1.0, static_cast<double>(step) / steps);
      for (std::size_t i = 0; i < 3; ++i) arms[0].pose.position[i] = from[i] + share * (position[i] - from[i]);
      ASSERT_EQ(ControlStep(scene, ActionKind::kEndEffectorPose, ToAction(scene, arms)), StepStatus::kOk);
    }
  }

  static void Hold(Scene& scene, double gripper, double seconds) {
    std::vector<float> action = CommandedJoints(scene);
    action[scene.GetRobot().arms[0].joint_ids.size()] = static_cast<float>(gripper);
    for (int step = 0; step < std::lround(seconds / kControlPeriod); ++step) {
      ASSERT_EQ(ControlStep(scene, ActionKind::kJointPosition, action), StepStatus::kOk);
    }
  }

  // Picks the cube at Spot() and lifts it by 0.15 m.
  void PickCube(Scene& scene) const {
    const auto [x, y] = Spot();
    MoveTo(scene, {x, y, 0.10}, 1.0, 1.5);
    MoveTo(scene, {x, y, 0.025}, 1.0, 0.7);
    Hold(scene, 0.0, 0.7);
    MoveTo(scene, {x, y, 0.175}, 0.0, 1.0);
  }
};

TEST_P(ControllerTest, TheSlowestLimitHoldsForEveryJoint) {
  Scene scene = TableTop(GetParam());
  const RobotInterface robot = scene.GetRobot().Interface();
  const auto travel = static_cast<float>(scene.GetRobot().spec.joint_speed_limit * kControlPeriod);
  for (const auto& wanted : {robot.high, robot.low, std::vector<float>(robot.low.size(), 1e30F)}) {
    for (int step = 0; step < 5; ++step) {
      const std::vector<float> last = CommandedJoints(scene);
      ApplyAction(scene, ActionKind::kJointPosition, wanted);
      const std::vector<float> now = CommandedJoints(scene);
      for (std::size_t i = 0; i < now.size(); ++i) {
        if (robot.state_names[i].ends_with("gripper")) continue;
        EXPECT_LE(std::abs(now[i] - last[i]), travel + 1e-6F);
        EXPECT_GE(now[i], robot.low[i]);
        EXPECT_LE(now[i], robot.high[i]);
      }
    }
  }
}

TEST_P(ControllerTest, JointTargetsAreReached) {
  Scene scene = TableTop(GetParam());
  const RobotInterface robot = scene.GetRobot().Interface();
  std::vector<float> wanted = robot.home;
  wanted[0] += 0.3F;
  wanted[1] -= 0.2F;
  for (int step = 0; step < 40; ++step) ControlStep(scene, ActionKind::kJointPosition, wanted);
  const std::vector<float> reached = ProprioState(scene);
  const std::vector<float> commanded = CommandedJoints(scene);
  ASSERT_EQ(reached.size(), wanted.size());
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    EXPECT_NEAR(commanded[i], wanted[i], 1e-6) << robot.state_names[i];
    EXPECT_NEAR(reached[i], wanted[i], 3e-3) << robot.state_names[i];
  }
}

TEST_P(ControllerTest, ToolTargetsAreReachedAndReadBack) {
  Scene scene = TableTop(GetParam());
  const auto [x, y] = Spot();
  MoveTo(scene, {x + 0.05, y - 0.08, 0.12}, 1.0, 1.0);
  const std::vector<float> tool = ToolState(scene);
  ASSERT_EQ(tool.size(), 9 * scene.GetRobot().arms.size());
  EXPECT_NEAR(tool[0], x + 0.05, 2e-3);
  EXPECT_NEAR(tool[1], y - 0.08, 2e-3);
  EXPECT_NEAR(tool[2], 0.12, 2e-3);
  const std::array<double, 6> rows = {1, 0, 0, 0, -1, 0};
  for (std::size_t i = 0; i < 6; ++i) EXPECT_NEAR(tool[3 + i], rows[i], 1e-2);
  // An action made of the present pose says the same numbers.
  const std::vector<float> action = ToAction(scene, Now(scene));
  for (std::size_t i = 0; i < 9; ++i) EXPECT_NEAR(action[i], tool[i], 1e-6);
  EXPECT_FLOAT_EQ(action[9], 1.0F);
}

TEST_P(ControllerTest, RotationRowsNeedNotBeOrthonormal) {
  Scene scene = TableTop(GetParam());
  std::vector<float> action = ToAction(scene, Now(scene));
  Scene twin = TableTop(GetParam());
  std::vector<float> skewed = action;
  for (std::size_t i = 3; i < 6; ++i) skewed[i] *= 3.0F;
  for (std::size_t i = 6; i < 9; ++i) skewed[i] = 0.5F * skewed[i] + 0.2F * action[i - 3];
  action[2] -= 0.03F;
  skewed[2] -= 0.03F;
  ControlStep(scene, ActionKind::kEndEffectorPose, action);
  ControlStep(twin, ActionKind::kEndEffectorPose, skewed);
  const std::vector<float> straight = CommandedJoints(scene);
  const std::vector<float> crooked = CommandedJoints(twin);
  for (std::size_t i = 0; i < straight.size(); ++i) EXPECT_NEAR(straight[i], crooked[i], 1e-5);
}

TEST_P(ControllerTest, BadNumbersAreRefusedAndMoveNothing) {
  Scene scene = TableTop(GetParam());
  const std::vector<float> before = CommandedJoints(scene);
  for (const ActionKind kind : {ActionKind::kJointPosition, ActionKind::kEndEffectorPose}) {
    const int size = scene.GetRobot().Interface().ActionDim(kind);
    std::vector<float> good = kind == ActionKind::kJointPosition ? before : ToAction(scene, Now(scene));
    good[0] += 0.05F;
    ASSERT_EQ(good.size(), static_cast<std::size_t>(size));
    std::vector<float> shorter(good.begin(), good.end() - 1);
    EXPECT_THROW(ApplyAction(scene, kind, shorter), InputError);
    for (const float bad : {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
      std::vector<float> action = good;
      action.back() = bad;
      EXPECT_THROW(ApplyAction(scene, kind, action), InputError);
    }
    if (kind == ActionKind::kEndEffectorPose) {
      std::vector<float> action = good;
      for (int i = 0; i < 6; ++i)
        action[static_cast<std::size_t>(size - 7 + i)] = 0.0F;  // the last arm's rotation rows
      EXPECT_THROW(ApplyAction(scene, kind, action), InputError);
    }
    EXPECT_EQ(CommandedJoints(scene), before);
  }
}

TEST_P(ControllerTest, TheGripperOpensAndClosesWithinASecond) {
  Scene scene = TableTop(GetParam());
  for (int arm = 0; arm < static_cast<int>(scene.GetRobot().arms.size()); ++arm) {
    EXPECT_NEAR(scene.GripperOpening(arm), 1.0, 1e-6);
  }
  Hold(scene, 0.0, 0.9);
  EXPECT_LT(scene.GripperOpening(0), 0.02);
  Hold(scene, 0.5, 0.9);
  EXPECT_NEAR(scene.GripperOpening(0), 0.5, 0.02);
  Hold(scene, 7.0, 0.9);  // clipped to 1
  EXPECT_NEAR(scene.GripperOpening(0), 1.0, 0.02);
  EXPECT_FLOAT_EQ(CommandedJoints(scene)[scene.GetRobot().arms[0].joint_ids.size()], 1.0F);
}

TEST_P(ControllerTest, HoldsACubeInTheAirWhileTheArmMoves) {
  const auto [x, y] = Spot();
  Scene scene = TableTop(GetParam(), Cube(x, y, 0.1));
  PickCube(scene);
  const int cube = scene.BodyId("cube");
  ASSERT_TRUE(scene.IsGrasped(0, cube));
  const auto in_tool = [&] { return scene.BodyPosition(cube)[2] - scene.ToolPose(0).position[2]; };
  const double before = in_tool();
  MoveTo(scene, {x + 0.05, y + 0.1, 0.15}, 0.0, 1.0);
  MoveTo(scene, {x - 0.05, y - 0.1, 0.17}, 0.0, 1.0);
  MoveTo(scene, {x, y, 0.12}, 0.0, 1.0);
  EXPECT_TRUE(scene.IsGrasped(0, cube));
  EXPECT_NEAR(in_tool(), before, 3e-3);  // it has not slipped
  EXPECT_NEAR(scene.BodyPosition(cube)[2], 0.12, 0.01);
  EXPECT_EQ(scene.WarningCount(), 0);
}

TEST_P(ControllerTest, LiftsHalfAKilogram) {
  const auto [x, y] = Spot();
  Scene scene = TableTop(GetParam(), Cube(x, y, 0.5));
  PickCube(scene);
  const int cube = scene.BodyId("cube");
  EXPECT_TRUE(scene.IsGrasped(0, cube));
  EXPECT_NEAR(scene.BodyPosition(cube)[2], 0.175, 0.01);
  EXPECT_NEAR(scene.ToolPose(0).position[2], 0.175, 3e-3);  // the servos give way by less than this
  Hold(scene, 0.0, 1.0);
  EXPECT_NEAR(scene.BodyPosition(cube)[2], 0.175, 0.01);
}

INSTANTIATE_TEST_SUITE_P(Robots, ControllerTest, ::testing::Values("panda", "agilex"),
                         [](const auto& instance) { return instance.param; });

}  // namespace
}  // namespace divla
