// A server on the loopback and clients that keep to the protocol.
#include <gtest/gtest.h>

#include <array>

#include "policy/registry.h"
#include "policy/remote/native_keys.h"
#include "policy/remote/wire/ndarray.h"
#include "policy/serve.h"
#include "tests/policy/remote/serve/server_fixture.h"

namespace divla::serve {
namespace {

const std::string kCheckpoints = std::string(DIVLA_SOURCE_DIR) + "/assets/checkpoints";

// The bytes of the answer that `policy` gives in this process.
std::string InProcess(Policy& policy, const Observation& observation, std::uint64_t seed, int query_number) {
  for (const RobotInterface& robot : TestRobots()) {
    if (robot.name == observation.robot) policy.Reset(robot, 1);
  }
  const Query query{&observation, 0, seed, query_number};
  return Bytes(policy.Infer({&query, 1}).at(0).actions.values);
}

TEST(Serve, MetadataComesFirstAndSaysWhatIsServed) {
  ServerFixture fixture;
  RawClient client(fixture.server.Port());
  const WireValue metadata = client.Enter();
  const WireValue* ours = metadata.Find(native::kDivla);
  ASSERT_NE(ours, nullptr);
  EXPECT_EQ(*ours->Find(native::kVersionKey), WireValue::Int(native::kVersion));
  EXPECT_EQ(*ours->Find(native::kPolicy), WireValue::Text("served"));
  EXPECT_EQ(*ours->Find(native::kReasons), WireValue::Bool(false));
  const WireValue* agilex = ours->Find(native::kRobots)->Find("agilex");
  ASSERT_NE(agilex, nullptr);
  EXPECT_EQ(*agilex->Find(native::kCameras), WireValue::OfArray({WireValue::Text("cam_high")}));
  EXPECT_EQ(*agilex->Find(native::kImageSize), WireValue::OfArray({WireValue::Int(6), WireValue::Int(8)}));
  EXPECT_EQ(*agilex->Find(native::kActionKind), WireValue::Text(native::kJointPosition));
  EXPECT_EQ(*agilex->Find(native::kActionSteps), WireValue::Int(1));
  EXPECT_EQ(*agilex->Find("chunk"), WireValue::Int(2));
  EXPECT_EQ(*agilex->Find("action_dim"), WireValue::Int(14));
  ASSERT_NE(ours->Find("profiles"), nullptr);
  EXPECT_NE(ours->Find("profiles")->Find("aloha"), nullptr);
}

TEST(Serve, AnswersWithActionsReasoningAndTimes) {
  ServerFixture fixture;
  RawClient client(fixture.server.Port());
  client.Enter();
  for (int i = 0; i < 3; ++i) {
    const WireValue answer = client.Ask(fixture.Message(i));
    const WireValue* actions = answer.Find(native::kActions);
    ASSERT_NE(actions, nullptr);
    EXPECT_EQ(actions->AsNdArray()->shape, (std::vector<std::int64_t>{2, 8}));
    EXPECT_EQ(*answer.Find(native::kReasoning), WireValue::Text("I was told: " + fixture.Seen(i).instruction));
    EXPECT_NE(answer.Find("policy_timing")->Find("infer_ms")->AsDouble(), nullptr);
    EXPECT_NE(answer.Find("server_timing")->Find("infer_ms")->AsDouble(), nullptr);
    EXPECT_EQ(answer.Find("server_timing")->Find("prev_total_ms") != nullptr, i > 0) << "from the second one on";
  }
  client.Close();
}

TEST(Serve, AConnectionIsAnEpisodeOfSeedZeroUnlessTheClientSaysMore) {
  ServerFixture fixture;
  for (int connection = 0; connection < 2; ++connection) {
    RawClient client(fixture.server.Port());
    client.Enter();
    for (int i = 0; i < 3; ++i) {
      EXPECT_EQ(ActionBytes(client.Ask(fixture.Message(i))), InProcess(fixture.policy, fixture.Seen(i), 0, i));
    }
    EXPECT_EQ(ActionBytes(client.Ask(fixture.Message(5, {.reset = true}))),
              InProcess(fixture.policy, fixture.Seen(5), 0, 0));
    EXPECT_EQ(ActionBytes(client.Ask(fixture.Message(5))), InProcess(fixture.policy, fixture.Seen(5), 0, 1));
    // Another seed or another name is another episode; a name that stays the same is not.
    const std::array<std::pair<Episode, int>, 5> steps = {{{{.seed = 7}, 0},
                                                           {{.seed = 7}, 1},
                                                           {{.seed = 7, .number = 1}, 0},
                                                           {{.seed = 7, .number = 1}, 1},
                                                           {{.seed = 7, .number = 2}, 0}}};
    for (const auto& [episode, query_number] : steps) {
      EXPECT_EQ(ActionBytes(client.Ask(fixture.Message(1, episode))),
                InProcess(fixture.policy, fixture.Seen(1), 7, query_number));
    }
  }
}

TEST(Serve, SeedAndQueryNumberDecideWhateverWasAskedBefore) {
  ServerFixture fixture;
  RawClient client(fixture.server.Port());
  client.Enter();
  const std::uint64_t seed = 0xFFFFFFFFFFFFFFFE;
  for (const int query_number : {9, 2, 2, 2147483647, 0}) {
    EXPECT_EQ(ActionBytes(client.Ask(fixture.Message(4, {.seed = seed, .query = query_number}))),
              InProcess(fixture.policy, fixture.Seen(4), seed, query_number));
  }
}

TEST(Serve, RobotsTakeTurnsOnOneConnection) {
  ServerFixture fixture;
  RawClient client(fixture.server.Port());
  client.Enter();
  for (int i = 0; i < 4; ++i) {
    const Observation seen = fixture.Seen(i, i % 2 == 0 ? "panda" : "agilex");
    EXPECT_EQ(ActionBytes(client.Ask(Pack(NativeMessage(seen)))), InProcess(fixture.policy, seen, 0, i));
  }
}

TEST(Serve, ClientsThatWaitTogetherAreOneBatch) {
  ServerFixture fixture;
  fixture.backstage->Hold();
  std::vector<std::unique_ptr<RawClient>> clients;
  for (int i = 0; i < 6; ++i) {
    clients.push_back(std::make_unique<RawClient>(fixture.server.Port()));
    clients.back()->Enter();
  }
  clients[0]->Send(fixture.Message(0));
  ASSERT_TRUE(fixture.backstage->WaitForBatches(fixture.first_batches + 1));
  for (int i = 1; i < 6; ++i) {
    clients[static_cast<std::size_t>(i)]->Send(fixture.Message(i, {.seed = static_cast<std::uint64_t>(i)}));
  }
  // The server has read them all when it answers one more that comes last on the same thread.
  RawClient last(fixture.server.Port());
  EXPECT_EQ(last.Get("/healthz"), "200 OK\n");
  fixture.backstage->Release();
  for (int i = 0; i < 6; ++i) {
    const Frame frame = clients[static_cast<std::size_t>(i)]->Receive();
    ASSERT_EQ(frame.kind, Frame::Kind::kBinary);
    EXPECT_EQ(ActionBytes(Unpack(frame.bytes)),
              InProcess(fixture.policy, fixture.Seen(i), static_cast<std::uint64_t>(i), 0));
  }
  // Together they were fewer batches than questions; how many depends on what had come in time.
  EXPECT_LT(fixture.backstage->Batches().size(), fixture.first_batches + 6);
}

// Strict: bit for bit what the same checkpoint answers in this process, also when several ask at once.
TEST(Serve, TheShippedCheckpointAnswersAsInThisProcess) {
  const auto make = [] { return MakePolicy("divla-tiny", kCheckpoints, {.strict = true}); };
  RunningServer server(make());
  const auto policy = make();
  std::vector<std::unique_ptr<RawClient>> clients;
  std::vector<Observation> seen;
  for (int i = 0; i < 4; ++i) {
    const RobotInterface robot = TestRobot(i < 2 ? "panda" : "agilex");
    seen.push_back(TestObservation(robot, policy->Requirements(robot), i));
    clients.push_back(std::make_unique<RawClient>(server.Port()));
    clients.back()->Enter();
  }
  for (std::size_t i = 0; i < 4; ++i) {
    clients[i]->Send(Pack(NativeMessage(seen[i], {.seed = i, .query = 3})));
  }
  for (std::size_t i = 0; i < 4; ++i) {
    const Frame frame = clients[i]->Receive();
    ASSERT_EQ(frame.kind, Frame::Kind::kBinary) << frame.bytes;
    const WireValue answer = Unpack(frame.bytes);
    EXPECT_EQ(ActionBytes(answer), InProcess(*policy, seen[i], i, 3));
    EXPECT_NE(*answer.Find(native::kReasoning), WireValue::Text(""));
  }
}

TEST(Serve, AnswersPlainRequests) {
  ServerFixture fixture;
  EXPECT_EQ(RawClient(fixture.server.Port()).Get("/healthz"), "200 OK\n");
  EXPECT_EQ(RawClient(fixture.server.Port()).Get("/healthz", {}, "HEAD"), "200 ");
  EXPECT_TRUE(RawClient(fixture.server.Port()).Get("/").starts_with("426 "));
  EXPECT_TRUE(RawClient(fixture.server.Port()).Get("/", {}, "POST").starts_with("405 "));
}

TEST(Serve, WrongKeysAndWebPagesStayOut) {
  ServeOptions options;
  options.api_key = "open sesame";
  ServerFixture fixture(options);
  const auto status = [&](const RawClient::Headers& headers) { return RawClient(fixture.server.Port()).Open(headers); };
  EXPECT_EQ(status({}), 401);
  EXPECT_EQ(status({{"Authorization", "Api-Key open"}}), 401);
  EXPECT_EQ(status({{"Authorization", "Api-Key open sesame"}, {"Origin", "http://example.com"}}), 403);
  EXPECT_EQ(status({{"Authorization", "Api-Key open sesame"}}), 101);
  EXPECT_EQ(RawClient(fixture.server.Port()).Get("/healthz"), "200 OK\n");
}

TEST(Serve, RefusesAPolicyWithoutRobotsAndPortsThatAreTaken) {
  ServerFixture fixture;
  const auto serve = [](std::vector<ServedRobot> robots, ServeOptions options) {
    PolicyServer(std::make_unique<ServedPolicy>(std::make_shared<Backstage>(), true), std::move(robots), options);
  };
  ServeOptions options;
  options.port = fixture.server.Port();
  EXPECT_THROW(serve(ServedTestRobots(), options), MachineError);
  options.port = 0;
  EXPECT_THROW(serve({}, options), InputError);
  options.host = "example.com";
  EXPECT_THROW(serve(ServedTestRobots(), options), InputError);
}

}  // namespace
}  // namespace divla::serve
