// The client against servers that answer, fail, stall, lie and vanish. No time is measured: a wait that had no end would
// hang the test, and CTest ends it.
#include "policy/remote/client/remote_policy.h"

#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <cstdlib>
#include <mutex>
#include <nlohmann/json.hpp>

#include "policy/remote/wire/ndarray.h"
#include "sim/check.h"
#include "sim/rng.h"
#include "tests/policy/policy_test_support.h"
#include "tests/policy/remote/client/test_server.h"

namespace divla {
namespace {

constexpr int kSteps = 8;

// Long for what must succeed, so that a busy machine fails no test.
RemoteOptions Patient() { return {.connect_seconds = 120, .answer_seconds = 120, .tries = 1}; }
// Short where the time-out is what is tested.
RemoteOptions Hasty() { return {.connect_seconds = 120, .answer_seconds = 0.2, .tries = 1}; }

std::string Empty() { return Pack(WireValue::OfMap()); }

std::string Actions(double value, int dim = 8, int steps = kSteps) {
  const std::vector<double> values(static_cast<std::size_t>(dim * steps), value);
  WireValue answer = WireValue::OfMap();
  answer.Set("actions", WireValue::OfNdArray(ArrayOf(std::span<const double>(values), {steps, dim})));
  return Pack(answer);
}

// What an honest policy here answers: a number that only the question decides.
double NumberOf(const WireValue& question) {
  return 0.01 * static_cast<double>(*question.Find("query")->AsInt()) +
         0.1 * static_cast<double>(*question.Find("seed")->AsInt());
}

// Metadata, then one answer after another.
void ServeHonestly(TestPeer& peer) {
  peer.Handshake();
  peer.SendBinary(Empty());
  while (const auto question = peer.Receive()) peer.SendBinary(Actions(NumberOf(Unpack(*question))));
}

// Asks one policy for panda; slots are episodes, and their seeds 1 + slot.
class Asker {
 public:
  explicit Asker(const std::string& name, const RemoteOptions& options = Patient(), int slots = 1)
      : policy_(MakeRemotePolicy(name, options)), robot_(TestRobot("panda")) {
    policy_->Reset(robot_, slots);
  }

  Query QueryFor(int slot, int number) {
    const int variant = slot * 100 + number;
    if (!observations_.contains(variant)) {
      PolicyRequirements small = policy_->Requirements(robot_);
      observations_[variant] = TestObservation(robot_, small, variant);
    }
    return {.observation = &observations_[variant],
            .episode = slot,
            .noise_seed = static_cast<std::uint64_t>(1 + slot),
            .query_number = number};
  }
  float Ask(int slot, int number) {
    const Query query = QueryFor(slot, number);
    return policy_->Infer(std::span(&query, 1)).at(0).actions.values.at(0);
  }
  Policy& Get() { return *policy_; }
  const RobotInterface& Robot() const { return robot_; }

