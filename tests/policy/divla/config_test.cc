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
  const std::string text = DivlaConfigJson(TinyConfig());
  EXPECT_EQ(DivlaConfigJson(ParseDivlaConfig(text, "c.json")), text);
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
