#include "harness/environment/environment_batch.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <mutex>

#include "harness/evaluation.h"
#include "tests/harness/expect_error.h"
#include "tests/harness/fake_policy.h"
#include "tests/harness/short_task.h"
#include "tests/support/mujoco_warning_guard.h"

namespace divla {
namespace {

constexpr const char* kTask = "cube_to_coloured_box";
constexpr std::uint64_t kSeed = 3;

struct Played {
  EpisodeRecord record;
  EpisodeLog log;
};

// What an evaluation makes of `episodes` episodes, by index.
std::map<int, Played> Evaluated(const Task& task, const std::string& axis, int level, int episodes,
                                const AgentFactory& agents) {
  Suite suite{.name = "small", .version = 1, .summary = "", .seed = kSeed, .group_size = 2, .cells = {}};
  suite.cells.push_back({task.Spec().name, axis, level, episodes});
  EvaluationOptions options{.workers = 1, .frames = ReportFrames::kNone, .stop = {}, .find_task = {}};
  options.find_task = [&](const std::string&) -> const Task& { return task; };
  std::map<int, Played> played;
  Evaluate(
      suite, agents, options,
      [&](const FinishedEpisode& episode) {
        played[episode.record.key.index] = {episode.record, episode.log};
      },
      nullptr);
  return played;
}

// A policy that looks at every step and moves each episode in its own way.
AgentFactory Waving(const std::vector<std::string>& cameras) {
  return [cameras](RendererSource renderer) {
    PolicyRequirements wants{.cameras = cameras, .image_height = 24, .image_width = 32};
    const auto wave = [](const Query& query, PolicyOutput& output) {
      const auto turn = static_cast<float>(query.noise_seed % 7) - 3.0F;
      for (float& value : output.actions.values) value += 0.05F * turn;
    };
    return MakePolicyAgent(std::make_unique<FakePolicy>(wants, nullptr, wave), std::move(renderer));
  };
}

BatchOptions Small(int size, int threads = 1, Autoreset autoreset = Autoreset::kDisabled) {
  BatchOptions options;
  options.environment.height = 24;
  options.environment.width = 32;
  options.environment.cameras = {"left", "wrist"};
  options.size = size;
  options.threads = threads;
  options.autoreset = autoreset;
  return options;
}

std::vector<std::optional<EpisodeChoice>> FirstEpisodes(int count) {
  std::vector<std::optional<EpisodeChoice>> choices;
  for (int i = 0; i < count; ++i) choices.push_back(EpisodeChoice{kSeed, i});
  return choices;
}

// An action for each environment, another one at each step: near home, so that nothing breaks.
std::vector<float> Actions(const EnvironmentBatch& batch, int step) {
  std::vector<float> actions;
  for (int i = 0; i < batch.Size(); ++i) {
    for (const float joint : batch.Shape().robot.home) {
      actions.push_back(joint + 0.1F * std::sin(0.7F * static_cast<float>(step + 3 * i)));
    }
  }
  return actions;
}

// Everything that the last call left of one environment, as text that compares.
std::string Everything(const EnvironmentBatch& batch, int i) {
  const ObservationBatch& seen = batch.Observations();
  const auto part = [&](const auto& all) {
    const std::size_t size = all.size() / static_cast<std::size_t>(batch.Size());
    const auto* first = all.data() + static_cast<std::size_t>(i) * size;
    return HashHex(first, size * sizeof *first) + "\n";
  };
  std::string text;
  for (const auto& camera : seen.images) text += part(camera);
  text += part(seen.state) + part(seen.tool) + seen.instructions.at(static_cast<std::size_t>(i)) + "\n";
  const EnvironmentStep& result = batch.Result(i);
  const EnvironmentReport report = batch.Report(i);
  text += std::to_string(result.reward) + " " + std::to_string(result.terminated) + std::to_string(result.truncated) +
          " " + ToString(report.key) + " " + std::to_string(report.steps) + " " + report.hash.initial_state + " " +
          report.hash.states + " " + report.hash.frames + "\n";
  return text;
}

class EnvironmentBatchTest : public ::testing::Test {
 protected:
  MujocoWarningGuard guard_;
};

TEST_F(EnvironmentBatchTest, PlaysTheEpisodesOfAnEvaluation) {
  struct Case {
    std::string task, axis;
    int level;
    std::vector<std::string> cameras;
  };
  const Case cases[] = {{kTask, "none", 0, {"left", "wrist"}},
                        {kTask, "environment_sensor_noise", 3, {"wrist"}},
                        {"object_selection", "environment_lighting", 5, {"right", "left"}},
                        {"transfer_cube", "none", 0, {"cam_high", "cam_right_wrist"}}};
  for (const Case& one : cases) {
    SCOPED_TRACE(one.task + " " + one.axis);
    const ShortTask task(one.task, 6);
    const auto played = Evaluated(task, one.axis, one.level, 3, Waving(one.cameras));
    ASSERT_EQ(played.size(), 3U);
    BatchOptions options = Small(3, 2);
    options.environment.axis = one.axis;
    options.environment.level = one.level;
    options.environment.cameras = one.cameras;
    EnvironmentBatch batch(task, options);
    batch.Reset(FirstEpisodes(3));
    for (int step = 0; step < 6; ++step) {
      std::vector<float> actions;
      for (const auto& [index, episode] : played) {
        const auto action = episode.log.Action(step);
        actions.insert(actions.end(), action.begin(), action.end());
      }
      batch.Step(actions);
    }
    for (const auto& [index, episode] : played) {
      const EpisodeRecord& record = episode.record;
      const EnvironmentReport report = batch.Report(index);
      EXPECT_EQ(ToString(report.key), ToString(record.key));
      EXPECT_EQ(report.instruction, record.instruction);
      EXPECT_EQ(report.hash.scene, record.hash.scene);
      EXPECT_EQ(report.hash.initial_state, record.hash.initial_state);
      EXPECT_EQ(report.hash.actions, record.hash.actions);
      EXPECT_EQ(report.hash.states, record.hash.states);
      EXPECT_EQ(report.hash.frames, record.hash.frames);
      EXPECT_EQ(report.steps, record.steps);
      EXPECT_EQ(report.termination, "horizon");
      EXPECT_EQ(report.failure, record.failure);
      EXPECT_TRUE(batch.Result(index).truncated);
      EXPECT_FALSE(batch.Result(index).terminated);
    }
  }
}

// The arrays hold what was hashed. The last observation is in no hash: no policy is asked after the end.
TEST_F(EnvironmentBatchTest, ShowsWhatAPolicyIsShown) {
  const ShortTask task(kTask, 5);
  const auto played = Evaluated(task, "environment_sensor_noise", 2, 1, Waving({"left", "wrist"}));
  BatchOptions options = Small(1);
  options.environment.axis = "environment_sensor_noise";
  options.environment.level = 2;
  EnvironmentBatch batch(task, options);
  batch.Reset(FirstEpisodes(1));
  Hasher seen;
  for (int step = 0; step < 5; ++step) {
    for (const auto& camera : batch.Observations().images) seen.Add(std::span<const std::uint8_t>(camera));
    batch.Step(played.at(0).log.Action(step));
  }
  EXPECT_EQ(seen.Hex(), played.at(0).record.hash.frames);
}

TEST_F(EnvironmentBatchTest, RewardsAndEndsASuccessOfTheExpert) {
  const Task& task = FindTask(kTask);
  const auto played =
      Evaluated(task, "none", 0, 1, [](RendererSource renderer) { return MakeAgent("expert", std::move(renderer)); });
  const EpisodeLog& log = played.at(0).log;
  ASSERT_TRUE(played.at(0).record.success);
  for (const RewardKind kind : {RewardKind::kSparse, RewardKind::kProgress}) {
    BatchOptions options = Small(1);
    options.environment.cameras = std::vector<std::string>{};
    options.environment.action_kind = ActionKind::kEndEffectorPose;
    options.environment.reward = kind;
    EnvironmentBatch batch(task, options);
    batch.Reset(FirstEpisodes(1));
    double sum = 0;
    int rewarded = 0;
    for (int step = 0; step < log.Steps(); ++step) {
      ASSERT_FALSE(batch.Result(0).terminated || batch.Result(0).truncated) << step;
      EXPECT_FALSE(batch.Report(0).success);
      batch.Step(log.Action(step));
      sum += batch.Result(0).reward;
      rewarded += batch.Result(0).reward != 0 ? 1 : 0;
    }
    EXPECT_TRUE(batch.Result(0).terminated);
    EXPECT_FALSE(batch.Result(0).truncated);
    EXPECT_NEAR(sum, 1.0, 1e-12);
    EXPECT_EQ(rewarded == 1, kind == RewardKind::kSparse);
    const EnvironmentReport report = batch.Report(0);
    EXPECT_TRUE(report.success && report.goal_now && report.goal_once && report.goal_held);
    EXPECT_EQ(report.termination, "success");
    EXPECT_EQ(report.hash.states, played.at(0).record.hash.states);
    EXPECT_EQ(report.objects.placed, report.objects.total);
  }
}

TEST_F(EnvironmentBatchTest, BytesDoNotDependOnTheNumberOfThreads) {
  const ShortTask task(kTask, 3);
  for (const Autoreset autoreset : {Autoreset::kNextStep, Autoreset::kSameStep}) {
    std::vector<std::string> runs;
    for (const int threads : {1, 2, 5}) {
      EnvironmentBatch batch(task, Small(5, threads, autoreset));
      EXPECT_EQ(batch.Threads(), threads);
      batch.Reset(FirstEpisodes(5));
      std::string run;
      for (int step = 0; step < 9; ++step) {
        batch.Step(Actions(batch, step));
        for (int i = 0; i < 5; ++i) run += Everything(batch, i);
      }
      runs.push_back(run);
    }
    EXPECT_EQ(runs[0], runs[1]);
    EXPECT_EQ(runs[0], runs[2]);
  }
}

TEST_F(EnvironmentBatchTest, ResetsOnlyWhatIsMarked) {
  const ShortTask task(kTask, 9);
  EnvironmentBatch batch(task, Small(3, 2));
  EnvironmentBatch untouched(task, Small(3));
  batch.Reset(FirstEpisodes(3));
  untouched.Reset(FirstEpisodes(3));
  for (int step = 0; step < 2; ++step) {
    batch.Step(Actions(batch, step));
    untouched.Step(Actions(batch, step));
  }
  batch.Reset(std::vector<std::optional<EpisodeChoice>>{std::nullopt, EpisodeChoice{8, 4}, std::nullopt});
  EXPECT_EQ(Everything(batch, 0), Everything(untouched, 0));
  EXPECT_EQ(Everything(batch, 2), Everything(untouched, 2));
  EXPECT_EQ(batch.Report(1).steps, 0);
  EXPECT_EQ(batch.Report(1).choice.seed, 8U);
  EnvironmentBatch fresh(task, Small(1));
  fresh.Reset(std::vector<std::optional<EpisodeChoice>>{EpisodeChoice{8, 4}});
  EXPECT_EQ(Everything(batch, 1), Everything(fresh, 0));

  batch.ResetToNext({false, true, false});
  EXPECT_EQ(batch.Report(1).choice.index, 5);
  EXPECT_EQ(batch.Report(1).choice.seed, 8U);
  EXPECT_EQ(Everything(batch, 2), Everything(untouched, 2));
  batch.Step(Actions(batch, 2));
  untouched.Step(Actions(batch, 2));
  EXPECT_EQ(Everything(batch, 0), Everything(untouched, 0));
  EXPECT_EQ(Everything(batch, 2), Everything(untouched, 2));
  EXPECT_EQ(batch.Report(1).steps, 1);
}

TEST_F(EnvironmentBatchTest, WithoutAutoresetTheCallerResetsWhatIsOver) {
  const ShortTask task(kTask, 3);
  EnvironmentBatch batch(task, Small(2));
  batch.Reset(FirstEpisodes(2));
  batch.Step(Actions(batch, 0));
  batch.ResetToNext({false, true});
  for (int step = 1; step < 3; ++step) batch.Step(Actions(batch, step));
  EXPECT_TRUE(batch.Result(0).truncated);
  EXPECT_FALSE(batch.Result(1).truncated);
  const std::string before = Everything(batch, 1);
  ExpectError<InputError>([&] { batch.Step(Actions(batch, 3)); }, {"environment 0 is over"});
  EXPECT_EQ(Everything(batch, 1), before) << "nothing moved";
  batch.ResetToNext({true, false});
  EXPECT_FALSE(batch.Result(0).truncated);
  batch.Step(Actions(batch, 3));
  EXPECT_EQ(batch.Report(0).steps, 1);
  EXPECT_TRUE(batch.Result(1).truncated);
}

TEST_F(EnvironmentBatchTest, AutoresetGoesOnWithTheNextEpisode) {
  const ShortTask task(kTask, 3);
  EnvironmentBatch plain(task, Small(1));
  plain.Reset(FirstEpisodes(1));
  for (int step = 0; step < 3; ++step) plain.Step(Actions(plain, step));
  const std::string last = Everything(plain, 0);
  plain.ResetToNext({true});
  const std::string next = Everything(plain, 0);

  EnvironmentBatch next_step(task, Small(1, 1, Autoreset::kNextStep));
  next_step.Reset(FirstEpisodes(1));
  for (int step = 0; step < 3; ++step) next_step.Step(Actions(plain, step));
  EXPECT_EQ(Everything(next_step, 0), last);
  // Its action is ignored, whatever it is.
  next_step.Step(std::vector<float>(plain.Shape().robot.home.size(), std::numeric_limits<float>::quiet_NaN()));
  EXPECT_EQ(Everything(next_step, 0), next);
  EXPECT_EQ(next_step.Report(0).choice.index, 1);
  EXPECT_FALSE(next_step.Final(0).has_value());

  EnvironmentBatch same_step(task, Small(1, 1, Autoreset::kSameStep));
  same_step.Reset(FirstEpisodes(1));
  for (int step = 0; step < 2; ++step) same_step.Step(Actions(plain, step));
  EXPECT_FALSE(same_step.Final(0).has_value());
  same_step.Step(Actions(plain, 2));
  EXPECT_TRUE(same_step.Result(0).truncated) << "of the episode that ended";
  EXPECT_EQ(same_step.Report(0).choice.index, 1);
  EXPECT_EQ(same_step.Report(0).steps, 0);
  ASSERT_TRUE(same_step.Final(0).has_value());
  EXPECT_EQ(same_step.Final(0)->report.choice.index, 0);
  EXPECT_EQ(same_step.Final(0)->report.termination, "horizon");
  const ObservationBatch& fresh = plain.Observations();
  EXPECT_EQ(same_step.Observations().images, fresh.images);
  EXPECT_EQ(same_step.Observations().state, fresh.state);
  const ObservationBatch ended = same_step.Final(0)->observation;
  EXPECT_NE(ended.images, fresh.images);
  plain.Reset(FirstEpisodes(1));
  for (int step = 0; step < 3; ++step) plain.Step(Actions(plain, step));
  EXPECT_EQ(ended.images, plain.Observations().images);
  EXPECT_EQ(ended.state, plain.Observations().state);
  EXPECT_EQ(ended.tool, plain.Observations().tool);
  EXPECT_EQ(ended.instructions, plain.Observations().instructions);
  same_step.Step(Actions(plain, 0));
  EXPECT_FALSE(same_step.Final(0).has_value());
}

TEST_F(EnvironmentBatchTest, PassesOverEpisodesThatCannotBeginUnlessNamed) {
  ShortTask task(kTask, 2);
  task.false_premise_at = 1;
  EnvironmentBatch batch(task, Small(1, 1, Autoreset::kSameStep));
  batch.Reset(FirstEpisodes(1));
  batch.Step(Actions(batch, 0));
  batch.Step(Actions(batch, 1));
  EXPECT_EQ(batch.Report(0).choice.index, 2);
  const std::vector<std::optional<EpisodeChoice>> named = {EpisodeChoice{kSeed, 1}};
  ExpectError<InputError>([&] { batch.Reset(named); }, {"sunny"});
  ExpectError<InputError>([&] { batch.Step(Actions(batch, 2)); }, {"environment 0 has not begun"});
  ExpectError<InputError>([&] { batch.Report(0); }, {"environment 0"});
}

TEST_F(EnvironmentBatchTest, RefusesWhatDoesNotFit) {
  const ShortTask task(kTask, 5);
  const auto refused = [&](const std::function<void(BatchOptions&)>& spoil, const std::string& word) {
    BatchOptions options = Small(2);
    spoil(options);
    ExpectError<InputError>([&] { EnvironmentBatch(task, options); }, {word});
  };
  refused([](BatchOptions& options) { options.size = 0; }, "num_envs");
  refused([](BatchOptions& options) { options.size = -1; }, "num_envs");
  refused([](BatchOptions& options) { options.size = kMostEnvironments + 1; }, "num_envs");
  refused([](BatchOptions& options) { options.threads = -1; }, "threads");
  refused([](BatchOptions& options) { options.environment.height = 0; }, "height");
  refused([](BatchOptions& options) { options.environment.width = kMostPixels + 1; }, "width");
  refused([](BatchOptions& options) { options.environment.cameras = {"left", "rear"}; }, "rear");
  refused([](BatchOptions& options) { options.environment.cameras = {"left", "left"}; }, "left");
  refused([](BatchOptions& options) { options.environment.axis = "weather"; }, "weather");
  refused([](BatchOptions& options) { options.environment.level = 1; }, "level");

  EnvironmentBatch batch(task, Small(2));
  ExpectError<InputError>([&] { batch.Step(Actions(batch, 0)); }, {"environment 0 has not begun"});
  ExpectError<InputError>([&] { batch.Pictures(10, 10); }, {"environment 0"});
  ExpectError<InputError>([&] { batch.Reset(FirstEpisodes(3)); }, {"2", "3"});
  batch.Reset(FirstEpisodes(2));
  const std::string before = Everything(batch, 0) + Everything(batch, 1);
  std::vector<float> actions = Actions(batch, 0);
  actions.pop_back();
  ExpectError<InputError>([&] { batch.Step(actions); }, {"actions"});
  actions.push_back(std::numeric_limits<float>::infinity());
  ExpectError<InputError>([&] { batch.Step(actions); }, {"finite", "environment 1"});
  EXPECT_EQ(Everything(batch, 0) + Everything(batch, 1), before);
  ExpectError<InputError>(
      [&] {
        batch.Reset(std::vector<std::optional<EpisodeChoice>>{EpisodeChoice{1, -1}, {}});
      },
      {"index", "-1"});
  ExpectError<InputError>([&] { batch.Pictures(0, 10); }, {"environment 0"});
}

TEST_F(EnvironmentBatchTest, ARefusedActionEndsItsOwnEpisodeAlone) {
  const ShortTask task(kTask, 5);
  BatchOptions options = Small(2);
  options.environment.action_kind = ActionKind::kEndEffectorPose;
  EnvironmentBatch batch(task, options);
  batch.Reset(FirstEpisodes(2));
  std::vector<float> actions(20, 0.0F);  // xyz, two rotation rows, gripper; the first environment's rows are zero
  const std::vector<float> good = {0.4F, 0, 0.4F, 1, 0, 0, 0, -1, 0, 1};
  std::copy(good.begin(), good.end(), actions.begin() + 10);
  batch.Step(actions);
  EXPECT_TRUE(batch.Result(0).terminated);
  EXPECT_FALSE(batch.Result(0).truncated);
  EXPECT_EQ(batch.Result(0).reward, 0);
  EXPECT_EQ(batch.Report(0).termination, "policy_error");
  EXPECT_NE(batch.Report(0).error.find("rotation rows"), std::string::npos) << batch.Report(0).error;
  EXPECT_FALSE(batch.Result(1).terminated);
  EXPECT_EQ(batch.Report(1).steps, 1);
  EXPECT_TRUE(batch.Report(1).error.empty());
}

TEST_F(EnvironmentBatchTest, RendersTheFirstCameraOfEach) {
  const ShortTask task(kTask, 5);
  EnvironmentBatch batch(task, Small(2, 2));
  batch.Reset(FirstEpisodes(2));
  const std::vector<Image> pictures = batch.Pictures(24, 32);
  ASSERT_EQ(pictures.size(), 2U);
  EXPECT_EQ(batch.Shape().robot.cameras.front(), "left");
  const auto& left = batch.Observations().images[0];
  std::vector<std::uint8_t> both = pictures[0].rgb;
  both.insert(both.end(), pictures[1].rgb.begin(), pictures[1].rgb.end());
  EXPECT_EQ(both, left);
}

}  // namespace
}  // namespace divla
