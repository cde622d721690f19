// What the arm is told while an answer is not there yet, step by step.
#include <gtest/gtest.h>

#include <cmath>

#include "harness/evaluation.h"
#include "harness/records/records.h"
#include "tests/harness/expect_error.h"
#include "tests/harness/fake_policy.h"
#include "tests/harness/short_task.h"
#include "tests/support/mujoco_warning_guard.h"

namespace divla {
namespace {

constexpr const char* kTask = "cube_to_coloured_box";

struct Played {
  EpisodeLog log;
  EpisodeRecord record;
  std::string policy_error;
  std::vector<Observation> seen;  // at each query

  std::vector<int> QuerySteps() const {
    std::vector<int> steps;
    for (const ReasoningEntry& entry : log.reasoning) steps.push_back(entry.step);
    return steps;
  }
  // The first number of each action, in hundredths.
  std::vector<int> Firsts() const {
    std::vector<int> firsts;
    for (int step = 0; step < log.Steps(); ++step) {
      firsts.push_back(static_cast<int>(std::lround(100.0 * static_cast<double>(log.Action(step)[0]))));
    }
    return firsts;
  }
};

// One episode of a policy whose chunks have 16 actions, of which 4 are played. Action r of query q begins with
// q + r / 100 + 1.
Played Play(const SimulatedLatency& latency, int horizon, ActionKind kind = ActionKind::kJointPosition) {
  MujocoWarningGuard guard;
  const ShortTask task(kTask, horizon);
  Played played;
  const auto answer = [&](const Query& query, PolicyOutput& output) {
    played.seen.push_back(*query.observation);
    if (kind == ActionKind::kEndEffectorPose) {
      output.actions = {kind, 16, kEndEffectorActionSize, {}};
      for (int row = 0; row < 16; ++row) {
        output.actions.values.insert(output.actions.values.end(), query.observation->tool.begin(),
                                     query.observation->tool.end());
        output.actions.values.push_back(0.125F);
      }
    }
    for (int row = 0; row < 16; ++row) {
      output.actions.values[static_cast<std::size_t>(row * output.actions.dim)] =
          static_cast<float>(query.query_number + 1) + 0.01F * static_cast<float>(row);
    }
  };
  PolicyRequirements wants{.cameras = {}, .action_kind = kind, .n_action_steps = 4};
  const Suite suite{
      .name = "small", .version = 1, .summary = "", .seed = 3, .group_size = 1, .cells = {{kTask, "none", 0, 1}}};
  Evaluate(
      suite,
      [&](RendererSource renderer) {
        return MakePolicyAgent(std::make_unique<FakePolicy>(wants, nullptr, answer), std::move(renderer), latency);
      },
      {.workers = 1,
       .frames = ReportFrames::kNone,
       .stop = {},
       .find_task = [&](const std::string&) -> const Task& { return task; }},
      [&](const FinishedEpisode& finished) {
        played.log = finished.log;
        played.record = finished.record;
        played.policy_error = finished.policy_error;
      },
      nullptr);
  return played;
}

int StartOf(const Played& played) {
  return static_cast<int>(std::lround(100.0 * static_cast<double>(played.seen.at(0).state.at(0))));
}

TEST(LatencyTest, RoundsUpToControlSteps) {
  EXPECT_EQ(SimulatedLatency{.milliseconds = 0}.Steps(), 0);
  EXPECT_EQ(SimulatedLatency{.milliseconds = 1}.Steps(), 1);
  EXPECT_EQ(SimulatedLatency{.milliseconds = 50}.Steps(), 1);
  EXPECT_EQ(SimulatedLatency{.milliseconds = 51}.Steps(), 2);
  EXPECT_EQ(SimulatedLatency{.milliseconds = kMostLatency}.Steps(), 1200);
}

TEST(LatencyTest, NoneIsNone) {
  const Played played = Play({}, 10);
  EXPECT_EQ(played.Firsts(), (std::vector<int>{100, 101, 102, 103, 200, 201, 202, 203, 300, 301}));
  EXPECT_EQ(played.QuerySteps(), (std::vector<int>{0, 4, 8}));
}

TEST(LatencyTest, HoldStaysAtTheLastCommand) {
  const Played played = Play({.milliseconds = 60, .play = LatencyPlay::kHold}, 14);
  const int start = StartOf(played);  // before the first command: where it is
  EXPECT_EQ(played.Firsts(),
            (std::vector<int>{start, start, 100, 101, 102, 103, 103, 103, 200, 201, 202, 203, 203, 203}));
  EXPECT_EQ(played.QuerySteps(), (std::vector<int>{0, 6, 12}));
}

TEST(LatencyTest, ChunkGoesOnAndSkipsWhatHasPassed) {
  const Played played = Play({.milliseconds = 100, .play = LatencyPlay::kChunk}, 14);
  const int start = StartOf(played);
  EXPECT_EQ(played.Firsts(),
            (std::vector<int>{start, start, 100, 101, 102, 103, 104, 105, 202, 203, 204, 205, 206, 207}));
  EXPECT_EQ(played.QuerySteps(), (std::vector<int>{0, 6, 12}));
}

TEST(LatencyTest, ChunkHoldsWhereTheOldOneEnds) {
  const Played played = Play({.milliseconds = 700, .play = LatencyPlay::kChunk}, 34);  // 14 steps
  const std::vector<int> firsts = played.Firsts();
  ASSERT_EQ(firsts.size(), 34U);
  EXPECT_EQ(firsts[14], 100);
  EXPECT_EQ(firsts[17], 103);  // the query at step 18 is answered at step 32
  EXPECT_EQ(firsts[29], 115);
  EXPECT_EQ(firsts[31], 115);
  EXPECT_EQ(firsts[32], 214);
  EXPECT_EQ(firsts[33], 215);
}

TEST(LatencyTest, AChunkThatIsOverBeforeItComesFailsTheEpisode) {
  const Played played = Play({.milliseconds = 800, .play = LatencyPlay::kChunk}, 60);
  EXPECT_EQ(played.record.termination, Termination::kPolicyError);
  EXPECT_EQ(played.record.steps, 20);
  EXPECT_NE(played.policy_error.find("more actions than the 16 control steps of its latency, found 16"),
            std::string::npos)
      << played.policy_error;
  EXPECT_EQ(Play({.milliseconds = 800, .play = LatencyPlay::kHold}, 60).record.termination, Termination::kHorizon);
}

TEST(LatencyTest, APolicyOfPosesHoldsItsPose) {
  const Played played = Play({.milliseconds = 50}, 3, ActionKind::kEndEffectorPose);
  std::vector<float> expected = played.seen.at(0).tool;
  expected.push_back(played.seen.at(0).state.back());
  const auto found = played.log.Action(0);
  EXPECT_EQ(std::vector<float>(found.begin(), found.end()), expected);
  EXPECT_EQ(played.log.Action(1)[9], 0.125F);
}

TEST(LatencyTest, OnlyPoliciesThink) {
  for (const char* name : {"expert", "replay:nowhere"}) {
    ExpectError<InputError>([&] { MakeAgent(name, nullptr, {}, {.milliseconds = 50}); }, {"--latency-ms", name});
  }
}

}  // namespace
}  // namespace divla
