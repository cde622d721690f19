#include "harness/training/disturbance.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>

#include "sim/action.h"

namespace divla {
namespace {

constexpr UndisturbedRun kRun{.steps = 60, .closings = 1};
constexpr int kClosesAt = 20, kOpensAt = 32;  // control steps of the scripted commands below

Rng Stream(int episode) { return Rng({7, "task", "none", 0, episode, "demo-disturbance"}); }

// A tool that leans 30 degrees from straight down towards +x, at a fixed place; its z axis is (sin 30, 0, -cos 30).
std::vector<float> Command(double gripper) {
  const auto c = static_cast<float>(std::cos(M_PI / 6)), s = static_cast<float>(std::sin(M_PI / 6));
  // Rotation rows: x axis (c, 0, s), y axis (0, -1, 0), z axis (s, 0, -c) stand in its columns.
  return {0.5f, 0.1f, 0.2f, c, 0.0f, s, 0.0f, -1.0f, 0.0f, static_cast<float>(gripper)};
}

struct Trace {
  std::vector<std::vector<float>> executed;
  std::vector<bool> label;
  int pushes{}, missed{};
};

Trace Play(int episode, int steps = 60) {
  Disturbance disturbance(Stream(episode), 1, kRun);
  Trace trace;
  for (int step = 0; step < steps; ++step) {
    std::vector<float> command = Command(step >= kClosesAt && step < kOpensAt ? 0.0 : 1.0);
    trace.label.push_back(disturbance.Apply(step, command));
    trace.executed.push_back(command);
  }
  trace.pushes = disturbance.Pushes();
  trace.missed = disturbance.MissedGrasps();
  return trace;
}

TEST(ClosingsTest, CountsEdgesOfEveryArm) {
  Closings closings(2);
  std::vector<float> command(20, 0.0f);
  const auto watch = [&](float left, float right) {
    command[9] = left;
    command[19] = right;
    return closings.Watch(command);
  };
  EXPECT_EQ(watch(1, 1), -1);
  EXPECT_EQ(watch(1, 0), 1);
  EXPECT_EQ(watch(0, 0), 0);
  EXPECT_EQ(watch(0, 0.55f), -1);  // a hand-over that opens half way
  EXPECT_EQ(watch(0, 0), 1);
  EXPECT_EQ(closings.Count(), 3);
}

TEST(DisturbanceTest, HappensAsOftenAsTheHeaderSays) {
  std::array<int, 3> by_pushes{};
  int missed = 0;
  for (int episode = 0; episode < 600; ++episode) {
    const Trace trace = Play(episode);
    ASSERT_LE(trace.pushes, 2);
    ++by_pushes[static_cast<std::size_t>(trace.pushes)];
    missed += trace.missed;
  }
  for (const int count : by_pushes) EXPECT_NEAR(count, 200, 40);  // 3.5 standard deviations
  EXPECT_NEAR(missed, 150, 37);
}

TEST(DisturbanceTest, EveryPlannedPushStrikesWhileTheExpertIsAtWork) {
  for (int episode = 0; episode < 300; ++episode) {
    EXPECT_EQ(Play(episode).pushes, Play(episode, 200).pushes) << episode;  // none is left for later
    const Trace trace = Play(episode);
    for (int step = 0; step < 5; ++step) EXPECT_TRUE(trace.label[static_cast<std::size_t>(step)]);
  }
}

TEST(DisturbanceTest, AMissedGraspBacksOffAlongTheToolAndIsNoLabelUntilTheExpertOpens) {
  int seen = 0;
  for (int episode = 0; episode < 300; ++episode) {
    const Trace trace = Play(episode);
    if (trace.missed == 0 || trace.pushes > 0) continue;
    ++seen;
    for (int step = 0; step < 60; ++step) {
      const auto at = static_cast<std::size_t>(step);
      const std::vector<float>& executed = trace.executed[at];
      const bool missing = step >= kClosesAt && step < kClosesAt + 8;
      // Along the axis out of the gripper, which points down: the tool goes back and up.
      const double along = (executed[0] - 0.5) * std::sin(M_PI / 6) - (executed[2] - 0.2) * std::cos(M_PI / 6);
      if (missing) {
        EXPECT_LT(along, -0.04);
        EXPECT_GT(along, -0.08);
        EXPECT_GT(executed[2], 0.2);
      } else {
        EXPECT_NEAR(along, 0, 0.012);  // trembling
      }
      const bool closed = step >= kClosesAt + 4 && step < kOpensAt;
      EXPECT_EQ(executed[9], closed ? 0.0f : 1.0f) << step;
      EXPECT_EQ(trace.label[at], step < kClosesAt || step >= kOpensAt) << step;
    }
  }
  EXPECT_GT(seen, 10);
}

TEST(DisturbanceTest, AnExpertWithoutAClosingMissesNone) {
  for (int episode = 0; episode < 50; ++episode) {
    Disturbance disturbance(Stream(episode), 1, {.steps = 3, .closings = 0});
    std::vector<float> command = Command(1.0);
    for (int step = 0; step < 20; ++step) disturbance.Apply(step, command = Command(1.0));
    EXPECT_EQ(disturbance.MissedGrasps(), 0);
  }
}

}  // namespace
}  // namespace divla
