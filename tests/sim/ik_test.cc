#include "sim/ik.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>
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

// What assets/robots/README.md promises to whoever writes a task.
class ReachTest : public MujocoTest {
 protected:
  static bool Reaches(const Scene& scene, int arm, const Pose& pose) {
    const std::size_t joints = scene.GetRobot().arms[0].joint_ids.size();
    const auto& home = scene.GetRobot().spec.home;
    const auto first = home.begin() + static_cast<std::ptrdiff_t>(static_cast<std::size_t>(arm) * (joints + 1));
    const std::vector<double> rest(first, first + static_cast<std::ptrdiff_t>(joints));
    return SolveIk(scene, arm, pose, rest, rest, {.max_iterations = 100, .restarts = 20}).converged;
  }
};

TEST_F(ReachTest, PandaPointsStraightDownOverTheTable) {
  const Scene scene = TableTop("panda");
  for (const double x : {0.3, 0.4, 0.5, 0.6, 0.65}) {
    for (const double y : {-0.3, 0.0, 0.3}) {
      for (const double z : {0.01, 0.15, 0.3, 0.4}) {
        EXPECT_TRUE(Reaches(scene, 0, {{x, y, z}, {0, 1, 0, 0}})) << x << " " << y << " " << z;
      }
    }
  }
}

TEST_F(ReachTest, EachAgilexArmPointsStraightDownOnItsSide) {
  const Scene scene = TableTop("agilex");
  for (const auto& [z, far] : {std::pair{0.01, 0.4}, {0.05, 0.4}, {0.1, 0.4}, {0.15, 0.4}, {0.2, 0.35}, {0.25, 0.3}}) {
    for (const double x : {0.15, 0.2, 0.25, far}) {
      for (const double y : {0.15, 0.3, 0.45}) {
        EXPECT_TRUE(Reaches(scene, 0, {{x, y, z}, {0, 1, 0, 0}})) << x << " " << y << " " << z;
        EXPECT_TRUE(Reaches(scene, 1, {{x, -y, z}, {0, 1, 0, 0}})) << x << " " << -y << " " << z;
      }
    }
  }
}

TEST_F(ReachTest, TheAgilexArmsMeetInTheMiddle) {
  const Scene scene = TableTop("agilex");
  for (const double below_level : {30.0, 45.0}) {
    // Pointing along +y, turned down: a turn about world x by 90 degrees and more from straight up. Fingers spread
    // along x.
    for (int arm = 0; arm < 2; ++arm) {
      const double side = arm == 0 ? 1.0 : -1.0;
      const double angle = (90.0 + below_level) * mjPI / 180.0;
      const mjtNum up[3] = {0, 0, 1};
      const mjtNum across[3] = {1, 0, 0};
      mjtNum spread[4];
      mjtNum tilt[4];
      Pose pose;
      mju_axisAngle2Quat(spread, up, mjPI / 2);
      mju_axisAngle2Quat(tilt, across, side * angle);
      mju_mulQuat(pose.rotation.data(), tilt, spread);
      mjtNum points[3];
      mju_rotVecQuat(points, up, pose.rotation.data());
      ASSERT_LT(points[1] * side, -0.5);  // inwards
      ASSERT_LT(points[2], -0.4);         // and down
      for (const double x : {0.2, 0.3, 0.4}) {
        for (const double y : {-0.02, 0.0, 0.03}) {
          for (const double z : {0.1, 0.2, 0.3}) {
            pose.position = {x, side * y, z};
            EXPECT_TRUE(Reaches(scene, arm, pose)) << arm << " " << x << " " << y << " " << z << " " << below_level;
          }
        }
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Robots, IkTest, ::testing::Values("panda", "agilex"),
                         [](const auto& instance) { return instance.param; });

}  // namespace
}  // namespace divla