 private:
  std::unique_ptr<Policy> policy_;
  RobotInterface robot_;
  std::map<int, Observation> observations_;
};

// With metadata that asks for one small picture, so that tests are quick.
std::string SmallPictures() {
  WireValue panda = WireValue::OfMap();
  panda.Set("cameras", WireValue::OfArray({WireValue::Text("wrist")}));
  panda.Set("image_size", WireValue::OfArray({WireValue::Int(2), WireValue::Int(2)}));
  WireValue robots = WireValue::OfMap();
  robots.Set("panda", panda);
  WireValue divla = WireValue::OfMap();
  divla.Set("version", WireValue::Int(1));
  divla.Set("weights_sha256", WireValue::Text("abc"));
  divla.Set("robots", robots);
  WireValue metadata = WireValue::OfMap();
  metadata.Set("divla", divla);
  return Pack(metadata);
}

TEST(RemotePolicy, AsksAndPlaysWhatTheServerAnswers) {
  TestServer server(ServeHonestly);
  Asker asker(server.Name());
  EXPECT_EQ(asker.Ask(0, 0), 0.1F);
  EXPECT_EQ(asker.Ask(0, 1), static_cast<float>(0.01 + 0.1));
  EXPECT_FALSE(asker.Get().Info().reasons);
  const auto remote = nlohmann::json::parse(asker.Get().Info().remote);
  EXPECT_EQ(remote["profile"], "native");
  EXPECT_EQ(remote["metadata"], nlohmann::json::object());
  EXPECT_EQ(server.Connections(), 1);
}

TEST(RemotePolicy, TellsWhatTheServerSaysOfItself) {
  TestServer server([](TestPeer& peer) {
    peer.Handshake();
    peer.SendBinary(SmallPictures());
    peer.WaitForEnd();
  });
  Asker asker(server.Name());
  EXPECT_EQ(asker.Get().Info().weights_sha256, "abc");
  EXPECT_EQ(asker.Get().Requirements(asker.Robot()).image_width, 2);
  EXPECT_NE(asker.Get().Info().remote.find("\"image_size\":[2,2]"), std::string::npos);
}

// No question of the two is answered before both are there, each on its own connection.
TEST(RemotePolicy, AsksOpenEpisodesAtTheSameTime) {
  std::mutex mutex;
  std::condition_variable both;
  int waiting = 0;
  TestServer server([&](TestPeer& peer) {
    peer.Handshake();
    peer.SendBinary(Empty());
    while (const auto question = peer.Receive()) {
      {
        std::unique_lock lock(mutex);
        ++waiting;
        both.notify_all();
        both.wait(lock, [&] { return waiting % 2 == 0; });
      }
      peer.SendBinary(Actions(NumberOf(Unpack(*question))));
    }
  });
  Asker asker(server.Name(), Patient(), 2);
  const std::vector<Query> queries = {asker.QueryFor(0, 0), asker.QueryFor(1, 0)};
  const auto outputs = asker.Get().Infer(queries);
  EXPECT_EQ(outputs.at(0).actions.values[0], 0.1F);
  EXPECT_EQ(outputs.at(1).actions.values[0], 0.2F);
  EXPECT_EQ(server.Connections(), 2);
}

TEST(RemotePolicy, ATextFrameIsAnErrorWithItsLastWords) {
  TestServer server([](TestPeer& peer) {
    peer.Handshake();
    peer.SendBinary(Empty());
    peer.Receive();
    peer.SendText("Traceback (most recent call last):\n" + std::string(5000, 'x') + "\nValueError: no such key\n");
    peer.Close(1011, "Internal server error. Traceback included in previous frame.");
  });
  Asker asker(server.Name());
  try {
    asker.Ask(0, 0);
    ADD_FAILURE() << "expected an InputError";
  } catch (const InputError& error) {
    const std::string message = error.what();
    EXPECT_NE(message.find("the server failed and says: ... x"), std::string::npos) << message;
    EXPECT_TRUE(message.ends_with("ValueError: no such key")) << message;
    EXPECT_LT(message.size(), 450U);
  }
  EXPECT_EQ(server.Connections(), 1) << "a policy that threw is not asked again";
}

// PolicyAgent asks the episodes of a batch that failed one by one: that must cost the server nothing.
TEST(RemotePolicy, OneBadEpisodeDoesNotFailItsNeighbourAndNothingIsAskedTwice) {
  std::atomic<int> questions{0};
  TestServer server([&](TestPeer& peer) {
    peer.Handshake();
    peer.SendBinary(Empty());
    while (const auto question = peer.Receive()) {
      ++questions;
      const double number = NumberOf(Unpack(*question));
      peer.SendBinary(number == 0.2 ? Actions(number, 5) : Actions(number));
    }
  });
  Asker asker(server.Name(), Patient(), 2);
  const std::vector<Query> queries = {asker.QueryFor(0, 0), asker.QueryFor(1, 0)};
  ExpectInputError([&] { asker.Get().Infer(queries); }, {"actions of 8 numbers, found 5"});
  EXPECT_EQ(asker.Ask(0, 0), 0.1F);
  ExpectInputError([&] { asker.Ask(1, 0); }, {"actions of 8 numbers, found 5"});
  ExpectInputError([&] { asker.Ask(1, 1); }, {"actions of 8 numbers, found 5"});
  EXPECT_EQ(asker.Ask(0, 1), static_cast<float>(0.11));
  EXPECT_EQ(questions, 3);
}

// --- lost connections ---

// Cuts the first `cuts` connections at their `at`-th question; the others are honest. Collects what it was asked.
struct Cutter {
  int cuts;
  int at;
  double drift{0};  // added to the answers of later connections
  std::mutex mutex{};
  std::vector<std::vector<int>> asked{};  // query numbers, by connection

