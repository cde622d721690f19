// Tests for policy/baselines: what hold and random promise beyond the contract of every policy.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "policy/baselines/hold.h"
#include "policy/baselines/random.h"
#include "tests/policy/policy_test_support.h"

namespace divla {
namespace {

ActionChunk Ask(Policy& policy, const RobotInterface& robot, const Observation& observation, std::uint64_t seed,
                int query_number) {
  policy.Reset(robot, 1);
  const Query query{&observation, 0, seed, query_number};
  return policy.Infer({&query, 1})[0].actions;
}

TEST(Hold, RepeatsTheState) {
  HoldPolicy policy;
  for (const RobotInterface& robot : TestRobots()) {
    Observation observation = TestObservation(robot, policy.Requirements(robot), 3);
    observation.state[2] = 9.0F;  // even outside the limits: holding is not steering back
    const ActionChunk chunk = Ask(policy, robot, observation, 1, 0);
    ASSERT_EQ(chunk.size, 16);
    for (int step = 0; step < chunk.size; ++step) {
      EXPECT_TRUE(std::ranges::equal(chunk.Row(step), observation.state)) << "step " << step;
    }
  }
  EXPECT_EQ(policy.Requirements(TestRobot("panda")).n_action_steps, 8);
  EXPECT_TRUE(policy.Requirements(TestRobot("panda")).cameras.empty());
}

TEST(Random, StreamIsNamedBySeedAndQueryOnly) {
  RandomPolicy policy;
  const RobotInterface robot = TestRobot("panda");
  const Observation observation = TestObservation(robot, policy.Requirements(robot));
  const ActionChunk chunk = Ask(policy, robot, observation, 5, 2);
  Ask(policy, robot, observation, 6, 0);
  EXPECT_EQ(Ask(policy, robot, observation, 5, 2).values, chunk.values);
  EXPECT_NE(Ask(policy, robot, observation, 5, 3).values, chunk.values);
  EXPECT_NE(Ask(policy, robot, observation, 6, 2).values, chunk.values);
  // The place in a batch does not matter.
  const Query batch[] = {{&observation, 0, 8, 0}, {&observation, 1, 5, 2}};
  EXPECT_EQ(policy.Infer(batch)[1].actions.values, chunk.values);
}

TEST(Random, StaysInsideTheLimits) {
  RandomPolicy policy;
  for (RobotInterface robot : TestRobots()) {
    for (std::size_t i = 0; i < robot.low.size(); ++i) {
      if (robot.high[i] == 1.5F) robot.low[i] = robot.home[i] - 0.02F, robot.high[i] = robot.home[i] + 0.02F;
    }
    const Observation observation = TestObservation(robot, policy.Requirements(robot));
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
      const ActionChunk chunk = Ask(policy, robot, observation, seed, 0);
      for (int step = 0; step < chunk.size; ++step) {
        for (std::size_t i = 0; i < robot.low.size(); ++i) {
          EXPECT_GE(chunk.Row(step)[i], robot.low[i]);
          EXPECT_LE(chunk.Row(step)[i], robot.high[i]);
        }
      }
    }
  }
}

TEST(Random, StepsHaveTheStatedSizeAndGrippersTheStatedRate) {
  RandomPolicy policy;
  const RobotInterface robot = TestRobot("agilex");
  Observation observation = TestObservation(robot, policy.Requirements(robot));
  std::fill(observation.state.begin(), observation.state.end(), 0.0F);
  double sum = 0;
  double squares = 0;
  int steps = 0;
  int flips = 0;
  int gripper_steps = 0;
  std::set<float> openings;
  for (std::uint64_t seed = 0; seed < 400; ++seed) {
    const ActionChunk chunk = Ask(policy, robot, observation, seed, 0);
    for (int step = 0; step < chunk.size; ++step) {
      for (std::size_t i = 0; i < 14; ++i) {
        const float before = step == 0 ? observation.state[i] : chunk.Row(step - 1)[i];
        const double move = chunk.Row(step)[i] - before;
        if (i == 6 || i == 13) {
          ++gripper_steps;
          flips += move != 0 ? 1 : 0;
          openings.insert(chunk.Row(step)[i]);
        } else {
          ++steps;
          sum += move;
          squares += move * move;
        }
      }
    }
  }
  // 76,800 joint steps and 12,800 gripper steps: four standard errors.
  EXPECT_NEAR(sum / steps, 0, 4 * 0.05 / std::sqrt(steps));
  EXPECT_NEAR(std::sqrt(squares / steps), 0.05, 4 * 0.05 / std::sqrt(2.0 * steps));
  EXPECT_NEAR(static_cast<double>(flips) / gripper_steps, 0.05, 4 * std::sqrt(0.05 * 0.95 / gripper_steps));
  EXPECT_EQ(openings, (std::set<float>{0, 1}));
}

}  // namespace
}  // namespace divla
