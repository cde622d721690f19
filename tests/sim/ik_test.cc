#include "sim/ik.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "sim/rng.h"
#include "tests/support/mujoco_fixture.h"

namespace divla {
namespace {

class IkTest : public RobotTest {
 protected:
  void SetUp() override {
    RobotTest::SetUp();
    scene_.push_back(TableTop(GetParam()));
  }
  Scene& World() { return scene_.front(); }
  int ArmCount() { return static_cast<int>(World().GetRobot().arms.size()); }

  std::vector<double> Home(int arm) {
    const Robot& robot = World().GetRobot();
    const std::size_t joints = robot.arms[0].joint_ids.size();
    const auto first =
        robot.spec.home.begin() + static_cast<std::ptrdiff_t>(static_cast<std::size_t>(arm) * (joints + 1));
    return {first, first + static_cast<std::ptrdiff_t>(joints)};
  }

  std::vector<double> RandomJoints(int arm, Rng& rng) {
    const ArmIndex& index = World().GetRobot().arms[static_cast<std::size_t>(arm)];
    std::vector<double> joints;
    for (std::size_t j = 0; j < index.joint_low.size(); ++j) {
      joints.push_back(rng.Uniform(index.joint_low[j], index.joint_high[j]));
    }
    return joints;
  }

  // Where MuJoCo puts the tool at these joints: independent of the solver's own kinematics.
  Pose ToolAt(int arm, const std::vector<double>& joints) {
    std::vector<double> action = World().GetRobot().spec.home;
    std::copy(joints.begin(), joints.end(),
              action.begin() + static_cast<std::ptrdiff_t>(static_cast<std::size_t>(arm) * (joints.size() + 1)));
    World().SetRobot(action);
    World().Forward();
    return World().ToolPose(arm);
  }

  void ExpectReached(int arm, const IkResult& result, const Pose& target) {
    const ArmIndex& index = World().GetRobot().arms[static_cast<std::size_t>(arm)];
    for (std::size_t j = 0; j < result.joints.size(); ++j) {
      EXPECT_GE(result.joints[j], index.joint_low[j]);
      EXPECT_LE(result.joints[j], index.joint_high[j]);
    }
    const Pose reached = ToolAt(arm, result.joints);
    EXPECT_LT(mju_dist3(reached.position.data(), target.position.data()), 5e-4);
    mjtNum turn[3];
    mju_subQuat(turn, reached.rotation.data(), target.rotation.data());
    EXPECT_LT(mju_norm3(turn), 5e-3);
  }

 private:
  std::vector<Scene> scene_;
};

TEST_P(IkTest, ItsKinematicsAreMujocos) {
  Rng rng({.seed = 1, .stream = "ik-kinematics"});
  for (int i = 0; i < 50; ++i) {
    const int arm = i % ArmCount();
    const std::vector<double> joints = RandomJoints(arm, rng);
    const Pose target = ToolAt(arm, joints);
    const IkResult result = SolveIk(World(), arm, target, joints, joints, {.max_iterations = 0});
    EXPECT_LT(result.position_error, 1e-12);
    EXPECT_LT(result.rotation_error, 1e-7);
    EXPECT_EQ(result.joints, joints);
  }
}

TEST_P(IkTest, ReachesRandomReachablePosesFromHome) {
  Rng rng({.seed = 2, .stream = "ik-far"});
  for (int i = 0; i < 200; ++i) {
    SCOPED_TRACE(i);
    const int arm = i % ArmCount();
    const Pose target = ToolAt(arm, RandomJoints(arm, rng));
    const IkResult result =
        SolveIk(World(), arm, target, Home(arm), Home(arm), {.max_iterations = 100, .restarts = 40});
    EXPECT_TRUE(result.converged);
    ExpectReached(arm, result, target);
  }
}

TEST_P(IkTest, FollowsAMovingTargetWithItsDefaultOptions) {
  Rng rng({.seed = 3, .stream = "ik-near"});
  for (int i = 0; i < 200; ++i) {
    SCOPED_TRACE(i);
    const int arm = i % ArmCount();
    const ArmIndex& index = World().GetRobot().arms[static_cast<std::size_t>(arm)];
    const std::vector<double> joints = RandomJoints(arm, rng);
    std::vector<double> start = joints;
    for (std::size_t j = 0; j < start.size(); ++j) {
      start[j] = std::clamp(start[j] + rng.Uniform(-0.1, 0.1), index.joint_low[j], index.joint_high[j]);
    }
    const Pose target = ToolAt(arm, joints);
    const IkResult result = SolveIk(World(), arm, target, start, start);
    EXPECT_TRUE(result.converged);
    ExpectReached(arm, result, target);
  }
}

TEST_P(IkTest, AnUnreachableTargetGivesFiniteJointsInsideTheLimits) {
  for (const double distance : {2.0, 1e6, 1e300}) {
    Pose target = World().ToolPose(0);
    target.position = {distance, 0, 0.3};
    const IkResult result = SolveIk(World(), 0, target, Home(0), Home(0));
    EXPECT_FALSE(result.converged);
    const ArmIndex& index = World().GetRobot().arms[0];
    for (std::size_t j = 0; j < result.joints.size(); ++j) {
      EXPECT_GE(result.joints[j], index.joint_low[j]);
      EXPECT_LE(result.joints[j], index.joint_high[j]);
    }
    // It stretches towards the target.
    if (distance < 10) {
      EXPECT_GT(ToolAt(0, result.joints).position[0], 0.5);
    }
  }
}

TEST_P(IkTest, LeavesTheSceneAloneAndRepeatsItself) {
  Rng rng({.seed = 4, .stream = "ik-repeat"});
  const Pose target = ToolAt(0, RandomJoints(0, rng));
  const std::string before = HashState(World());
  const IkResult first = SolveIk(World(), 0, target, Home(0), Home(0));
  EXPECT_EQ(HashState(World()), before);
  ASSERT_TRUE(SolveIk(World(), 0, ToolAt(0, Home(0)), Home(0), Home(0)).converged);
  EXPECT_EQ(SolveIk(World(), 0, target, Home(0), Home(0)).joints, first.joints);
}

using PandaIkTest = MujocoTest;

TEST_F(PandaIkTest, TheSpareJointGoesTowardsThePosture) {
  const Scene scene = TableTop("panda");
  const auto& home = scene.GetRobot().spec.home;
  const std::vector<double> posture(home.begin(), home.begin() + 7);
  Pose target = scene.ToolPose(0);
  target.position[1] += 0.15;
  std::vector<double> start = posture;
  start[0] = 0.5;
  start[2] = -0.7;  // elbow out
  const auto distance = [&](double gain) {
    const IkResult result = SolveIk(scene, 0, target, start, posture, {.posture_gain = gain});
    EXPECT_TRUE(result.converged);
    double square = 0;
    for (std::size_t j = 0; j < 7; ++j) square += std::pow(result.joints[j] - posture[j], 2);
    return std::sqrt(square);
  };
  EXPECT_LT(distance(0.3), 0.9 * distance(0.0));
}

INSTANTIATE_TEST_SUITE_P(Robots, IkTest, ::testing::Values("panda", "agilex"),
                         [](const auto& instance) { return instance.param; });

}  // namespace
}  // namespace divla
