#include "policy/remote/serve/question.h"

#include <gtest/gtest.h>

#include <cstring>
#include <limits>

#include "policy/remote/native_keys.h"
#include "policy/remote/wire/ndarray.h"
#include "sim/rng.h"
#include "tests/policy/policy_test_support.h"
#include "tests/policy/remote/serve/native_message.h"

namespace divla::serve {
namespace {

ServedBody Body(const std::string& robot, ActionKind kind = ActionKind::kJointPosition) {
  const RobotInterface interface = TestRobot(robot);
  const std::vector<std::string> two(interface.cameras.begin(), interface.cameras.begin() + 2);
  return {interface, {two, 6, 8, kind, 4}, 16, {}};
}

const std::vector<ServedBody> kBoth = {Body("panda", ActionKind::kEndEffectorPose), Body("agilex")};

Observation Seen(const ServedBody& body) { return TestObservation(body.robot, body.wants, 3); }

// The message with one entry replaced, or left out when `value` is null.
WireValue With(const WireValue& message, const std::string& key, const WireValue* value) {
  WireValue changed = WireValue::OfMap();
  for (const WireEntry& entry : *message.AsMap()) {
    if (entry.key != key) changed.Set(entry.key, entry.value);
  }
  if (value != nullptr) changed.Set(key, *value);
  return changed;
}
WireValue With(const WireValue& message, const std::string& key, const WireValue& value) {
  return With(message, key, &value);
}

void ExpectRefused(const WireValue& message, const std::vector<std::string>& parts,
                   const std::vector<ServedBody>& bodies = kBoth) {
  ExpectInputError([&] { ReadQuestion(message, bodies); }, parts);
}

TEST(ServeQuestion, OurKeysBringTheObservationAsItIs) {
  for (const ServedBody& body : kBoth) {
    const Observation sent = Seen(body);
    const ClientQuestion read = ReadQuestion(NativeMessage(sent, {.seed = ~0ULL, .query = 5, .number = 2}), kBoth);
    EXPECT_EQ(read.body->robot.name, body.robot.name);
    EXPECT_EQ(read.observation.robot, sent.robot);
    EXPECT_EQ(read.observation.images, sent.images);
    EXPECT_EQ(read.observation.state, sent.state);
    EXPECT_EQ(read.observation.tool, sent.tool);
    EXPECT_EQ(read.observation.instruction, sent.instruction);
    EXPECT_EQ(read.observation.time, sent.time);
    EXPECT_EQ(read.noise_seed, ~0ULL);
    EXPECT_EQ(read.query_number, 5);
    EXPECT_EQ(read.reasoning, ReasoningMode::kOwn);
    EXPECT_FALSE(read.reset);
  }
}

TEST(ServeQuestion, AnEpisodeOfARunIsNamedByItsKey) {
  WireValue message = NativeMessage(Seen(kBoth[0]), {.query = 4});
  message.Set(kRunSeed, WireValue::Int(1));
  WireValue named = message;
  named.Set(native::kEpisode, WireValue::Text("flip_pot.none.0.0007"));
  const ClientQuestion read = ReadQuestion(named, kBoth);
  EXPECT_EQ(read.noise_seed,
            Rng({.seed = 1, .task = "flip_pot", .axis = "none", .level = 0, .episode = 7, .stream = "policy-noise"})
                .NextU64());
  EXPECT_EQ(read.query_number, 4);
  ExpectRefused(message, {"'episode'", "text", "none"});
  for (const char* wrong :
       {"flip_pot", "flip_pot.none.6.0007", "flip_pot.none.0", "flip_pot.none.0.", "a.b.0.-1", ""}) {
    WireValue other = message;
    other.Set(native::kEpisode, WireValue::Text(wrong));
    ExpectRefused(other, {"'episode'", "flip_pot.none.0.0007"});
  }
  named.Set(native::kSeed, WireValue::Int(1));
  ExpectRefused(named, {"run_seed", "both"});
}

TEST(ServeQuestion, ListsAndFloat64AreNumbersToo) {
  const Observation sent = Seen(kBoth[0]);
  const std::vector<double> wide(sent.state.begin(), sent.state.end());
  WireValue::Array list;
  for (const double number : wide) list.push_back(WireValue::Double(number));
  const WireValue message = NativeMessage(sent);
  const WireValue array = WireValue::OfNdArray(ArrayOf(std::span<const double>(wide), {8}));
  EXPECT_EQ(ReadQuestion(With(message, native::kState, array), kBoth).observation.state, sent.state);
  EXPECT_EQ(ReadQuestion(With(message, native::kState, WireValue::OfArray(list)), kBoth).observation.state, sent.state);
}

TEST(ServeQuestion, TheToolIsComputedWhereTheClientLeavesItOut) {
  std::vector<ServedBody> bodies = kBoth;
  const WireValue message = With(NativeMessage(Seen(bodies[0])), native::kTool, nullptr);
  ExpectRefused(message, {"'tool'", "9 numbers"}, bodies);
  bodies[0].tool = [](std::span<const float> state) { return std::vector<float>(9, state[1]); };
  const ClientQuestion read = ReadQuestion(message, bodies);
  EXPECT_EQ(read.observation.tool, std::vector<float>(9, read.observation.state[1]));
}

TEST(ServeQuestion, RefusesWhatDoesNotFit) {
  const WireValue good = NativeMessage(Seen(kBoth[0]));
  ExpectRefused(WireValue::OfArray({}), {"map", "array"});
  ExpectRefused(WireValue::OfMap(), {"'robot'"});
  ExpectRefused(With(good, "robot", WireValue::Text("spot")), {"'robot'", "panda, agilex", "spot"});
  ExpectRefused(With(good, "robot", WireValue::Int(1)), {"'robot'", "text", "int"});
  ExpectRefused(With(good, "prompt", nullptr), {"'prompt'", "none"});
  ExpectRefused(With(good, "prompt", WireValue::Bytes("x")), {"'prompt'", "bytes"});
  ExpectRefused(With(good, "prompt", WireValue::Text(std::string(5000, 'a'))), {"'prompt'", "1024", "5000"});
  ExpectRefused(With(good, "state", nullptr), {"'state'", "8 numbers"});
  const std::vector<float> nine(9, 0.0F);
  ExpectRefused(With(good, "state", WireValue::OfNdArray(ArrayOf(std::span<const float>(nine), {9}))),
                {"'state'", "[9]"});
  for (const double bad : {std::numeric_limits<double>::infinity(), std::numeric_limits<double>::quiet_NaN(), 1e300}) {
    WireValue::Array list(8, WireValue::Double(bad));
    ExpectRefused(With(good, "state", WireValue::OfArray(list)), {"'state'", "finite"});
  }
  ExpectRefused(With(good, "state", WireValue::OfArray(WireValue::Array(8, WireValue::Text("1")))),
                {"'state'", "text"});
  ExpectRefused(With(good, "images", WireValue::OfMap()), {"'images/left'", "none"});
  ExpectRefused(With(good, "images", WireValue::Int(1)), {"'images'", "map"});
  ExpectRefused(With(good, "time", WireValue::Double(-1)), {"'time'"});
  ExpectRefused(With(good, "seed", WireValue::Int(-1)), {"'seed'"});
  ExpectRefused(With(good, "seed", WireValue::Double(1)), {"'seed'", "float"});
  ExpectRefused(With(good, "query", WireValue::Int(1LL << 31)), {"'query'"});
  ExpectRefused(With(good, "episode", WireValue::Bool(true)), {"'episode'"});
  ExpectRefused(With(good, "reset", WireValue::Int(1)), {"'reset'"});
  ExpectRefused(With(good, "reasoning_mode", WireValue::Text("free")), {"'reasoning_mode'", "free"});
  ExpectRefused(With(good, "reasoning_mode", WireValue::Text("forced")), {"'forced_reasoning'", "none"});
}

TEST(ServeQuestion, RefusesPicturesOfAnotherKind) {
  const WireValue good = NativeMessage(Seen(kBoth[0]));
  const auto with_left = [&](const NdArray& array) {
    return With(good, "images", With(*good.Find("images"), "left", WireValue::OfNdArray(array)));
  };
  const std::vector<float> floats(6 * 8 * 3, 0.5F);
  ExpectRefused(with_left(ArrayOf(std::span<const float>(floats), {6, 8, 3})), {"left", "uint8", "<f4 [6,8,3]"});
  const std::vector<std::uint8_t> bytes(6 * 8 * 3, 7);
  ExpectRefused(with_left(ArrayOf(std::span<const std::uint8_t>(bytes), {3, 6, 8})), {"left", "[3,6,8]"});
  ExpectRefused(with_left(ArrayOf(std::span<const std::uint8_t>(bytes), {8, 6, 3})), {"left", "6x8", "8x6"});
  ExpectRefused(with_left(ArrayOf(std::span<const std::uint8_t>(), {0, 8, 3})), {"left", "[0,8,3]"});
}

TEST(ServeQuestion, ReadsWhatIsForcedOnAPolicy) {
  WireValue pixels = WireValue::OfMap();
  pixels.Set("left", WireValue::OfArray({WireValue::Double(0.25), WireValue::Double(1)}));
  pixels.Set("right", WireValue());
  WireValue message = NativeMessage(Seen(kBoth[0]));
  message.Set(native::kReasoningMode, WireValue::Text(native::kForced));
  message.Set(native::kForcedReasoning, WireValue::Text("The blue box."));
  message.Set(native::kForcedPixels, pixels);
  const ClientQuestion read = ReadQuestion(message, kBoth);
  ASSERT_TRUE(read.forced);
  EXPECT_EQ(read.reasoning, ReasoningMode::kForced);
  EXPECT_EQ(read.forced->text, "The blue box.");
  EXPECT_EQ(read.forced->pixels.at("left"), (std::array<float, 2>{0.25F, 1.0F}));
  EXPECT_EQ(read.forced->pixels.at("right"), std::nullopt);
}

// As openpi's ALOHA client sends it: channels first, 224 x 224 with black borders above and below.
TEST(ServeQuestion, AlohaKeysReachTheRobotWithTwoArms) {
  std::vector<ServedBody> bodies = kBoth;
  bodies[1].wants.image_height = 12;
  bodies[1].wants.image_width = 16;
  bodies[1].tool = [](std::span<const float>) { return std::vector<float>(18, 0.5F); };
  std::vector<std::uint8_t> planes(3 * 224 * 224, 0);
  for (int channel = 0; channel < 3; ++channel) {
    for (int row = 28; row < 196; ++row) {
      std::memset(planes.data() + (channel * 224 + row) * 224, 50 + 60 * channel, 224);
    }
  }
  WireValue images = WireValue::OfMap();
  const NdArray picture = ArrayOf(std::span<const std::uint8_t>(planes), {3, 224, 224});
  for (const char* camera : {"cam_high", "cam_left_wrist", "cam_low"})
    images.Set(camera, WireValue::OfNdArray(picture));
  std::vector<double> state(14);
  for (std::size_t i = 0; i < state.size(); ++i) state[i] = 0.125 * static_cast<double>(i);
  WireValue message = WireValue::OfMap();
  message.Set("state", WireValue::OfNdArray(ArrayOf(std::span<const double>(state), {14})));
  message.Set("images", images);
  message.Set("prompt", WireValue::Text("Lift the tray."));
  const ClientQuestion read = ReadQuestion(message, bodies);
  EXPECT_EQ(read.body->robot.name, "agilex");
  EXPECT_EQ(read.observation.state, std::vector<float>(state.begin(), state.end()));
  EXPECT_EQ(read.observation.images.size(), 2U);
  const Image& high = read.observation.images.at("cam_high");
  ASSERT_EQ(high.rgb.size(), 12U * 16U * 3U);
  for (std::size_t i = 0; i < high.rgb.size(); ++i)
    ASSERT_EQ(high.rgb[i], 50 + 60 * (i % 3)) << "the borders are cut off";

  ExpectRefused(message, {"'robot'"}, {kBoth[0]});
  bodies[1].wants.action_kind = ActionKind::kEndEffectorPose;  // then the actions would not be ALOHA's
  ExpectRefused(message, {"'robot'"}, bodies);
}

TEST(ServeQuestion, SaysWhyDroidAndLiberoAreNotServed) {
  WireValue message = WireValue::OfMap();
  message.Set("observation/joint_position", WireValue::OfArray({}));
  message.Set("prompt", WireValue::Text("x"));
  ExpectRefused(message, {"DROID or LIBERO", "absolute targets"});
}

}  // namespace
}  // namespace divla::serve
