#include "policy/trainer.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "policy/divla/divla_policy.h"
#include "policy/file_io.h"
#include "policy/rows.h"
#include "sim/check.h"
#include "tests/policy/divla/tiny_model.h"

namespace divla {
namespace {

namespace fs = std::filesystem;

constexpr int kSteps = 120;

TrainProgress Train(const std::string& folder, const std::string& out, int steps, int stop_after = 0,
                    bool resume = false) {
  TrainProgress last;
  TrainDivla({.config = WriteTinyTraining(folder, steps),
              .data = {folder + "/data"},
              .out = folder + "/" + out,
              .init = {},
              .resume = resume,
              .stop_after = stop_after,
              .progress = [&](const TrainProgress& progress) { last = progress; },
              .interrupted = {},
              .validate = {}});
  return last;
}

std::string Weights(const std::string& folder, const std::string& out) {
  return ReadFile(folder + "/" + out + "/model.safetensors");
}

// One training run shared by the tests of this file.
struct TrainerTest : testing::Test {
  static void SetUpTestSuite() {
    folder = FreshFolder("trainer");
    WriteSyntheticRows(folder + "/data", 6);
    last = Train(folder, "out", kSteps);
  }
  static void TearDownTestSuite() { fs::remove_all(folder); }
  static inline std::string folder;
  static inline TrainProgress last;

