// Stages before which an expert takes over from the checkpoint: what is asked for, what joins the data, and resuming.
#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>

#include "policy/divla/divla_policy.h"
#include "policy/divla/train/dataset.h"
#include "tests/policy/divla/train/small_training.h"

namespace divla {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

struct TakeoverStagesTest : testing::Test {
  static void SetUpTestSuite() {
    training = std::make_unique<SmallTraining>("takeover_stages");
    folder = training->folder;
    WriteSyntheticRows(folder + "/taken", 3);
    config = training->config;
    config["stages"] = {{{"steps", 4}}, {{"steps", 4}, {"takeovers", {{"object_selection", 3}}}}};
  }
  static void TearDownTestSuite() { training.reset(); }
  static inline std::unique_ptr<SmallTraining> training;
  static inline std::string folder;
  static inline json config;

  std::vector<TakeoverRequest> asked;

  TrainOptions Options(const json& wanted, const std::string& out) {
    TrainOptions options = training->Options(wanted, out);
    options.takeovers = [this](const TakeoverRequest& request) {
      asked.push_back(request);
      return std::vector<std::string>{folder + "/taken/object_selection"};
    };
    return options;
  }
  // A stage with takeovers as a run of its own.
  static json Alone(int stage) {
    json alone = config;
    alone.erase("stages");
    alone["steps"] = 4, alone["seed"] = stage, alone["takeovers"] = {{"object_selection", 3}};
    return alone;
  }
  static std::string Weights(const std::string& out) { return training->Weights(out); }
};

TEST_F(TakeoverStagesTest, AStageAsksForTheCheckpointItBeginsFromAndLearnsFromTheRows) {
  EXPECT_TRUE(TrainDivla(Options(config, "out")));
  ASSERT_EQ(asked.size(), 1U);
  EXPECT_EQ(asked[0].stage, 2);
  EXPECT_EQ(asked[0].checkpoint, folder + "/out/stage-1");
  EXPECT_EQ(asked[0].episodes, (std::map<std::string, int>{{"object_selection", 3}}));
  MakeDivlaPolicy("stage", asked[0].checkpoint);  // complete
  json without = config;
  without["stages"][1].erase("takeovers");
  EXPECT_TRUE(TrainDivla(Options(without, "without")));
  EXPECT_EQ(asked.size(), 1U);
  EXPECT_EQ(Weights("out/stage-1"), Weights("without/stage-1"));
  EXPECT_NE(Weights("out"), Weights("without"));
  const json data = json::parse(ReadFile(folder + "/out/training.json")).at("data");
  ASSERT_EQ(data.size(), 2U);
  EXPECT_FALSE(data[0].contains("takeovers_of_stage"));
  EXPECT_EQ(data[1].at("takeovers_of_stage"), 2);
}

TEST_F(TakeoverStagesTest, AnyInterruptionGivesTheSameBytes) {
  TrainDivla(Options(config, "whole"));
  for (const int stop : {3, 4, 6}) {
    TrainOptions options = Options(config, "stopped" + std::to_string(stop));
    options.stop_after = stop;
    EXPECT_FALSE(TrainDivla(options));
    options.stop_after = 0;
    options.resume = true;
    EXPECT_TRUE(TrainDivla(options));
    EXPECT_EQ(Weights("stopped" + std::to_string(stop)), Weights("whole")) << stop;
  }
  // Stopped while the takeovers are made: no folder came back.
  TrainOptions options = Options(config, "during");
  const auto make = options.takeovers;
  options.takeovers = [](const TakeoverRequest&) { return std::vector<std::string>{}; };
  EXPECT_FALSE(TrainDivla(options));
  options.takeovers = make;
  options.resume = true;
  EXPECT_TRUE(TrainDivla(options));
  EXPECT_EQ(Weights("during"), Weights("whole"));
}

TEST_F(TakeoverStagesTest, TwoStagesEqualTwoRuns) {
  TrainDivla(Options(config, "staged"));
  TrainOptions options = Options(Alone(2), "second");
  options.init = folder + "/staged/stage-1";
  TrainDivla(options);
  EXPECT_EQ(asked.back().checkpoint, options.init);
  EXPECT_EQ(Weights("second"), Weights("staged"));
}

TEST_F(TakeoverStagesTest, AStageMayLeaveOutTheTakeoversOfThoseBefore) {
  const auto options_of = [this](const json& wanted, const std::string& out) {
    TrainOptions options = Options(wanted, out);  // those of the second stage have other rows
    options.takeovers = [this](const TakeoverRequest& request) {
      return std::vector{folder + (request.stage == 2 ? "/taken" : "/data") + "/object_selection"};
    };
    return options;
  };
  const json stage = {{"steps", 4}, {"takeovers", {{"object_selection", 3}}}};
  json staged = config;
  staged["stages"] = {{{"steps", 4}}, stage, stage};
  TrainDivla(options_of(staged, "kept"));
  staged["stages"][2]["keep_takeovers"] = false;
  TrainDivla(options_of(staged, "left"));
  EXPECT_NE(Weights("left"), Weights("kept"));
  TrainOptions options = options_of(Alone(3), "third");
  options.init = folder + "/left/stage-2";
  TrainDivla(options);
  EXPECT_EQ(Weights("third"), Weights("left"));
}

TEST_F(TakeoverStagesTest, TakeoversGetTheirShareOfTheTask) {
  const TrainRun run = ReadTrainRun(Options(config, "share").config);
  Dataset dataset(run, {folder + "/data"});
  const std::string digest = dataset.Digest();
  const std::size_t texts = dataset.Texts().size();
  const auto points = dataset.Bodies()[0].points_mean;
  dataset.AddTakeovers(run, {folder + "/taken/object_selection"}, 1);
  dataset.AddTakeovers(run, {folder + "/data/object_selection"}, 2);  // twice the pictures
  dataset.SetWeights({{"object_selection", 2.0}}, 0.3);
  const std::vector<Source>& sources = dataset.Bodies()[0].sources;
  ASSERT_EQ(sources.size(), 3U);
  EXPECT_NEAR(sources[0].weight, 1.4, 1e-12);
  EXPECT_NEAR(sources[1].weight, 0.2, 1e-12);
  EXPECT_NEAR(sources[2].weight, 0.4, 1e-12);
  EXPECT_NEAR(dataset.Bodies()[0].weight, 2.0, 1e-12);
  // What the model's texts and numbers were made of stays that of the demonstrations.
  EXPECT_EQ(dataset.Texts().size(), texts);
  EXPECT_EQ(dataset.Bodies()[0].points_mean, points);
  EXPECT_NE(dataset.Digest(), digest);
}

TEST_F(TakeoverStagesTest, WhatIsWrongIsNamed) {
  TrainOptions options = Options(config, "alone");
  options.takeovers = {};
  EXPECT_NE(TrainingRefusal(options).find("'takeovers': expected a program with the simulator"), std::string::npos);
  json first = config;
  first["stages"][0]["takeovers"] = {{"object_selection", 3}};
  EXPECT_NE(TrainingRefusal(Options(first, "first")).find("'takeovers': expected a checkpoint"), std::string::npos);
  for (const auto& [key, value, expected] : std::vector<std::tuple<std::string, json, std::string>>{
           {"takeovers", {{"object_selection", 0}}, "'stages[1].takeovers.object_selection': expected at least 1"},
           {"takeovers", {{"flip_pot", 3}}, "'stages[1].takeovers.flip_pot': expected a task of the stage"},
           {"takeover_share", 1.0, "'stages[1].takeover_share': expected above 0 and below 1"}}) {
    json wrong = config;
    wrong["stages"][1][key] = value;
    const std::string refusal = TrainingRefusal(Options(wrong, "wrong"));
    EXPECT_NE(refusal.find(expected), std::string::npos) << refusal;
  }
  // Rows of a task that has no demonstrations.
  fs::copy(folder + "/taken/object_selection", folder + "/other");
  json meta = json::parse(ReadFile(folder + "/other/meta.json"));
  meta["task"] = "flip_pot";
  WriteFile(folder + "/other/meta.json", meta.dump());
  options = Options(config, "other");
  options.takeovers = [](const TakeoverRequest&) { return std::vector<std::string>{folder + "/other"}; };
  EXPECT_NE(TrainingRefusal(options).find("'task': expected one that has demonstrations, found flip_pot"),
            std::string::npos);
}

}  // namespace
}  // namespace divla
