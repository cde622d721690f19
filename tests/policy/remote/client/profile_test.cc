// What each profile sends and what it makes of a server's numbers, against numbers worked out by hand.
#include "policy/remote/client/profile.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

#include "policy/remote/client/profile_parts.h"
#include "policy/remote/wire/ndarray.h"
#include "tests/policy/policy_test_support.h"

namespace divla {
namespace {

constexpr double kPi = std::numbers::pi;

std::unique_ptr<Profile> Make(const std::string& name, RemoteOptions options = {}) {
  options.profile = name;
  return MakeProfile(options, WireValue::OfMap(), "ws://test");
}

Query QueryFor(const Observation& observation) { return {.observation = &observation, .noise_seed = 7}; }

const NdArray& ArrayAt(const WireValue& map, const char* key) {
  const WireValue* value = map.Find(key);
  EXPECT_NE(value, nullptr) << key;
  EXPECT_NE(value->AsNdArray(), nullptr) << key;
  return *value->AsNdArray();
}

std::vector<std::string> KeysOf(const WireValue& map) {
  std::vector<std::string> keys;
  for (const WireEntry& entry : *map.AsMap()) keys.push_back(entry.key);
  return keys;
}

void ExpectNear(const std::array<double, 3>& found, const std::array<double, 3>& expected) {
  for (std::size_t i = 0; i < 3; ++i) EXPECT_NEAR(found[i], expected[i], 1e-12) << i;
}

TEST(ProfileParts, AxisAngleOfKnownTurns) {
  for (const std::array<double, 3> turn : {std::array<double, 3>{0.3, 0, 0}, {0.1, 0.7, -0.2}, {3.1, 0.1, 0.1}}) {
    ExpectNear(AxisAngle(FromAxisAngle(turn)), turn);
  }
  ExpectNear(AxisAngle(FromAxisAngle({0, 0, 0})), {0, 0, 0});
  // A gripper that points down is half a turn about x; a little to either side of that the numbers stay close.
  ExpectNear(AxisAngle(FromAxisAngle({kPi - 0.01, 0, 0})), {kPi - 0.01, 0, 0});
  ExpectNear(AxisAngle(FromAxisAngle({kPi + 0.01, 0, 0})), {kPi + 0.01, 0, 0});
  // With an axis along -x the same turn is written the other way round.
  ExpectNear(AxisAngle(FromAxisAngle({-0.5, 0, 0})), {2 * kPi - 0.5, 0, 0});
  // A quarter about z takes x to y.
  const Matrix3 quarter = FromAxisAngle({0, 0, kPi / 2});
  ExpectNear({quarter[0][0], quarter[1][0], quarter[2][0]}, {0, 1, 0});
}

TEST(ProfileParts, PicturesForOpenpi) {
  Image image{2, 3, {1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 13, 14, 15, 16, 17, 18, 19}};
  EXPECT_EQ(Mirrored(image).rgb,
            (std::vector<std::uint8_t>{7, 8, 9, 4, 5, 6, 1, 2, 3, 17, 18, 19, 14, 15, 16, 11, 12, 13}));
  const NdArray planes = *PictureChw(image).AsNdArray();
  EXPECT_EQ(planes.shape, (std::vector<std::int64_t>{3, 2, 3}));
  EXPECT_EQ(planes.data, std::string("\x01\x04\x07\x0b\x0e\x11\x02\x05\x08\x0c\x0f\x12\x03\x06\x09\x0d\x10\x13"));
  Image wide{126, 224, std::vector<std::uint8_t>(126 * 224 * 3, 200)};
  const Image square = BlackBars(wide);
  const auto row = [&](int number) { return square.rgb[static_cast<std::size_t>(number) * 224 * 3]; };
  EXPECT_EQ(square.rgb.size(), 224U * 224 * 3);
  EXPECT_EQ(row(48), 0);
  EXPECT_EQ(row(49), 200);
  EXPECT_EQ(row(174), 200);
  EXPECT_EQ(row(175), 0);
}

TEST(Profiles, FitOneRobotAndSayWhich) {
  const RobotInterface panda = TestRobot("panda");
  const RobotInterface agilex = TestRobot("agilex");
  ExpectInputError([&] { Make("libero")->Requirements(agilex); }, {"profile libero", "robot panda, found agilex"});
  ExpectInputError([&] { Make("droid")->Requirements(agilex); }, {"profile droid", "panda"});
  ExpectInputError([&] { Make("aloha")->Requirements(panda); }, {"profile aloha", "robot agilex, found panda"});
  EXPECT_EQ(Make("native")->Requirements(panda).cameras, panda.cameras);
  EXPECT_EQ(Make("native")->Requirements(agilex).cameras, agilex.cameras);
  ExpectInputError([&] { Make("pusht"); }, {"native, libero, aloha, droid", "pusht"});
  ExpectInputError([&] { Make("libero", {.action_hz = 10}); }, {"--action-hz", "libero", "20"});
}

TEST(LiberoProfile, SendsItsKeys) {
  const RobotInterface robot = TestRobot("panda");
  const auto profile = Make("libero");
  Observation observation = TestObservation(robot, profile->Requirements(robot));
  observation.state.back() = 0.5F;
  observation.tool = {0.4F, -0.1F, 0.3F, 1, 0, 0, 0, -1, 0};  // half a turn about x
  const WireValue request = profile->Request(robot, QueryFor(observation));
  EXPECT_EQ(KeysOf(request),
            (std::vector<std::string>{"observation/image", "observation/wrist_image", "observation/state", "prompt"}));
  const NdArray& picture = ArrayAt(request, "observation/image");
  EXPECT_EQ(picture.dtype, "|u1");
  EXPECT_EQ(picture.shape, (std::vector<std::int64_t>{224, 224, 3}));
  const Image& left = observation.images.at("left");
  EXPECT_EQ(static_cast<std::uint8_t>(picture.data[0]), left.rgb[223 * 3]);
  const NdArray& state = ArrayAt(request, "observation/state");
  EXPECT_EQ(state.dtype, "<f4");
  const std::vector<double> expected = {0.4F, -0.1F, 0.3F, static_cast<float>(kPi), 0, 0, 0.02F, -0.02F};
  EXPECT_EQ(ToDoubles(state), expected);
  EXPECT_EQ(*request.Find("prompt")->AsText(), observation.instruction);
}

TEST(LiberoProfile, AddsUpItsSteps) {
  const RobotInterface robot = TestRobot("panda");
  const auto profile = Make("libero");
  Observation observation = TestObservation(robot, profile->Requirements(robot));
  observation.tool = {0.4F, 0, 0.3F, 1, 0, 0, 0, -1, 0};
  observation.state.back() = 0.25F;
  // Forward at full speed; then beyond it, a quarter about z in all, and closing; then staying as it is.
  const double turn = kPi / 2 / 0.5 / 4;
  const std::vector<double> values{1, 0,  0,   0, 0, 0,    0,  //
                                   0, -3, 0,   0, 0, turn, 1,  //
                                   0, -3, 0,   0, 0, turn, 1,  //
                                   0, -3, 0,   0, 0, turn, 1,  //
                                   0, -3, 0,   0, 0, turn, 1,  //
                                   0, 0,  0.5, 0, 0, 0,    0,  //
                                   0, 0,  0,   0, 0, 0,    -0.1};
  const ActionChunk chunk = profile->Actions(robot, observation, values, 7, 7);
  ASSERT_EQ(chunk.size, 7);
  ASSERT_EQ(chunk.dim, 10);
  EXPECT_EQ(chunk.kind, ActionKind::kEndEffectorPose);
  const auto expect = [&](int step, const std::vector<double>& expected) {
    const auto row = chunk.Row(step);
    for (std::size_t i = 0; i < 10; ++i)
      EXPECT_NEAR(static_cast<double>(row[i]), expected[i], 1e-6) << step << " " << i;
  };
  expect(0, {0.45, 0, 0.3, 1, 0, 0, 0, -1, 0, 0.25});
  // Rz(90 deg) times diag(1, -1, -1): rows (0, 1, 0) and (1, 0, 0).
  expect(4, {0.45, -0.2, 0.3, 0, 1, 0, 1, 0, 0, 0});
  expect(5, {0.45, -0.2, 0.325, 0, 1, 0, 1, 0, 0, 0});
  expect(6, {0.45, -0.2, 0.325, 0, 1, 0, 1, 0, 0, 1});
  ExpectInputError([&] { profile->Actions(robot, observation, values, 7, 8); }, {"libero", "7 numbers, found 8"});
}

TEST(LiberoProfile, LetsNothingThatIsNoNumberPass) {
  const RobotInterface robot = TestRobot("panda");
  const auto profile = Make("libero");
  const Observation observation = TestObservation(robot, profile->Requirements(robot));
  for (std::size_t i = 0; i < 7; ++i) {
    std::vector<double> values(7, 0.0);
    values[i] = std::numeric_limits<double>::quiet_NaN();
    const ActionChunk chunk = profile->Actions(robot, observation, values, 1, 7);
    EXPECT_FALSE(std::all_of(chunk.values.begin(), chunk.values.end(), [](float x) { return std::isfinite(x); })) << i;
  }
}

TEST(AlohaProfile, SendsItsKeys) {
  const RobotInterface robot = TestRobot("agilex");
  const auto profile = Make("aloha");
  const PolicyRequirements wants = profile->Requirements(robot);
  EXPECT_EQ(wants.image_height, 168);
  EXPECT_EQ(wants.n_action_steps, 4);  // 10 of 50 a second last as long as 4 of 20
  const Observation observation = TestObservation(robot, wants);
  const WireValue request = profile->Request(robot, QueryFor(observation));
  EXPECT_EQ(KeysOf(request), (std::vector<std::string>{"state", "images", "prompt"}));
  EXPECT_EQ(ArrayAt(request, "state").shape, (std::vector<std::int64_t>{14}));
  EXPECT_EQ(KeysOf(*request.Find("images")),
            (std::vector<std::string>{"cam_high", "cam_left_wrist", "cam_right_wrist"}));
  const NdArray& picture = ArrayAt(*request.Find("images"), "cam_high");
  EXPECT_EQ(picture.shape, (std::vector<std::int64_t>{3, 224, 224}));
  // Green of the first picture row, which stands below 28 black ones.
  EXPECT_EQ(static_cast<std::uint8_t>(picture.data[224 * 224 + 28 * 224]), observation.images.at("cam_high").rgb[1]);
}

TEST(AlohaProfile, TakesTheTargetThatIsInForce) {
  const RobotInterface robot = TestRobot("agilex");
  std::vector<double> values;
  for (int step = 0; step < 10; ++step) values.insert(values.end(), 14, step);
  const auto firsts = [&](int hz) {
    const auto profile = Make("aloha", {.action_hz = hz});
    const ActionChunk chunk = profile->Actions(robot, {}, values, 10, 14);
    std::vector<float> found;
    for (int step = 0; step < chunk.size; ++step) found.push_back(chunk.Row(step)[13]);
    return found;
  };
  EXPECT_EQ(firsts(50), (std::vector<float>{2, 4, 7, 9}));  // at 0.05, 0.1, 0.15, 0.2 s; each lasts 0.02 s
  EXPECT_EQ(firsts(20), (std::vector<float>{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}));
  EXPECT_EQ(firsts(10), (std::vector<float>{0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9}));
}

TEST(DroidProfile, SendsItsKeys) {
  const RobotInterface robot = TestRobot("panda");
  const auto profile = Make("droid");
  Observation observation = TestObservation(robot, profile->Requirements(robot));
  observation.state.back() = 0.75F;
  const WireValue request = profile->Request(robot, QueryFor(observation));
  EXPECT_EQ(KeysOf(request),
            (std::vector<std::string>{"observation/exterior_image_1_left", "observation/wrist_image_left",
                                      "observation/joint_position", "observation/gripper_position", "prompt"}));
  EXPECT_EQ(ArrayAt(request, "observation/joint_position").shape, (std::vector<std::int64_t>{7}));
  EXPECT_EQ(ToDoubles(ArrayAt(request, "observation/gripper_position")), (std::vector<double>{0.25}));
  EXPECT_EQ(ArrayAt(request, "observation/wrist_image_left").shape, (std::vector<std::int64_t>{224, 224, 3}));
}

TEST(DroidProfile, IntegratesVelocities) {
  const RobotInterface robot = TestRobot("panda");
  const auto profile = Make("droid");
  EXPECT_EQ(profile->Requirements(robot).n_action_steps, 10);  // 8 of 15 a second last 10.7 of 20
  Observation observation = TestObservation(robot, profile->Requirements(robot));
  std::fill(observation.state.begin(), observation.state.end(), 0.0F);
  // Full speed for one action, then back at half speed for three: 0.2 rad up, 0.3 rad down.
  std::vector<double> values;
  for (const double speed : {2.0, -0.5, -0.5, -0.5}) {
    values.insert(values.end(), 7, speed);
    values.push_back(speed > 0 ? 0.4 : 0.6);
  }
  const ActionChunk chunk = profile->Actions(robot, observation, values, 4, 8);
  ASSERT_EQ(chunk.size, 5);  // 4 / 15 s = 0.267 s
  // After 0.05 s three quarters of the first action; after 0.1 s it and half of the second; ...
  const std::vector<double> expected = {0.15, 0.2 - 0.05, 0.2 - 0.125, 0.2 - 0.2, 0.2 - 0.275};
  for (int step = 0; step < 5; ++step) {
    EXPECT_NEAR(static_cast<double>(chunk.Row(step)[3]), expected[static_cast<std::size_t>(step)], 1e-6) << step;
  }
  EXPECT_EQ(chunk.Row(0)[7], 1);  // 0.4: open
  EXPECT_EQ(chunk.Row(4)[7], 0);  // 0.6: closed
}

// --- native ---

WireValue Metadata(const char* robot, WireValue entry) {
  WireValue robots = WireValue::OfMap();
  robots.Set(robot, std::move(entry));
  WireValue divla = WireValue::OfMap();
  divla.Set("version", WireValue::Int(1));
  divla.Set("reasons", WireValue::Bool(true));
  divla.Set("robots", robots);
  WireValue metadata = WireValue::OfMap();
  metadata.Set("divla", divla);
  return metadata;
}

WireValue RobotEntry() {
  WireValue entry = WireValue::OfMap();
  entry.Set("cameras", WireValue::OfArray({WireValue::Text("wrist")}));
  entry.Set("image_size", WireValue::OfArray({WireValue::Int(4), WireValue::Int(6)}));
  entry.Set("action_kind", WireValue::Text("end_effector_pose"));
  entry.Set("n_action_steps", WireValue::Int(3));
  return entry;
}

TEST(NativeProfile, DoesWhatTheMetadataSays) {
  const RobotInterface robot = TestRobot("panda");
  const auto profile = MakeProfile({}, Metadata("panda", RobotEntry()), "ws://test");
  const PolicyRequirements wants = profile->Requirements(robot);
  EXPECT_EQ(wants.cameras, (std::vector<std::string>{"wrist"}));
  EXPECT_EQ(wants.image_height, 4);
  EXPECT_EQ(wants.image_width, 6);
  EXPECT_EQ(wants.action_kind, ActionKind::kEndEffectorPose);
  EXPECT_EQ(wants.n_action_steps, 3);
  EXPECT_TRUE(profile->Reasons());
  ExpectInputError([&] { profile->Requirements(TestRobot("agilex")); }, {"robot 'agilex', found one for [panda]"});
}

TEST(NativeProfile, RefusesMetadataThatMakesNoSense) {
  const auto expect = [](const char* key, WireValue value, const std::vector<std::string>& parts) {
    WireValue entry = WireValue::OfMap();
    const WireValue good = RobotEntry();
    for (const WireEntry& field : *good.AsMap()) entry.Set(field.key, field.key == key ? value : field.value);
    ExpectInputError([&] { MakeProfile({}, Metadata("panda", entry), "ws://test")->Requirements(TestRobot("panda")); },
                     parts);
  };
  expect("cameras", WireValue::Text("wrist"), {"ws://test: metadata.divla.robots.panda.cameras", "found text"});
  expect("cameras", WireValue::OfArray({WireValue::Int(1)}), {"cameras"});
  expect("cameras", WireValue::OfArray({WireValue::Text("behind")}), {"cameras of panda", "behind"});
  expect("image_size", WireValue::OfArray({WireValue::Int(4)}), {"image_size", "[height, width]"});
  expect("image_size", WireValue::OfArray({WireValue::Int(0), WireValue::Int(4)}), {"image_size"});
  expect("image_size", WireValue::OfArray({WireValue::Int(4), WireValue::Int(1 << 20)}), {"image_size"});
  expect("action_kind", WireValue::Text("torque"), {"action_kind", "joint_position or end_effector_pose"});
  expect("n_action_steps", WireValue::Int(0), {"n_action_steps"});
  WireValue metadata = WireValue::OfMap();
  metadata.Set("divla", WireValue::Int(1));
  ExpectInputError([&] { MakeProfile({}, metadata, "ws://test"); }, {"metadata.divla: expected a map, found int"});
  WireValue divla = WireValue::OfMap();
  divla.Set("version", WireValue::Int(2));
  metadata = WireValue::OfMap();
  metadata.Set("divla", divla);
  ExpectInputError([&] { MakeProfile({}, metadata, "ws://test"); }, {"metadata.divla.version: expected 1"});
}

TEST(NativeProfile, SendsAllThatItHas) {
  const RobotInterface robot = TestRobot("agilex");
  const auto profile = Make("native");
  const Observation observation = TestObservation(robot, profile->Requirements(robot), 6);
  Query query = QueryFor(observation);
  query.episode = 3;
  query.query_number = 2;
  query.noise_seed = ~std::uint64_t{0};
  const WireValue request = profile->Request(robot, query);
  EXPECT_EQ(KeysOf(request), (std::vector<std::string>{"robot", "images", "state", "tool", "prompt", "time", "step",
                                                       "reset", "query", "seed", "episode"}));
  EXPECT_EQ(*request.Find("robot")->AsText(), "agilex");
  EXPECT_EQ(*request.Find("step")->AsInt(), 6);
  EXPECT_FALSE(*request.Find("reset")->AsBool());
  EXPECT_EQ(*request.Find("query")->AsInt(), 2);
  EXPECT_EQ(*request.Find("seed")->AsBigUint(), ~std::uint64_t{0});
  EXPECT_EQ(*request.Find("episode")->AsInt(), 3);
  EXPECT_EQ(ArrayAt(request, "tool").shape, (std::vector<std::int64_t>{18}));
  ForcedReasoning forced{.text = "I take the cup.", .pixels = {{"cam_high", {{0.5F, 0.25F}}}, {"cam_low", {}}}};
  query.reasoning = ReasoningMode::kForced;
  query.forced = &forced;
  const WireValue told = profile->Request(robot, query);
  EXPECT_EQ(*told.Find("reasoning_mode")->AsText(), "forced");
  EXPECT_EQ(*told.Find("forced_reasoning")->AsText(), forced.text);
  EXPECT_TRUE(told.Find("forced_pixels")->Find("cam_low")->IsNil());
  EXPECT_EQ(*told.Find("forced_pixels")->Find("cam_high"),
            WireValue::OfArray({WireValue::Double(0.5), WireValue::Double(0.25)}));
}

}  // namespace
}  // namespace divla