  static RobotInterface Robot() {
    return {.name = "panda",
            .arms = 1,
            .cameras = {"left", "right"},
            .state_names = std::vector<std::string>(8, "j"),
            .low = std::vector<float>(8, -3.0F),
            .high = std::vector<float>(8, 3.0F),
            .home = std::vector<float>(8, 0.0F)};
  }
  // The observation of a training row.
  static Observation At(int row) {
    const RowsReader rows(folder + "/data/object_selection");
    Observation observation;
    observation.robot = "panda";
    for (int camera = 0; camera < 2; ++camera) {
      const auto frame = rows.Frame(row, camera);
      observation.images[rows.Info().cameras[static_cast<std::size_t>(camera)]] = {
          32, 32, {frame.begin(), frame.end()}};
    }
    const auto state = rows.State(row), tool = rows.Tool(row);
    observation.state.assign(state.begin(), state.end());
    observation.tool.assign(tool.begin(), tool.end());
    observation.instruction = rows.Labels(row).instruction;
    return observation;
  }
};

TEST_F(TrainerTest, LearnsATinyFolder) {
  EXPECT_LT(last.text, 0.15);
  EXPECT_LT(last.diffusion, 0.5);
  EXPECT_LT(last.points, 0.5);
  for (const char* file : {"config.json", "model.safetensors", "vocab.json", "merges.txt", "added_tokens.json",
                           "training.json", "train.jsonl"}) {
    EXPECT_TRUE(fs::exists(folder + "/out/" + file)) << file;
  }
}

// What drew the rows goes with the weights; rows that two renderers drew are no training set.
TEST_F(TrainerTest, TheRendererOfTheRowsIsPartOfTheCheckpoint) {
  const auto training = nlohmann::json::parse(ReadFile(folder + "/out/training.json"));
  EXPECT_EQ(training.at("renderer"), "software 1");
  const std::string mixed = folder + "/mixed";
  fs::copy(folder + "/data", mixed, fs::copy_options::recursive);
  fs::copy(mixed + "/object_selection", mixed + "/zz_other", fs::copy_options::recursive);
  auto meta = nlohmann::json::parse(ReadFile(mixed + "/zz_other/meta.json"));
  meta["renderer"] = "gl (EGL, llvmpipe)";
  meta["task"] = "cube_to_coloured_box";
  WriteFile(mixed + "/zz_other/meta.json", meta.dump());
  auto config = nlohmann::json::parse(ReadFile(WriteTinyTraining(folder, 3)));
  config["tasks"]["cube_to_coloured_box"] = 1.0;
  WriteFile(folder + "/mixed.json", config.dump());
  try {
    TrainDivla({.config = folder + "/mixed.json",
                .data = {mixed},
                .out = folder + "/mixed_out",
                .init = {},
                .progress = {},
                .interrupted = {},
                .validate = {}});
    FAIL() << "mixed renderers were accepted";
  } catch (const InputError& error) {
    const std::string message = error.what();
    for (const char* part :
         {"zz_other/meta.json", "'renderer'", "'software 1'", "object_selection", "'gl (EGL, llvmpipe)'"}) {
      EXPECT_NE(message.find(part), std::string::npos) << message;
    }
  }
}

TEST_F(TrainerTest, SecondRunGivesTheSameBytes) {
  Train(folder, "a", 20);
  Train(folder, "b", 20);
  EXPECT_EQ(Weights(folder, "a"), Weights(folder, "b"));
}

TEST_F(TrainerTest, ResumedRunGivesTheSameBytes) {
  Train(folder, "whole", 20);
  Train(folder, "parts", 20, 7);
  EXPECT_NE(Weights(folder, "parts"), Weights(folder, "whole"));
  Train(folder, "parts", 20, 0, true);
  EXPECT_EQ(Weights(folder, "parts"), Weights(folder, "whole"));
}

TEST_F(TrainerTest, ResumingAnotherConfigurationIsRefused) {
  Train(folder, "other", 20, 3);
  EXPECT_THROW(Train(folder, "other", 21, 0, true), InputError);
}

TEST_F(TrainerTest, PolicyWritesTheReasoningItLearned) {
  const std::unique_ptr<Policy> policy = MakeDivlaPolicy("tiny", folder + "/out");
  EXPECT_EQ(policy->Info().weights_sha256.size(), 64U);
  policy->Reset(Robot(), 2);
  const RowsReader rows(folder + "/data/object_selection");
  for (int row : {0, 7, 13}) {
    const Observation observation = At(row);
    const Query query{&observation, 0, 1, 0};
    const PolicyOutput output = policy->Infer({&query, 1})[0];
    EXPECT_EQ(output.reasoning.text, rows.Labels(row).reasoning);
    EXPECT_NE(output.reasoning.grounded.find("<loc_"), std::string::npos);
    EXPECT_EQ(output.actions.size, 8);
    EXPECT_EQ(output.actions.dim, 10);
    EXPECT_NEAR(static_cast<double>(output.actions.Row(0)[0]), static_cast<double>(rows.ToolTarget(row)[0]), 0.1);
  }
}

TEST_F(TrainerTest, RowsOfABatchDoNotChangeEachOther) {
  const std::unique_ptr<Policy> policy = MakeDivlaPolicy("tiny", folder + "/out");
  policy->Reset(Robot(), 2);
  Observation first = At(0), second = At(13);
  second.instruction += " And then a good deal more words, so that it is longer.";
  const std::vector<Query> queries{{&first, 0, 11, 0}, {&second, 1, 12, 3}};
  const std::vector<PolicyOutput> both = policy->Infer(queries), again = policy->Infer(queries);
  for (std::size_t i = 0; i < 2; ++i) {
    EXPECT_EQ(both[i].actions.values, again[i].actions.values);  // same batch, same bytes
    const PolicyOutput alone = policy->Infer({&queries[i], 1})[0];
    EXPECT_EQ(alone.reasoning.grounded, both[i].reasoning.grounded);
    for (std::size_t k = 0; k < alone.actions.values.size(); ++k)
      EXPECT_NEAR(alone.actions.values[k], both[i].actions.values[k], 1e-3);
  }
}

TEST_F(TrainerTest, BrokenCheckpointsAreInputErrors) {
  const std::string copy = folder + "/broken";
  const auto fresh = [&] {
    fs::remove_all(copy);
    fs::copy(folder + "/out", copy, fs::copy_options::recursive);
  };
  const auto refused = [&] {
    try {
      MakeDivlaPolicy("broken", copy);
    } catch (const InputError& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  fresh();
  EXPECT_EQ(refused(), "");
  fs::resize_file(copy + "/model.safetensors", 5000);
  EXPECT_NE(refused().find("model.safetensors"), std::string::npos);
  for (const auto& [from, to, expected] :
       {std::tuple{"\"cond_dim\": 32", "\"cond_dim\": 48", "expected shape ["},
        {"\"num_hidden_layers\": 2", "\"num_hidden_layers\": 1", "expected no such tensor"},
        {"\"num_hidden_layers\": 2", "\"num_hidden_layers\": 3", "found none"}}) {
    fresh();
    std::string config = ReadFile(copy + "/config.json");
    config.replace(config.find(from), std::string(from).size(), to);
    WriteFile(copy + "/config.json", config);
    EXPECT_NE(refused().find(expected), std::string::npos) << refused();
  }
}

}  // namespace
}  // namespace divla
