#include "policy/divla/config.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "sim/check.h"
#include "tests/policy/divla/tiny_model.h"

namespace divla {
namespace {

std::string ErrorOf(const std::function<void(nlohmann::json&)>& change) {
  nlohmann::json json = nlohmann::json::parse(DivlaConfigJson(TinyConfig()));
  change(json);
  try {
    ParseDivlaConfig(json.dump(), "c.json");
  } catch (const InputError& error) {
    return error.what();
  }
  return "";
}

TEST(ConfigTest, WritesWhatItReads) {
  for (const DivlaConfig& config : {TinyConfig(), TinySilent(), TinyInstructionPolicy()}) {
    const std::string text = DivlaConfigJson(config);
    EXPECT_EQ(DivlaConfigJson(ParseDivlaConfig(text, "c.json")), text);
  }
}

// What a policy without a part does not have is no key of it, and older files, without the key, reason.
TEST(ConfigTest, ReasoningIsWhatTheConditionAllows) {
  const auto parsed = [](const DivlaConfig& config, const std::function<void(nlohmann::json&)>& change) {
    nlohmann::json json = nlohmann::json::parse(DivlaConfigJson(config));
    change(json);
    try {
      return std::string(ParseDivlaConfig(json.dump(), "c.json").head.reasoning ? "reasons" : "does not");
    } catch (const InputError& error) {
      return std::string(error.what());
    }
  };
  const auto without_key = [](nlohmann::json& j) { j["policy_head_config"].erase("reasoning"); };
  EXPECT_EQ(parsed(TinyConfig(), without_key), "reasons");
  EXPECT_EQ(parsed(TinyInstructionPolicy(), without_key), "does not");
  EXPECT_EQ(parsed(TinySilent(), [](nlohmann::json&) {}), "does not");
  EXPECT_EQ(parsed(TinyInstructionPolicy(), [](nlohmann::json& j) { j["policy_head_config"]["reasoning"] = true; }),
            "file c.json: key 'policy_head_config.reasoning': expected false, as \"instruction_embedding\" has no "
            "language model, found true");
  EXPECT_EQ(parsed(TinyConfig(), [](nlohmann::json& j) { j["policy_head_config"]["condition"] = "mean_pool"; }),
            "file c.json: key 'policy_head_config.condition': expected \"action_tokens\" or \"instruction_embedding\", "
            "found mean_pool");
  EXPECT_EQ(parsed(TinyInstructionPolicy(), [](nlohmann::json& j) { j["num_hidden_layers"] = 2; }),
            "file c.json: key 'num_hidden_layers': expected no such key, found 2");
  EXPECT_EQ(
      parsed(TinyInstructionPolicy(), [](nlohmann::json& j) { j["policy_head_config"]["num_action_tokens"] = 2; }),
      "file c.json: key 'policy_head_config.num_action_tokens': expected no such key, found 2");
  EXPECT_EQ(parsed(TinySilent(), [](nlohmann::json& j) { j["embodiments"]["panda"]["location_views"] = {"left"}; }),
            "file c.json: key 'embodiments.panda.location_views': expected no such key, found [\"left\"]");
}

TEST(ConfigTest, NamesFileKeyExpectedAndFound) {
  EXPECT_EQ(ErrorOf([](nlohmann::json&) {}), "");
  EXPECT_EQ(ErrorOf([](nlohmann::json& j) { j["vision_config"]["hidden_size"] = "x"; }),
            "file c.json: key 'vision_config.hidden_size': expected an integer, found \"x\"");
  EXPECT_EQ(ErrorOf([](nlohmann::json& j) { j["policy_head_config"]["chunk_sise"] = 16; }),
            "file c.json: key 'policy_head_config.chunk_sise': expected no such key, found 16");
  EXPECT_EQ(ErrorOf([](nlohmann::json& j) {
              j["vision_config"]["image_size"] = {30, 32};
            }),
            "file c.json: key 'vision_config.image_size': expected multiples of 16, found [30, 32]");
  EXPECT_EQ(ErrorOf([](nlohmann::json& j) { j["embodiments"]["panda"]["location_views"] = {"top"}; }),
            "file c.json: key 'embodiments.panda.location_views': expected names among cameras, found top");
  EXPECT_EQ(ErrorOf([](nlohmann::json& j) {
              j["rope_scaling"]["mrope_section"] = {2, 2, 2};
            }),
            "file c.json: key 'rope_scaling.mrope_section': expected 3 numbers with sum 4, found 3 numbers with sum 6");
}

}  // namespace
}  // namespace divla
