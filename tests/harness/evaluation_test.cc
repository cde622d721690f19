#include "harness/evaluation.h"

#include <gtest/gtest.h>

#include <cmath>

#include "harness/episode.h"
#include "tasks/registry.h"
#include "tests/harness/expect_error.h"
#include "tests/harness/fake_policy.h"
#include "tests/harness/short_task.h"
#include "tests/support/mujoco_warning_guard.h"

namespace divla {
namespace {

constexpr const char* kTask = "cube_to_coloured_box";

Suite SmallSuite(const std::vector<std::string>& tasks, int episodes, int group_size) {
  Suite suite{.name = "small", .version = 1, .summary = "", .seed = 3, .group_size = group_size, .cells = {}};
  for (const std::string& task : tasks) suite.cells.push_back({task, "none", 0, episodes});
  return suite;
}

std::vector<std::string> AllNames() {
  std::vector<std::string> names;
  for (const Task* task : AllTasks()) names.push_back(task->Spec().name);
  return names;
}

AgentFactory Named(const std::string& policy) {
  return [policy](RendererSource renderer) { return MakeAgent(policy, std::move(renderer)); };
}

AgentFactory Fake(PolicyRequirements wants, FakePolicy::Calls* calls, FakePolicy::Answer answer = {}) {
  return [=](RendererSource renderer) {
    return MakePolicyAgent(std::make_unique<FakePolicy>(wants, calls, answer), std::move(renderer));
  };
}

EvaluationOptions Plain(int workers = 1) {
  return {.workers = workers, .frames = ReportFrames::kNone, .stop = {}, .find_task = {}};
}

class EvaluationTest : public ::testing::Test {
 protected:
  EvaluationOptions Short(int horizon) {
    task_ = std::make_unique<ShortTask>(kTask, horizon);
    EvaluationOptions options = Plain();
    options.find_task = [this](const std::string&) -> const Task& { return *task_; };
    return options;
  }
  MujocoWarningGuard guard_;
  std::unique_ptr<ShortTask> task_;
};

TEST_F(EvaluationTest, BytesDoNotDependOnTheNumberOfWorkers) {
  const Suite suite = SmallSuite(AllNames(), 3, 2);
  for (const char* policy : {"random", "expert"}) {
    const std::string alone = EpisodeLines(Evaluate(suite, Named(policy), Plain(1), {}, nullptr).records);
    EXPECT_EQ(alone, EpisodeLines(Evaluate(suite, Named(policy), Plain(2), {}, nullptr).records)) << policy;
    EXPECT_EQ(alone, EpisodeLines(Evaluate(suite, Named(policy), Plain(5), {}, nullptr).records)) << policy;
    EXPECT_EQ(std::count(alone.begin(), alone.end(), '\n'), suite.Episodes());
  }
}

TEST_F(EvaluationTest, AnEpisodeDoesNotDependOnWhatElseRuns) {
  const auto all = Evaluate(SmallSuite({kTask}, 4, 4), Named("random"), Plain(), {}, nullptr).records;
  const auto other_groups = Evaluate(SmallSuite({kTask}, 4, 1), Named("random"), Plain(), {}, nullptr).records;
  EXPECT_EQ(EpisodeLines(all), EpisodeLines(other_groups));  // random has no state that a batch could mix
  Suite other_seed = SmallSuite({kTask}, 4, 4);
  other_seed.seed = 4;
  EXPECT_NE(EpisodeLines(all), EpisodeLines(Evaluate(other_seed, Named("random"), Plain(), {}, nullptr).records));
}

TEST_F(EvaluationTest, TheExpertSucceedsAndHoldingDoesNot) {
  const Suite suite = SmallSuite(AllNames(), 2, 2);
  for (const EpisodeRecord& record : Evaluate(suite, Named("expert"), Plain(2), {}, nullptr).records) {
    EXPECT_TRUE(record.success) << ToString(record.key);
    EXPECT_EQ(record.termination, Termination::kSuccess);
    EXPECT_EQ(record.failure, "none");
    EXPECT_EQ(record.progress, 1.0);
    EXPECT_EQ(record.reasoning.queries, 0);
  }
  for (const EpisodeRecord& record : Evaluate(suite, Named("hold"), Plain(2), {}, nullptr).records) {
    EXPECT_FALSE(record.success_once) << ToString(record.key);
    EXPECT_EQ(record.termination, Termination::kHorizon);
    EXPECT_EQ(record.steps, FindTask(record.key.task).Spec().horizon);
    EXPECT_DOUBLE_EQ(record.sim_seconds, record.steps * 0.05);
    EXPECT_EQ(record.failure, "not_reached");
  }
}

TEST_F(EvaluationTest, OneBatchPerQueryAndOnlyThePicturesAskedFor) {
  FakePolicy::Calls calls;
  PolicyRequirements wants;
  wants.n_action_steps = 5;
  Evaluate(SmallSuite({kTask}, 5, 3), Fake(wants, &calls), Short(11), {}, nullptr);
  EXPECT_EQ(calls.resets, (std::vector<int>{3, 2}));
  EXPECT_EQ(calls.batches, (std::vector<int>{3, 3, 3, 2, 2, 2}));  // steps 0, 5 and 10
  EXPECT_EQ(calls.seeds.size(), 5u);
  EXPECT_EQ(std::set<std::size_t>(calls.images.begin(), calls.images.end()), std::set<std::size_t>{0});
}

TEST_F(EvaluationTest, PicturesArriveInTheSizeAskedForAndAreHashed) {
  FakePolicy::Calls calls;
  PolicyRequirements wants{.cameras = {"left", "wrist"}, .image_height = 32, .image_width = 48};
  wants.n_action_steps = 8;
  std::size_t bytes = 0;
  const auto see = [&](const Query& query, PolicyOutput&) { bytes = query.observation->images.at("wrist").rgb.size(); };
  const auto records = Evaluate(SmallSuite({kTask}, 2, 2), Fake(wants, &calls, see), Short(9), {}, nullptr).records;
  EXPECT_EQ(bytes, 32u * 48u * 3u);
  EXPECT_EQ(calls.images, (std::vector<std::size_t>{2, 2, 2, 2}));
  EXPECT_NE(records[0].hash.frames, records[1].hash.frames);
}

TEST_F(EvaluationTest, NamesWhatDrewThePolicysPictures) {
  PolicyRequirements wants{.cameras = {"left"}, .image_height = 32, .image_width = 32};
  EvaluationOptions options = Short(3);
  options.frames = ReportFrames::kAll;
  const auto sees = Evaluate(SmallSuite({kTask}, 1, 1), Fake(wants, nullptr), options, {}, nullptr);
  EXPECT_TRUE(sees.renderer.starts_with("software ")) << sees.renderer;
  // A policy without cameras looked at nothing, whatever drew the pictures of the report.
  EXPECT_EQ(Evaluate(SmallSuite({kTask}, 1, 1), Fake({}, nullptr), options, {}, nullptr).renderer, "none");
  options.renderer = RendererKind::kGl;
  try {
    MakeGlRenderer();
  } catch (const MachineError& error) {
    GTEST_SKIP() << error.what();
  }
  const auto by_gl = Evaluate(SmallSuite({kTask}, 1, 1), Fake(wants, nullptr), options, {}, nullptr);
  EXPECT_TRUE(by_gl.renderer.starts_with("gl (")) << by_gl.renderer;
  EXPECT_EQ(by_gl.records[0].hash.initial_state, sees.records[0].hash.initial_state);
  EXPECT_NE(by_gl.records[0].hash.frames, sees.records[0].hash.frames);
}

TEST_F(EvaluationTest, PicturesDoNotDependOnTheNumberOfWorkers) {
  PolicyRequirements wants{.cameras = {"left", "wrist"}, .image_height = 32, .image_width = 32};
  wants.n_action_steps = 2;
  const Suite suite = SmallSuite({kTask}, 6, 2);
  EvaluationOptions options = Short(5);
  const std::string alone = EpisodeLines(Evaluate(suite, Fake(wants, nullptr), options, {}, nullptr).records);
  options.workers = 3;
  EXPECT_EQ(alone, EpisodeLines(Evaluate(suite, Fake(wants, nullptr), options, {}, nullptr).records));
}

TEST_F(EvaluationTest, ACrashingPolicyFailsItsEpisodeOnly) {
  const auto crash = [](const Query& query, PolicyOutput&) {
    if (query.episode == 1 && query.query_number == 1) throw std::runtime_error("out of ideas");
  };
  PolicyRequirements wants;
  wants.n_action_steps = 4;
  std::string reason;
  const auto sink = [&](const FinishedEpisode& finished) {
    if (!finished.policy_error.empty()) reason = finished.policy_error;
  };
  const auto records =
      Evaluate(SmallSuite({kTask}, 3, 3), Fake(wants, nullptr, crash), Short(9), sink, nullptr).records;
  ASSERT_EQ(records.size(), 3u);
  EXPECT_EQ(records[1].termination, Termination::kPolicyError);
  EXPECT_EQ(records[1].failure, "policy_error");
  EXPECT_EQ(records[1].steps, 4);
  EXPECT_EQ(reason, "out of ideas");
  EXPECT_EQ(records[0].termination, Termination::kHorizon);
  EXPECT_EQ(records[2].steps, 9);
}

TEST_F(EvaluationTest, BadAnswersAreThePolicysFailure) {
  const std::vector<FakePolicy::Answer> spoil{
      [](const Query&, PolicyOutput& out) { out.actions.values[3] = std::nanf(""); },
      [](const Query&, PolicyOutput& out) { out.actions.dim = 1; },
      [](const Query&, PolicyOutput& out) { out.actions.size = 2; },
      [](const Query&, PolicyOutput& out) { out.actions.size = -1; },
      [](const Query&, PolicyOutput& out) { out.actions.values.pop_back(); },
      [](const Query&, PolicyOutput& out) { out.actions.kind = ActionKind::kEndEffectorPose; },
  };
  PolicyRequirements wants;
  wants.n_action_steps = 4;
  for (const auto& answer : spoil) {
    const auto records =
        Evaluate(SmallSuite({kTask}, 1, 1), Fake(wants, nullptr, answer), Short(5), {}, nullptr).records;
    EXPECT_EQ(records.at(0).termination, Termination::kPolicyError);
    EXPECT_EQ(records.at(0).steps, 0);
  }
}

TEST_F(EvaluationTest, AFailingMachineStopsTheRun) {
  const auto fail = [](const Query&, PolicyOutput&) { throw MachineError("the disk is gone"); };
  ExpectError<MachineError>(
      [&] { Evaluate(SmallSuite({kTask}, 1, 1), Fake({}, nullptr, fail), Short(5), {}, nullptr); },
      {"the disk is gone"});
}

TEST_F(EvaluationTest, AFalsePremiseIsAnErrorOfTheSuite) {
  EvaluationOptions options = Short(5);
  task_->false_premise_at = 1;
  ExpectError<InputError>([&] { Evaluate(SmallSuite({kTask}, 3, 2), Named("hold"), options, {}, nullptr); },
                          {"cube_to_coloured_box.none.0.0001", "sunny", "3 lux"});
}

TEST_F(EvaluationTest, ReasoningIsScoredAgainstTheTruthOfTheMoment) {
  const Task& task = FindTask(kTask);
  const auto speak = [&](const Query& query, PolicyOutput& out) {
    const EpisodePlan plan = task.Draw(3, {kTask, "none", 0, query.episode});
    out.reasoning.text = query.query_number == 1 ? "I have no idea." : task.Truth(task.Build(plan), plan).text;
  };
  PolicyRequirements wants;
  wants.n_action_steps = 3;
  std::vector<ReasoningEntry> entries;
  const auto sink = [&](const FinishedEpisode& finished) { entries = finished.log.reasoning; };
  const auto records =
      Evaluate(SmallSuite({kTask}, 1, 1), Fake(wants, nullptr, speak), Short(9), sink, nullptr).records;
  EXPECT_EQ(records[0].reasoning.queries, 3);
  EXPECT_EQ(records[0].reasoning.correct, 2);
  EXPECT_EQ(records[0].reasoning.first_wrong_step, 3);
  EXPECT_EQ(records[0].reasoning.faithful, 0);  // nothing was ever held
  ASSERT_EQ(entries.size(), 3u);
  EXPECT_EQ(entries[1].said, "I have no idea.");
  EXPECT_FALSE(entries[1].required.empty());
}

TEST_F(EvaluationTest, StoppingKeepsWhatIsFinished) {
  std::atomic<int> finished{0};
  EvaluationOptions options = Short(5);
  options.stop = [&] { return finished >= 2; };
  const auto result = Evaluate(
      SmallSuite({kTask}, 6, 2), Named("hold"), options, [&](const FinishedEpisode&) { ++finished; }, nullptr);
  EXPECT_TRUE(result.stopped);
  EXPECT_EQ(result.records.size(), 2u);
}

TEST_F(EvaluationTest, TheLogReplaysToTheSameStates) {
  std::vector<EpisodeLog> logs;
  std::vector<EpisodeRecord> records;
  Evaluate(
      SmallSuite({kTask}, 1, 1), Named("expert"), Plain(),
      [&](const FinishedEpisode& finished) {
        logs.push_back(finished.log);
        records.push_back(finished.record);
      },
      nullptr);
  ASSERT_EQ(logs.size(), 1u);
  const Task& task = FindTask(kTask);
  Episode again(task, task.Draw(logs[0].seed, logs[0].key), 0);
  const auto width = static_cast<std::ptrdiff_t>(logs[0].action_dim);
  for (auto row = logs[0].actions.begin(); row != logs[0].actions.end(); row += width) {
    ASSERT_TRUE(again.Open());
    again.Step(logs[0].action_kind, {.action = {row, row + width}, .reasoning = {}, .error = {}});
  }
  ASSERT_FALSE(again.Open());
  EXPECT_EQ(EpisodeLines({again.Record()}), EpisodeLines(records));
}

}  // namespace
}  // namespace divla
