#include "policy/divla/hf/hf_policy.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "policy/divla/hf/hf_weights.h"
#include "policy/divla/model.h"
#include "policy/file_io.h"
#include "policy/registry.h"
#include "sim/check.h"
#include "tests/policy/policy_contract.h"
#include "tests/policy/policy_test_support.h"

namespace divla {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

// A small policy in the released names, for the panda's joints.
constexpr const char* kConfig = R"({
  "model_type": "qwen2_vla", "vocab_size": 448, "hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2,
  "num_attention_heads": 2, "num_key_value_heads": 1, "rms_norm_eps": 1e-6, "tie_word_embeddings": true,
  "rope_scaling": {"type": "mrope", "mrope_section": [2, 3, 3]},
  "vision_config": {"depth": 1, "embed_dim": 32, "hidden_size": 32, "num_heads": 2, "mlp_ratio": 2},
  "policy_head_type": "unet_diffusion_policy",
  "policy_head_config": {"model_type": "unet_diffusion_policy", "input_dim": 8, "state_dim": 8, "global_cond_dim": 32,
                         "down_dims": [16, 32], "diffusion_step_embed_dim": 16, "prediction_horizon": 8}
})";
constexpr int kNumbers = 8, kHorizon = 8;
const fs::path kReference = fs::path(DIVLA_SOURCE_DIR) / "tests/golden/references/models/divla_released_bf16";

class HfPolicyTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::path(testing::TempDir()) / ("hf_policy_" + std::to_string(::getpid()));
    fs::remove_all(folder_);
    fs::create_directories(folder_);
    for (const char* file : {"tokenizer.json", "tokenizer_config.json", "preprocessor_config.json"}) {
      fs::copy(kReference / file, folder_ / file);
    }
    WriteFile((folder_ / "config.json").string(), kConfig);
    SaveWeights(InitParams(HfSpecs(ParseHfConfig(kConfig, "config.json")), 5), {},
                (folder_ / "model.safetensors").string());
    const auto numbers = [](double value) { return std::vector<double>(kNumbers, value); };
    body_ = {{"robot", "panda"},
             {"action_kind", "joint_position"},
             {"cameras", {"left", "wrist"}},
             {"image_size", {48, 64}},
             {"n_action_steps", 4},
             {"max_new_tokens", 32},
             {"dataset_stats",
              {{"action_min", numbers(-3)},
               {"action_max", numbers(5)},
               {"qpos_mean", numbers(0.1)},
               {"qpos_std", numbers(2)}}}};
  }
  void TearDown() override { fs::remove_all(folder_); }

  std::unique_ptr<Policy> Make() const {
    WriteFile((folder_ / "divla.json").string(), body_.dump());
    return MakePolicy(folder_.string(), "");
  }
  std::string Problem() const {
    try {
      Make();
    } catch (const InputError& error) {
      return error.what();
    }
    return "";
  }

  fs::path folder_;
  json body_;
};

TEST_F(HfPolicyTest, KeepsTheContractOfAllPolicies) {
  ExpectPolicyContract([this] { return Make(); });
}

TEST_F(HfPolicyTest, ActionsLieInTheRangeOfTheTraining) {
  const auto policy = Make();
  const RobotInterface panda = TestRobot("panda");
  policy->Reset(panda, 1);
  const PolicyRequirements wants = policy->Requirements(panda);
  EXPECT_EQ(wants.n_action_steps, 4);
  const Observation observation = TestObservation(panda, wants, 1);
  const PolicyOutput output = policy->Infer(std::vector<Query>{{&observation, 0, 7, 0}})[0];
  EXPECT_EQ(output.actions.size, kHorizon);
  EXPECT_EQ(output.actions.dim, kNumbers);
  for (float value : output.actions.values) {
    EXPECT_GE(value, -3.0F - 1e-3F);
    EXPECT_LE(value, 5.0F + 1e-3F);
  }
  EXPECT_EQ(policy->Info().weights_sha256.size(), 64U);
}

// Somebody watches: text and chunk are seen as they come, and nothing is different.
TEST_F(HfPolicyTest, AQueryCanBeWatched) {
  const auto policy = Make();
  const RobotInterface panda = TestRobot("panda");
  policy->Reset(panda, 2);
  const PolicyRequirements wants = policy->Requirements(panda);
  const std::vector<Observation> seen{TestObservation(panda, wants, 1), TestObservation(panda, wants, 2)};
  std::vector<Query> queries{{&seen[0], 0, 7, 0}, {&seen[1], 1, 7, 0}};
  const std::vector<PolicyOutput> alone = policy->Infer(queries);
  QueryTrace trace;
  std::vector<std::string> texts;
  std::vector<ActionChunk> chunks;
  trace.wrote = [&](const Reasoning& said, const Attention& looked) {
    texts.push_back(said.text);
    EXPECT_TRUE(looked.empty());
  };
  trace.denoised = [&](int step, int, const ActionChunk& chunk) {
    chunks.push_back(chunk);
    EXPECT_EQ(step, static_cast<int>(chunks.size()));
  };
  queries[1].trace = &trace;
  const std::vector<PolicyOutput> watched = policy->Infer(queries);
  for (std::size_t q = 0; q < 2; ++q) {
    EXPECT_EQ(watched[q].reasoning.text, alone[q].reasoning.text);
    EXPECT_EQ(watched[q].actions.values, alone[q].actions.values);
  }
  ASSERT_FALSE(texts.empty());
  EXPECT_EQ(texts.back(), watched[1].reasoning.text);
  ASSERT_GT(chunks.size(), 1U);
  EXPECT_EQ(chunks.back().values, watched[1].actions.values);
  EXPECT_NE(chunks.front().values, watched[1].actions.values);
}

TEST_F(HfPolicyTest, WrongBodiesAreRefused) {
  body_["dataset_stats"]["qpos_std"][0] = 0.0;
  EXPECT_NE(Problem().find("qpos_std"), std::string::npos);
  body_["dataset_stats"]["qpos_std"][0] = 1.0;
  body_["dataset_stats"]["action_min"].push_back(0.0);
  EXPECT_NE(Problem().find("action_min"), std::string::npos);
  body_["dataset_stats"]["action_min"].erase(0);
  body_["n_action_steps"] = kHorizon + 1;
  EXPECT_NE(Problem().find("n_action_steps"), std::string::npos);
  body_["n_action_steps"] = 1;
  EXPECT_EQ(Problem(), "");
  body_["typo"] = 1;
  EXPECT_NE(Problem().find("typo"), std::string::npos);
  fs::remove(folder_ / "divla.json");
  EXPECT_THROW(MakePolicy(folder_.string(), ""), InputError);
}

TEST_F(HfPolicyTest, AModelWithoutAHeadIsNoPolicy) {
  const fs::path plain = fs::path(DIVLA_SOURCE_DIR) / "tests/golden/references/models/qwen_gqa_f32";
  EXPECT_THROW(MakePolicy(plain.string(), ""), InputError);
  PolicyOptions strict;
  strict.strict = true;
  EXPECT_THROW(MakePolicy(folder_.string(), "", strict), InputError);
}

}  // namespace
}  // namespace divla
