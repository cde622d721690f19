// The two policies that leave out a part of DiVLA: what they have not, what they promise, and that what is compared
// differs in nothing else.
#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <set>

#include "policy/divla/head/noise.h"
#include "policy/divla/head/normalizer.h"
#include "policy/divla/model.h"
#include "policy/divla/train/train_config.h"
#include "policy/divla/weights/safetensors.h"
#include "policy/file_io.h"
#include "policy/probe.h"
#include "policy/registry.h"
#include "tests/policy/divla/tiny_model.h"
#include "tests/policy/fixed_queries.h"
#include "tests/policy/policy_contract.h"
#include "tests/policy/policy_test_support.h"

namespace divla {
namespace {

using nlohmann::json;

std::map<std::string, std::vector<std::int64_t>> Shapes(const DivlaConfig& config) {
  std::map<std::string, std::vector<std::int64_t>> shapes;
  for (const ParamSpec& spec : ModelSpecs(config)) shapes[spec.name] = spec.shape;
  return shapes;
}

TEST(VariantsTest, WithoutReasoningExactlyItsWeightsAreMissing) {
  auto full = Shapes(TinyConfig());
  for (const char* name : {"lm_head.weight", "condition.reasoning_norm.weight", "condition.reasoning_norm.bias",
                           "unet.reasoning_film.weight", "unet.reasoning_film.bias"}) {
    EXPECT_EQ(full.erase(name), 1U) << name;
  }
  EXPECT_EQ(Shapes(TinySilent()), full);
}

TEST(VariantsTest, WithoutALanguageModelPicturesAndDenoiserStay) {
  const auto silent = Shapes(TinySilent()), policy = Shapes(TinyInstructionPolicy());
  for (const auto& [name, shape] : policy) {
    EXPECT_FALSE(name.starts_with("model.layers") || name.starts_with("lm_head") || name.starts_with("action_tokens"))
        << name;
  }
  for (const auto& [name, shape] : silent) {
    const bool replaced = name.starts_with("model.layers") || name.starts_with("model.norm") ||
                          name.starts_with("action_tokens") || name.starts_with("condition.projector");
    if (replaced) continue;
    ASSERT_TRUE(policy.contains(name)) << name;
    EXPECT_EQ(policy.at(name), shape) << name;
  }
}

// The shipped configurations: same data, same pictures, same denoiser, and the budget of divla-tiny's first three stages.
TEST(VariantsTest, TheTrainingConfigurationsDifferInWhatIsLeftOut) {
  const std::string folder = std::string(DIVLA_SOURCE_DIR) + "/assets/training/";
  const auto parsed = [&](const std::string& name) { return json::parse(ReadFile(folder + name + ".json")); };
  json full = parsed("divla-tiny");
  ASSERT_EQ(full.at("stages").size(), 4U);
  full["stages"].erase(3);
  for (const char* name : {"divla-tiny-no-reasoning", "diffusion-policy-tiny"}) {
    json other = parsed(name), expected = full;
    const TrainRun run = ReadTrainRun(folder + name + ".json");  // every key is known
    EXPECT_FALSE(run.model.head.reasoning) << name;
    EXPECT_EQ(other.at("model").at("vision_config"), full.at("model").at("vision_config")) << name;
    EXPECT_EQ(other.at("model").at("hidden_size"), full.at("model").at("hidden_size")) << name;
    for (const auto& [key, value] : other.at("model").at("policy_head_config").items()) {
      if (key == "condition" || key == "reasoning") continue;
      EXPECT_EQ(value, full.at("model").at("policy_head_config").at(key)) << name << " " << key;
    }
    for (json* whole : {&other, &expected}) whole->erase("model");
    EXPECT_EQ(other, expected) << name;
  }
  EXPECT_TRUE(ReadTrainRun(folder + "divla-tiny.json").model.head.reasoning);
}

class Variant : public testing::TestWithParam<const char*> {
 protected:
  static DivlaConfig Model() { return GetParam() == std::string("silent") ? TinySilent() : TinyInstructionPolicy(); }
  void SetUp() override { WriteRandomCheckpoint(folder_.Path(), Model()); }
  std::unique_ptr<Policy> Load(bool strict = false) const {
    return MakePolicy(folder_.Path(), folder_.Path(), {.strict = strict});
  }
  TempFolder folder_;
};

TEST_P(Variant, KeepsTheContract) {
  EXPECT_FALSE(Load()->Info().reasons);
  ExpectPolicyContract([&] { return Load(); });
}

TEST_P(Variant, StrictAnswersDoNotDependOnTheBatch) {
  const std::unique_ptr<Policy> policy = Load(true);
  const FixedAnswers alone = AskFixedQueries(*policy, 1);
  EXPECT_EQ(std::set<std::string>(alone.lines.begin(), alone.lines.end()).size(), 10U);
  for (const int batch : {2, 3, 5}) EXPECT_EQ(AskFixedQueries(*policy, batch).lines, alone.lines) << batch;
}

TEST_P(Variant, StrictIsTheSameNetwork) {
  const std::unique_ptr<Policy> usual = Load(), strict = Load(true);
  for (const RobotInterface& robot : TestRobots()) {
    const Observation observation = TestObservation(robot, usual->Requirements(robot), 1);
    const Query query{&observation, 0, 5, 0};
    usual->Reset(robot, 1);
    strict->Reset(robot, 1);
    const std::vector<float> a = usual->Infer({&query, 1}).front().actions.values,
                             b = strict->Infer({&query, 1}).front().actions.values;
    ASSERT_EQ(a.size(), b.size());
    for (std::size_t k = 0; k < a.size(); ++k) EXPECT_NEAR(a[k], b[k], 1e-3) << robot.name << " " << k;
  }
}

TEST_P(Variant, PicturesAndWordsReachTheAction) {
  const std::unique_ptr<Policy> policy = Load();
  const RobotInterface robot = TestRobot("panda");
  policy->Reset(robot, 1);
  const auto actions = [&](const Observation& observation) {
    const Query query{&observation, 0, 5, 0};
    return policy->Infer({&query, 1}).front().actions.values;
  };
  const Observation usual = TestObservation(robot, policy->Requirements(robot));
  Observation other = usual;
  other.instruction = "Take the other one.";
  EXPECT_NE(actions(other), actions(usual));
  for (const auto& [camera, image] : usual.images) {
    other = usual;
    std::vector<std::uint8_t>& bytes = other.images.at(camera).rgb;
    std::fill(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(bytes.size() / 3), std::uint8_t{255});
    EXPECT_NE(actions(other), actions(usual)) << camera;
  }
  other = usual;
  other.instruction = "";  // nothing to average
  EXPECT_EQ(actions(other).size(), actions(usual).size());
}

// The probe goes through the network by itself; from the same inputs it must come to the policy's actions.
TEST_P(Variant, TheProbeComesToThePolicysActions) {
  const std::unique_ptr<Policy> policy = Load();
  const RobotInterface robot = TestRobot("panda");
  policy->Reset(robot, 1);
  const Observation observation = TestObservation(robot, policy->Requirements(robot));
  const Query query{&observation, 0, 5, 0};
  const std::vector<float> expected = policy->Infer({&query, 1}).front().actions.values;

  const DivlaConfig config = ReadDivlaConfig(folder_.File("config.json"));
  const EmbodimentConfig& body = config.embodiments.at("panda");
  const ParamStore params = LoadWeights(config, folder_.File("model.safetensors"));
  const at::Tensor tool = at::tensor(observation.tool, at::kFloat).unsqueeze(0);
  const at::Tensor state =
      Proprioception(params, "panda", at::tensor(observation.state, at::kFloat).unsqueeze(0), tool).contiguous();
  const at::Tensor noise = PolicyNoise({&query, 1}, config.head.chunk_size, body.action_dim);
  std::vector<std::uint8_t> pictures;
  for (const std::string& camera : body.cameras) {
    const std::vector<std::uint8_t>& rgb = observation.images.at(camera).rgb;
    pictures.insert(pictures.end(), rgb.begin(), rgb.end());
  }
  const auto bytes = [](const auto* data, std::int64_t count) {
    return std::as_bytes(std::span(data, static_cast<std::size_t>(count)));
  };
  const std::vector<TensorView> input{
      {"images", Dtype::kU8, {2, 32, 32, 3}, bytes(pictures.data(), static_cast<std::int64_t>(pictures.size()))},
      {"state", Dtype::kF32, {state.size(1)}, bytes(state.const_data_ptr<float>(), state.numel())},
      {"noise",
       Dtype::kF32,
       {config.head.chunk_size, body.action_dim},
       bytes(noise.const_data_ptr<float>(), noise.numel())}};
  WriteSafetensors(folder_.File("in.safetensors"), input,
                   {{"instruction", observation.instruction}, {"embodiment", "panda"}});
  Probe(folder_.Path(), folder_.File("in.safetensors"), folder_.File("out.safetensors"));
  const SafetensorsFile output = SafetensorsFile::Open(folder_.File("out.safetensors"));
  const std::vector<std::string> names = output.Names();
  EXPECT_EQ(std::count(names.begin(), names.end(), "generated_ids"), 0);
  const at::Tensor actions = at::tensor(CopyElements<float>(output.Tensor("actions")), at::kFloat)
                                 .view({1, config.head.chunk_size, body.action_dim});
  const at::Tensor absolute = ToAbsolute(body, Denormalize(params, "panda", "action", actions), tool);
  EXPECT_LT(MaxDifference(absolute.flatten(), at::tensor(expected, at::kFloat)), 1e-4);
}

TEST_P(Variant, WeightsOfAnotherKindAreRefused) {
  json config = json::parse(ReadFile(folder_.File("config.json")));
  config["policy_head_config"]["condition"] = "action_tokens";
  config["policy_head_config"]["reasoning"] = true;
  const json full = json::parse(DivlaConfigJson(TinyConfig()));
  for (const auto& [key, value] : full.items()) {
    if (!config.contains(key)) config[key] = value;
  }
  config["policy_head_config"]["num_action_tokens"] = 2;
  WriteFile(folder_.File("config.json"), config.dump());
  ExpectInputError([&] { Load(); }, {"model.safetensors", "tensor", "found none"});
}

INSTANTIATE_TEST_SUITE_P(Kinds, Variant, testing::Values("silent", "instruction"),
                         [](const auto& kind) { return std::string(kind.param); });

}  // namespace
}  // namespace divla