  void operator()(TestPeer& peer) {
    peer.Handshake();
    peer.SendBinary(Empty());
    int count = 0;
    while (const auto question = peer.Receive()) {
      const WireValue value = Unpack(*question);
      {
        const std::lock_guard lock(mutex);
        asked.resize(std::max(asked.size(), static_cast<std::size_t>(peer.Number()) + 1));
        asked[static_cast<std::size_t>(peer.Number())].push_back(static_cast<int>(*value.Find("query")->AsInt()));
      }
      if (peer.Number() < cuts && count++ == at) return peer.Cut();
      peer.SendBinary(Actions(NumberOf(value) + (peer.Number() > 0 ? drift : 0)));
    }
  }
};

TEST(RemotePolicy, AfterALostConnectionTheEpisodeIsAskedAgainFromItsStart) {
  Cutter cutter{.cuts = 1, .at = 2};
  TestServer server([&](TestPeer& peer) { cutter(peer); });
  Asker asker(server.Name());
  for (int number = 0; number < 5; ++number) {
    EXPECT_EQ(asker.Ask(0, number), static_cast<float>(0.01 * number + 0.1)) << number;
  }
  EXPECT_EQ(cutter.asked, (std::vector<std::vector<int>>{{0, 1, 2}, {0, 1, 2, 3, 4}}));
}

TEST(RemotePolicy, ASecondLossFailsTheEpisodeButNotTheNext) {
  Cutter cutter{.cuts = 2, .at = 2};
  TestServer server([&](TestPeer& peer) { cutter(peer); });
  Asker asker(server.Name());
  asker.Ask(0, 0);
  asker.Ask(0, 1);
  ExpectInputError([&] { asker.Ask(0, 2); }, {"connection lost"});
  ExpectInputError([&] { asker.Ask(0, 3); }, {"connection lost"});
  asker.Get().Reset(asker.Robot(), 1);
  EXPECT_EQ(asker.Ask(0, 0), 0.1F);
}

TEST(RemotePolicy, AServerThatDoesNotRepeatItselfFailsTheEpisode) {
  Cutter cutter{.cuts = 1, .at = 1, .drift = 0.001};
  TestServer server([&](TestPeer& peer) { cutter(peer); });
  Asker asker(server.Name());
  asker.Ask(0, 0);
  ExpectInputError([&] { asker.Ask(0, 1); }, {"connection lost", "query 0 differently", "does not repeat itself"});
}

TEST(RemotePolicy, AnotherPolicyAfterALossIsNoticed) {
  TestServer server([](TestPeer& peer) {
    peer.Handshake();
    peer.SendBinary(peer.Number() == 0 ? Empty() : SmallPictures());
    peer.Receive();
    peer.Cut();
  });
  Asker asker(server.Name());
  ExpectInputError([&] { asker.Ask(0, 0); }, {"metadata: expected what the server said at first"});
}

TEST(RemotePolicy, ACloseFrameSaysWhy) {
  TestServer server([](TestPeer& peer) {
    peer.Handshake();
    peer.SendBinary(Empty());
    peer.Receive();
    peer.Close(1013, "too many clients");
  });
  Asker asker(server.Name());
  ExpectInputError([&] { asker.Ask(0, 0); }, {"closed by the server with code 1013: too many clients"});
}

// A viewer goes back in time: the server then knows only what came before.
TEST(RemotePolicy, GoingBackTellsTheServerItsPastAnew) {
  Cutter cutter{.cuts = 0, .at = 0};
  TestServer server([&](TestPeer& peer) { cutter(peer); });
  Asker asker(server.Name());
  for (int number = 0; number < 4; ++number) asker.Ask(0, number);
  EXPECT_EQ(asker.Ask(0, 1), static_cast<float>(0.11));
  EXPECT_EQ(asker.Ask(0, 2), static_cast<float>(0.12));
  EXPECT_EQ(cutter.asked, (std::vector<std::vector<int>>{{0, 1, 2, 3}, {0, 1, 2}}));
}

// --- servers that nobody should have to wait for ---

struct Abuse {
  const char* name;
  std::function<void(TestPeer&)> script;
  const char* reason;
};

// Before the first question: the policy cannot even be made.
TEST(RemotePolicy, AbuseBeforeTheFirstQuestion) {
  const std::vector<Abuse> cases = {
      {"says nothing", [](TestPeer& peer) { peer.WaitForEnd(); }, "expected a websocket handshake within"},
      {"hangs up", [](TestPeer& peer) { peer.Cut(); }, "expected a websocket handshake, found:"},
      {"is no websocket",
       [](TestPeer& peer) {
         peer.SendRaw("HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n");
         peer.WaitForEnd();
       },
       "expected a websocket, found HTTP status 401"},
      {"is no HTTP",
       [](TestPeer& peer) {
         peer.SendRaw("220 smtp.example.org\r\n");
         peer.WaitForEnd();
       },
       "expected a websocket handshake, found:"},
      {"sends half a header",
       [](TestPeer& peer) {
         peer.SendRaw("HTTP/1.1 101 Switch");
         peer.WaitForEnd();
       },
       "expected a websocket handshake within"},
      {"sends an endless header", [](TestPeer& peer) { peer.SendRaw(std::string(1 << 20, 'x')); }, "handshake"},
      {"has no metadata",
       [](TestPeer& peer) {
         peer.Handshake();
         peer.WaitForEnd();
       },
       "no metadata within"},
      {"sends text for metadata",
       [](TestPeer& peer) {
         peer.Handshake();
         peer.SendText("hello");
         peer.WaitForEnd();
       },
       "expected metadata, found text: hello"},
  };
  for (const Abuse& abuse : cases) {
    TestServer server(abuse.script);
    try {
      MakeRemotePolicy(server.Name(), {.connect_seconds = 0.3, .tries = 1});
      ADD_FAILURE() << abuse.name;
    } catch (const MachineError& error) {
      EXPECT_NE(std::string(error.what()).find(abuse.reason), std::string::npos) << abuse.name << ": " << error.what();
    }
  }
}

TEST(RemotePolicy, MetadataThatIsNone) {
  for (const std::string& bytes : {Pack(WireValue::Int(1)), std::string("\xc1"), std::string()}) {
    TestServer server([&](TestPeer& peer) {
      peer.Handshake();
      peer.SendBinary(bytes);
      peer.WaitForEnd();
    });
    ExpectInputError([&] { MakeRemotePolicy(server.Name(), Patient()); }, {"metadata"});
  }
}

TEST(RemotePolicy, NobodyListens) {
  std::string name;
  {
    TestServer server([](TestPeer&) {});
    name = server.Name();
  }
  RemoteOptions options = Patient();
  options.tries = 2;
  try {
    MakeRemotePolicy(name, options);
    ADD_FAILURE() << "expected a MachineError";
  } catch (const MachineError& error) {
    EXPECT_NE(std::string(error.what()).find("no policy server answers"), std::string::npos) << error.what();
  }
}

std::string Frame(char first, std::uint64_t claimed, const std::string& payload) {
  std::string frame(1, first);
  frame += '\x7f';
  for (int shift = 56; shift >= 0; shift -= 8) frame += static_cast<char>((claimed >> shift) & 0xff);
  return frame + payload;
}

TEST(RemotePolicy, AbuseInPlaceOfAnAnswer) {
  const auto raw = [](std::string bytes) {
    return [bytes](TestPeer& peer) {
      peer.SendRaw(bytes);
      peer.WaitForEnd();
    };
  };
  const auto binary = [](std::string bytes) { return [bytes](TestPeer& peer) { peer.SendBinary(bytes); }; };
  WireValue nested;
  for (int i = 0; i < 40; ++i) nested = WireValue::OfArray({nested});
  std::string actions = Actions(1);
  actions.replace(actions.find("<f8"), 3, ">f8");
  const std::vector<Abuse> cases = {
      {"silent", [](TestPeer& peer) { peer.WaitForEnd(); }, "no answer within 0.2 s"},
      {"slow", raw(std::string("\x82\x64\x81", 3)), "no answer within 0.2 s"},
      {"pings only", raw(std::string("\x89\x00\x89\x00\x89\x00", 6)), "no answer within 0.2 s"},
      {"too large", raw(Frame('\x82', 1ULL << 40, "")), "connection lost: a message of more than"},
      {"size that is written in more bytes than it needs", raw(Frame('\x82', 100, "\x81")), "not canonical"},
      {"size of 2^63", raw(Frame('\x82', 1ULL << 63, "")), "connection lost"},
      {"unknown opcode", raw(std::string("\x83\x00", 2)), "connection lost"},
      {"masked by the server", raw(std::string("\x82\x81\x00\x00\x00\x00\x80", 7)), "connection lost"},
      {"truncated", binary(Actions(1).substr(0, 100)), "expected a whole message"},
      {"empty", binary(""), "expected a whole message"},
      {"nested", binary(Pack(nested)), "arrays and maps within one another"},
      {"elements that are not there", binary("\xdf\xff\xff\xff\xff"), "elements of arrays and maps"},
      {"wrong dtype", binary(actions), "big-endian '>f8'"},
      {"wrong size", binary(Actions(1, 7)), "expected actions of 8 numbers, found 7"},
      {"too short", binary(Actions(1, 8, 2)), "expected at least 8 control steps"},
      {"no actions", binary(Empty()), "expected the key actions"},
      {"no map", binary(Pack(WireValue::Int(3))), "expected a map, found int"},
  };
  for (const Abuse& abuse : cases) {
    TestServer server([&](TestPeer& peer) {
      peer.Handshake();
      peer.SendBinary(SmallPictures());
      if (peer.Receive()) abuse.script(peer);
      peer.WaitForEnd();
    });
    const bool waits = std::string(abuse.reason).starts_with("no answer");
    Asker asker(server.Name(), waits ? Hasty() : Patient());
    ExpectInputError([&] { asker.Ask(0, 0); }, {abuse.reason});
  }
}

TEST(RemotePolicy, RandomAnswersAreRefused) {
  Rng rng({.seed = 1, .stream = "random-answers"});
  std::vector<std::string> answers;
  for (int i = 0; i < 200; ++i) {
    std::string bytes(static_cast<std::size_t>(1 + rng.Int(100)), '\0');
    for (char& byte : bytes) byte = static_cast<char>(rng.Int(256));
    answers.push_back(bytes);
  }
  TestServer server([&](TestPeer& peer) {
    peer.Handshake();
    peer.SendBinary(SmallPictures());
    while (const auto question = peer.Receive()) {
      peer.SendBinary(answers[static_cast<std::size_t>(*Unpack(*question).Find("episode")->AsInt())]);
    }
  });
  Asker asker(server.Name(), Patient(), 200);
  for (int slot = 0; slot < 200; ++slot) {
    ExpectInputError([&] { asker.Ask(slot, 0); }, {server.Name()});
  }
}

TEST(RemotePolicy, SendsTheKeyOfTheEnvironmentAndNoOther) {
  TestServer server(ServeHonestly);
  ASSERT_EQ(setenv("DIVLA_API_KEY", "a\r\nX-Evil: 1", 1), 0);
  ExpectInputError([&] { MakeRemotePolicy(server.Name(), Patient()); }, {"DIVLA_API_KEY", "printable"});
  ASSERT_EQ(unsetenv("DIVLA_API_KEY"), 0);
}

}  // namespace
}  // namespace divla
