#include "policy/remote/client/answer.h"

#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "policy/remote/wire/ndarray.h"
#include "sim/check.h"
#include "sim/rng.h"
#include "tests/policy/policy_test_support.h"

namespace divla {
namespace {

WireValue Floats(std::vector<float> values, std::vector<std::int64_t> shape) {
  return WireValue::OfNdArray(ArrayOf(std::span<const float>(values), std::move(shape)));
}

WireValue GoodAnswer() {
  WireValue answer = WireValue::OfMap();
  answer.Set("actions", Floats({0.1F, 2, 3, 4, 5, 6}, {3, 2}));
  answer.Set("reasoning", WireValue::Text("I take the cup."));
  WireValue pixels = WireValue::OfMap();
  pixels.Set("wrist", WireValue::OfArray({WireValue::Double(0.5), WireValue::Int(1)}));
  answer.Set("reasoning_pixels", pixels);
  return answer;
}

RemoteAnswer Read(const WireValue& value) { return ReadAnswer(Pack(value), {}, "peer: answer"); }

TEST(RemoteAnswer, ReadsActionsAndReasoning) {
  const RemoteAnswer answer = Read(GoodAnswer());
  EXPECT_EQ(answer.steps, 3);
  EXPECT_EQ(answer.dim, 2);
  EXPECT_EQ(answer.values[0], static_cast<double>(0.1F));
  EXPECT_EQ(answer.reasoning.text, "I take the cup.");
  EXPECT_EQ(answer.reasoning.grounded, "I take the cup.");
  EXPECT_EQ(answer.reasoning.pixels.at("wrist"), (std::array<float, 2>{0.5F, 1.0F}));
  // As numpy arrays, too.
  WireValue pixels = WireValue::OfMap();
  pixels.Set("wrist", Floats({0.25F, 0.75F}, {2}));
  WireValue other = WireValue::OfMap();
  other.Set("actions", Floats({1}, {1, 1}));
  other.Set("reasoning_pixels", pixels);
  EXPECT_EQ(Read(other).reasoning.pixels.at("wrist"), (std::array<float, 2>{0.25F, 0.75F}));
  // float64 stays what it is.
  WireValue doubles = WireValue::OfMap();
  const std::vector<double> values = {0.1};
  doubles.Set("actions", WireValue::OfNdArray(ArrayOf(std::span<const double>(values), {1, 1})));
  EXPECT_EQ(Read(doubles).values, values);
}

TEST(RemoteAnswer, TheHashSeesEveryPart) {
  const std::string hash = Read(GoodAnswer()).hash;
  EXPECT_EQ(Read(GoodAnswer()).hash, hash);
  for (const char* key : {"actions", "reasoning", "reasoning_pixels"}) {
    WireValue changed = WireValue::OfMap();
    const WireValue good = GoodAnswer();
    for (const WireEntry& entry : *good.AsMap()) {
      if (entry.key != key) changed.Set(entry.key, entry.value);
    }
    if (std::string(key) == "actions") changed.Set(key, Floats({0.1F, 2, 3, 4, 5, 7}, {3, 2}));
    EXPECT_NE(Read(changed).hash, hash) << key;
  }
  WireValue timed = GoodAnswer();
  timed.Set("server_timing", WireValue::Double(1));
  EXPECT_EQ(Read(timed).hash, hash) << "times are not part of an answer";
}

TEST(RemoteAnswer, RefusesTheRest) {
  const auto expect = [](const char* key, WireValue value, const std::vector<std::string>& parts) {
    WireValue answer = WireValue::OfMap();
    const WireValue good = GoodAnswer();
    for (const WireEntry& entry : *good.AsMap()) {
      if (entry.key != key) answer.Set(entry.key, entry.value);
    }
    answer.Set(key, std::move(value));
    ExpectInputError([&] { Read(answer); }, parts);
  };
  ExpectInputError([] { Read(WireValue::Int(1)); }, {"peer: answer: expected a map, found int"});
  WireValue singular = WireValue::OfMap();
  singular.Set("action", Floats({1}, {1, 1}));
  ExpectInputError([&] { Read(singular); }, {"expected the key actions, found [action]"});
  expect("actions", Floats({1, 2}, {2}), {"[steps, numbers of an action]", "ndarray <f4 [2]"});
  expect("actions", Floats({1, 2}, {1, 1, 2}), {"ndarray <f4 [1,1,2]"});
  expect("actions", Floats({}, {0, 7}), {"[0,7]"});
  const std::vector<std::uint8_t> bytes = {1, 2};
  expect("actions", WireValue::OfNdArray(ArrayOf(std::span<const std::uint8_t>(bytes), {1, 2})), {"ndarray |u1"});
  expect("actions", WireValue::OfArray({WireValue::OfArray({WireValue::Double(1)})}), {"found array"});
  expect("reasoning", WireValue::Int(3), {"reasoning: expected text, found int"});
  expect("reasoning", WireValue::Text(std::string(20000, 'x')), {"at most 10000 bytes, found 20000"});
  expect("reasoning_pixels", WireValue::Int(3), {"reasoning_pixels", "found int"});
  for (const double number : {-0.1, 1.1}) {
    WireValue pixels = WireValue::OfMap();
    pixels.Set("wrist", WireValue::OfArray({WireValue::Double(number), WireValue::Double(0)}));
    expect("reasoning_pixels", pixels, {"[u, v] from 0 to 1"});
  }
}

TEST(RemoteAnswer, TenThousandChangedAnswersAreReadOrRefused) {
  Rng rng({.seed = 1, .stream = "answer-fuzz"});
  const std::string good = Pack(GoodAnswer());
  int read = 0;
  for (int i = 0; i < 10000; ++i) {
    std::string bytes = good;
    for (int change = 1 + rng.Int(4); change > 0; --change) {
      const auto at = static_cast<std::size_t>(rng.Int(static_cast<int>(bytes.size())));
      bytes[at] = static_cast<char>(rng.Int(256));
    }
    try {
      ReadAnswer(bytes, {}, "peer");
      ++read;
    } catch (const InputError& error) {
      EXPECT_EQ(std::string(error.what()).find('\n'), std::string::npos) << error.what();
    }
  }
  EXPECT_GT(read, 0);
  EXPECT_LT(read, 10000);
}

TEST(MetadataJson, KeepsWhatFitsIntoJson) {
  WireValue metadata = WireValue::OfMap();
  metadata.Set("reset_pose", WireValue::OfArray({WireValue::Int(0), WireValue::Double(-1.5)}));
  metadata.Set("limits", Floats({1, 2}, {2}));
  metadata.Set("infinite", WireValue::Double(INFINITY));
  metadata.Set("none", WireValue());
  const nlohmann::json json = MetadataJson(metadata, "peer");
  EXPECT_EQ(json["reset_pose"], nlohmann::json::parse("[0, -1.5]"));
  EXPECT_EQ(json["limits"]["shape"], nlohmann::json::parse("[2]"));
  EXPECT_EQ(json["limits"]["xxh3_128"].get<std::string>().size(), 32U);
  EXPECT_EQ(json["infinite"], "inf");
  EXPECT_TRUE(json["none"].is_null());
  metadata.Set("long", WireValue::Text(std::string(70000, 'x')));
  ExpectInputError([&] { MetadataJson(metadata, "peer"); }, {"peer: metadata: expected at most 65536 bytes"});
}

}  // namespace
}  // namespace divla
