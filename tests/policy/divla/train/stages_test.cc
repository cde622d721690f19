// Stages, mixed precision, beginning from a checkpoint, resuming after a kill, and validation between steps.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>

#include "policy/divla/divla_policy.h"
#include "policy/file_io.h"
#include "tests/policy/divla/train/small_training.h"

namespace divla {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

struct StagesTest : testing::Test {
  static void SetUpTestSuite() {
    training = std::make_unique<SmallTraining>("stages");
    folder = training->folder;
    base = training->config;
    base["checkpoint_every"] = 4;
    base["log_every"] = 3;
  }
  static void TearDownTestSuite() { training.reset(); }
  static inline std::unique_ptr<SmallTraining> training;
  static inline std::string folder;
  static inline json base;

  static TrainOptions Options(const json& config, const std::string& out) { return training->Options(config, out); }
  static void Train(const json& config, const std::string& out) { TrainDivla(Options(config, out)); }
  static std::string Weights(const std::string& out) { return training->Weights(out); }
  static json Staged() {
    json config = base;
    config["stages"] = {{{"steps", 6}}, {{"steps", 5}, {"learning_rate", 1e-3}, {"precision", "bf16"}}};
    return config;
  }
};

TEST_F(StagesTest, TwoStagesEqualTwoRuns) {
  Train(Staged(), "staged");
  json first = base, second = base;
  first["steps"] = 6;
  second["steps"] = 5, second["learning_rate"] = 1e-3, second["precision"] = "bf16", second["seed"] = 2;
  Train(first, "first");
  EXPECT_EQ(Weights("first"), Weights("staged/stage-1"));
  TrainOptions options = Options(second, "second");
  options.init = folder + "/staged/stage-1";
  TrainDivla(options);
  EXPECT_EQ(Weights("second"), Weights("staged"));
  EXPECT_EQ(Weights("staged/stage-2"), Weights("staged"));
  EXPECT_NE(Weights("staged/stage-1"), Weights("staged"));
  EXPECT_EQ(ReadFile(folder + "/second/training_heads.safetensors"),
            ReadFile(folder + "/staged/training_heads.safetensors"));
  // A stage's folder is a checkpoint.
  EXPECT_EQ(MakeDivlaPolicy("stage", folder + "/staged/stage-1")->Info().weights_sha256.size(), 64U);
}

TEST_F(StagesTest, AnyInterruptionGivesTheSameBytes) {
  Train(Staged(), "whole");
  // In the first stage, at its end, at the second one's first step.
  for (const int stop : {2, 6, 7}) {
    const std::string out = "stopped" + std::to_string(stop);
    TrainOptions options = Options(Staged(), out);
    options.stop_after = stop;
    TrainDivla(options);
    EXPECT_NE(Weights(out), Weights("whole")) << stop;
    options.stop_after = 0;
    options.resume = true;
    TrainDivla(options);
    EXPECT_EQ(Weights(out), Weights("whole")) << stop;
  }
}

// Run by the next test in a process of its own, which is killed at a given moment: after a step, or between writing the
// checkpoint and writing the state.
TEST_F(StagesTest, DISABLED_TrainsUntilKilled) {
  const json order = json::parse(std::getenv("DIVLA_TEST_KILL"));
  TrainOptions options;
  options.config = order.at("config");
  options.data = {order.at("data").get<std::string>()};
  options.out = order.at("out");
  options.resume = true;
  int left = order.at("after");
  const auto die = [&left] {
    if (--left == 0) kill(getpid(), SIGKILL);
  };
  options.interrupted = [&] {
    if (order.at("where") == "step") die();
    return false;
  };
  options.validate = [&](const ValidationRequest&) {
    if (order.at("where") == "writing") die();
    return std::vector<ValidationResult>{{"object_selection", 0, 1}};
  };
  TrainDivla(options);
}

TEST_F(StagesTest, AKilledRunGivesTheSameBytes) {
  json config = Staged();
  config["checkpoint_every"] = 2;
  config["validation"] = {{"every", 3}, {"episodes", 1}, {"seed", 1'000'000'000}};
  Train(config, "unkilled");
  const TrainOptions options = Options(config, "killed");
  json order{{"config", options.config}, {"data", options.data[0]}, {"out", options.out}};
  int deaths = 0;
  for (const auto& [where, after] : std::vector<std::pair<std::string, int>>{
           {"step", 1}, {"step", 4}, {"writing", 1}, {"step", 3}, {"writing", 1}, {"writing", 2}, {"never", 1}}) {
    order["where"] = where, order["after"] = after;
    const pid_t child = fork();
    ASSERT_GE(child, 0);
    if (child == 0) {  // exec: a forked copy has none of LibTorch's threads
      setenv("DIVLA_TEST_KILL", order.dump().c_str(), 1);
      execl("/proc/self/exe", "policy_test", "--gtest_filter=StagesTest.DISABLED_TrainsUntilKilled",
            "--gtest_also_run_disabled_tests", "--gtest_brief=1", nullptr);
      _exit(127);
    }
    int status = 0;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    if (where == "never") {
      EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << status;
    } else {
      EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) << status;
      ++deaths;
    }
  }
  EXPECT_EQ(deaths, 6);
  EXPECT_EQ(Weights("killed"), Weights("unkilled"));
  EXPECT_EQ(Weights("killed/stage-1"), Weights("unkilled/stage-1"));
}

TEST_F(StagesTest, MixedPrecisionIsRepeatableAndStaysClose) {
  json config = base;
  config["precision"] = "bf16";
  TrainOptions options = Options(config, "half");
  TrainProgress half, full;
  options.progress = [&](const TrainProgress& progress) { half = progress; };
  TrainDivla(options);
  Train(config, "half_again");
  EXPECT_EQ(Weights("half"), Weights("half_again"));
  options = Options(base, "full");
  options.progress = [&](const TrainProgress& progress) { full = progress; };
  TrainDivla(options);
  EXPECT_NE(Weights("half"), Weights("full"));
  EXPECT_NEAR(half.loss, full.loss, 0.02 * full.loss);
}

TEST_F(StagesTest, AStageTrainsOnlyItsTasks) {
  // A copy of the data as another robot's task.
  const std::string data = folder + "/both";
  fs::create_directories(data);
  fs::copy(folder + "/data/object_selection", data + "/object_selection");
  fs::copy(folder + "/data/object_selection", data + "/other");
  json meta = json::parse(ReadFile(data + "/other/meta.json"));
  meta["task"] = "transfer_cube", meta["robot"] = "agilex";
  WriteFile(data + "/other/meta.json", meta.dump());
  json config = base;
  config["model"]["embodiments"]["agilex"] = config["model"]["embodiments"]["panda"];
  config["tasks"]["transfer_cube"] = 1.0;
  config["stages"] = {{{"steps", 3}}, {{"steps", 3}, {"tasks", {{"object_selection", 1.0}}}}};
  TrainOptions options = Options(config, "tasks");
  options.data = {data};
  TrainDivla(options);
  const auto tensor = [&](const std::string& out, const std::string& name) {
    // Both files have the same header, so the same place.
    const std::string bytes = Weights(out);
    std::uint64_t length = 0;
    bytes.copy(reinterpret_cast<char*>(&length), 8);
    const json entry = json::parse(bytes.substr(8, length)).at(name).at("data_offsets");
    return bytes.substr(8 + length + entry[0].get<std::size_t>(),
                        entry[1].get<std::size_t>() - entry[0].get<std::size_t>());
  };
  const std::string own = "embodiments.agilex.bottom_mlp.fc1.weight",
                    others = "embodiments.panda.bottom_mlp.fc1.weight";
  EXPECT_EQ(tensor("tasks/stage-1", own), tensor("tasks", own));
  EXPECT_NE(tensor("tasks/stage-1", others), tensor("tasks", others));
}

TEST_F(StagesTest, ValidationChangesNoByte) {
  json config = base;
  config["validation"] = {{"every", 5}, {"episodes", 3}, {"seed", 1'000'000'007}};
  Train(config, "unseen");
  TrainOptions options = Options(config, "seen");
  std::vector<int> steps;
  options.validate = [&](const ValidationRequest& request) {
    steps.push_back(request.step);
    EXPECT_EQ(request.tasks, std::vector<std::string>{"object_selection"});
    EXPECT_EQ(request.episodes, 3);
    EXPECT_EQ(request.seed, 1'000'000'007U);
    MakeDivlaPolicy("seen", request.checkpoint);  // complete at this moment
    return std::vector<ValidationResult>{{"object_selection", 2, 3}};
  };
  TrainDivla(options);
  EXPECT_EQ(steps, (std::vector<int>{5, 10, 12}));
  EXPECT_EQ(Weights("seen"), Weights("unseen"));
  EXPECT_NE(ReadFile(folder + "/seen/train.jsonl")
                .find(R"({"step":10,"validation":{"object_selection":{"successes":2,"episodes":3}}})"),
            std::string::npos);
}

TEST_F(StagesTest, WhatDiffersFromTheCheckpointIsNamed) {
  Train(base, "known");
  json other = base;
  other["model"]["policy_head_config"]["cond_dim"] = 48;
  other["model"]["description"] = "another";
  TrainOptions options = Options(other, "differs");
  options.init = folder + "/known";
  const std::string refusal = TrainingRefusal(options);
  EXPECT_NE(refusal.find("'/policy_head_config/cond_dim': expected 48, found 32"), std::string::npos) << refusal;
  EXPECT_EQ(refusal.find("description"), std::string::npos) << refusal;
}

TEST_F(StagesTest, WrongStagesAreNamed) {
  for (const auto& [stages, expected] : std::vector<std::pair<json, std::string>>{
           {json::array(), "'stages': expected a list of objects"},
           {{{{"stepz", 3}}}, "'stages[0].stepz': expected no such key"},
           {{{{"steps", 0}}}, "'stages[0].steps': expected at least 1, found 0"},
           {{{{"precision", "bf17"}}}, "'stages[0].precision': expected 'float32' or 'bf16', found 'bf17'"},
           {{{{"tasks", {{"flip_pot", 1.0}}}}}, "'stages[0].tasks.flip_pot'"}}) {
    json config = base;
    config["stages"] = stages;
    const std::string refusal = TrainingRefusal(Options(config, "wrong"));
    EXPECT_NE(refusal.find(expected), std::string::npos) << refusal;
  }
}

TEST_F(StagesTest, ResumingWithOtherDataIsRefused) {
  TrainOptions options = Options(base, "data");
  options.stop_after = 3;
  TrainDivla(options);
  WriteSyntheticRows(folder + "/more", 7);
  options.data = {folder + "/more"};
  options.resume = true;
  EXPECT_NE(TrainingRefusal(options).find("the data of this run"), std::string::npos);
}

}  // namespace
}  // namespace divla
