// A server on the loopback and clients that do not keep to the protocol. After each the server must still serve.
#include <gtest/gtest.h>

#include "sim/rng.h"
#include "tests/policy/remote/serve/server_fixture.h"

namespace divla::serve {
namespace {

using std::chrono::milliseconds;
constexpr int kGoingAway = 1001, kUnknownData = 1003, kPolicyError = 1008, kTooBig = 1009, kInternalError = 1011;

void ExpectServes(ServerFixture& fixture) {
  RawClient client(fixture.server.Port());
  client.Enter();
  const WireValue answer = client.Ask(fixture.Message(1, {.seed = 3, .query = 4}));
  EXPECT_EQ(ActionBytes(answer).size(), 2U * 8U * sizeof(float));
  client.Close();
}

void ExpectClosed(RawClient& client, int code) {
  const Frame frame = client.Receive();
  EXPECT_EQ(frame.kind, Frame::Kind::kClosed) << frame.bytes;
  EXPECT_EQ(frame.code, code) << frame.bytes;
}

// What openpi's server does when it throws: one text, then 1011. The text is one short line.
std::string ExpectError(RawClient& client) {
  const Frame frame = client.Receive();
  EXPECT_EQ(frame.kind, Frame::Kind::kText);
  EXPECT_LT(frame.bytes.size(), 400U);
  EXPECT_EQ(frame.bytes.find('\n'), std::string::npos);
  ExpectClosed(client, kInternalError);
  return frame.bytes;
}

std::string ErrorOf(ServerFixture& fixture, const std::string& message) {
  RawClient client(fixture.server.Port());
  client.Enter();
  client.Send(message);
  return ExpectError(client);
}

TEST(ServeAbuse, ErrorsSayNothingOfTheInside) {
  ServerFixture fixture;
  const std::string told = ErrorOf(fixture, fixture.Told("fail"));
  EXPECT_EQ(told.find("secret"), std::string::npos) << told;
  EXPECT_EQ(told.find('/'), std::string::npos) << told;
  EXPECT_NE(fixture.server.Log().find(kSecretPlace), std::string::npos) << "the log has it";
  ExpectServes(fixture);
}

TEST(ServeAbuse, MessagesThatCannotBeRead) {
  ServerFixture fixture;
  EXPECT_NE(ErrorOf(fixture, std::string(20000, '\x91')), "");  // lists within one another
  EXPECT_NE(ErrorOf(fixture, std::string(20000, '\x81')), "");  // maps whose key is a map
  EXPECT_NE(ErrorOf(fixture, "\xdd\xff\xff\xff\xff"), "");      // a list that says to have 2^32 - 1 entries
  EXPECT_NE(ErrorOf(fixture, "\xc6\xff\xff\xff\xff"), "");      // bytes likewise
  EXPECT_NE(ErrorOf(fixture, ""), "");
  EXPECT_NE(ErrorOf(fixture, "\xc0").find("map"), std::string::npos);
  const std::string good = fixture.Message(0);
  EXPECT_NE(ErrorOf(fixture, good + "\xc0"), "");  // something behind the end
  std::string wrong = good;
  wrong.replace(wrong.find("|u1"), 3, "|O8");  // an array of Python objects
  EXPECT_NE(ErrorOf(fixture, wrong), "");
  ExpectServes(fixture);
}

TEST(ServeAbuse, EveryTruncationIsAnError) {
  ServerFixture fixture;
  const std::string good = fixture.Message(0);
  for (std::size_t size = 0; size < good.size(); size += 3) ErrorOf(fixture, good.substr(0, size));
  ExpectServes(fixture);
}

TEST(ServeAbuse, OversizedMessages) {
  ServeOptions options;
  options.max_message = 4096;
  ServerFixture fixture(options);
  {
    RawClient client(fixture.server.Port());
    client.Enter();
    client.Send(std::string(4097, 'x'));
    ExpectClosed(client, kTooBig);
  }
  {  // in pieces, each of which would do
    RawClient client(fixture.server.Port());
    client.Enter();
    client.SendPiece(std::string(3000, 'x'), false);
    client.SendPiece(std::string(3000, 'x'), false);
    ExpectClosed(client, kTooBig);
  }
  {  // a frame that says to have 2^62 bytes
    RawClient client(fixture.server.Port());
    client.Enter();
    EXPECT_TRUE(client.SendRaw(std::string("\x82\xff\x40\0\0\0\0\0\0\0\1\2\3\4", 14)));
    ExpectClosed(client, kTooBig);
  }
  ExpectServes(fixture);
}

TEST(ServeAbuse, TextAndQuestionsOnTopOfQuestions) {
  ServerFixture fixture;
  {
    RawClient client(fixture.server.Port());
    client.Enter();
    client.Send("hello", /*binary=*/false);
    ExpectClosed(client, kUnknownData);
  }
  fixture.backstage->Hold();
  {  // one ahead is kept for later, the next one is too many
    RawClient client(fixture.server.Port());
    client.Enter();
    for (int i = 0; i < 3; ++i) client.Send(fixture.Message(i));
    ExpectClosed(client, kPolicyError);
  }
  fixture.backstage->Release();
  {
    RawClient client(fixture.server.Port());
    client.Enter();
    client.Send(fixture.Message(0));
    EXPECT_NE(client.Ask(fixture.Message(1)), WireValue());
    EXPECT_EQ(client.Receive().kind, Frame::Kind::kBinary);
  }
  ExpectServes(fixture);
}

TEST(ServeAbuse, SilentAndSlowPeersMustLeave) {
  ServeOptions options;
  options.handshake_timeout = options.message_timeout = options.idle_timeout = milliseconds(200);
  ServerFixture fixture(options);
  const int port = fixture.server.Port();
  EXPECT_EQ(RawClient(port).ReceiveRaw(), "") << "nothing was asked";
  {
    RawClient client(port);
    EXPECT_TRUE(client.SendRaw("GET / HTTP/1.1\r\nHost: x\r\n"));
    EXPECT_EQ(client.ReceiveRaw(), "") << "a request that does not end";
  }
  {
    RawClient client(port);
    client.Enter();
    ExpectClosed(client, kPolicyError);  // no question came
  }
  {
    RawClient client(port);
    client.Enter();
    client.SendPiece(fixture.Message(0).substr(0, 50), false);
    ExpectClosed(client, kPolicyError);  // a message that does not end
  }
  {
    RawClient client(port);
    client.Enter();
    EXPECT_TRUE(client.SendRaw("\x82"));
    client.ReceiveRaw();  // a frame that does not end, and no answer to the goodbye: the connection is cut
  }
}

TEST(ServeAbuse, AClientThatDoesNotReadItsAnswer) {
  ServeOptions options;
  options.write_timeout = milliseconds(300);
  options.max_clients = 1;
  ServerFixture fixture(options);
  RawClient client(fixture.server.Port());
  client.Enter();
  client.Send(fixture.Told("long"));
  EXPECT_TRUE(Eventually([&] { return fixture.server.Log().find("did not take its answer") != std::string::npos; }));
  EXPECT_TRUE(Eventually([&] { return RawClient(fixture.server.Port()).Open() == 101; })) << "the place is free again";
}

TEST(ServeAbuse, MoreClientsThanPlaces) {
  ServeOptions options;
  options.max_clients = 2;
  ServerFixture fixture(options);
  RawClient first(fixture.server.Port());
  auto second = std::make_unique<RawClient>(fixture.server.Port());
  first.Enter();
  second->Enter();
  EXPECT_EQ(RawClient(fixture.server.Port()).Open(), 503);
  EXPECT_EQ(RawClient(fixture.server.Port()).Get("/healthz"), "200 OK\n");
  EXPECT_NE(first.Ask(fixture.Message(0)), WireValue());
  second.reset();
  EXPECT_TRUE(Eventually([&] { return RawClient(fixture.server.Port()).Open() == 101; }));
}

// Else the line of questions would grow by one with each that comes, asks and leaves.
TEST(ServeAbuse, WhoLeavesWithoutWaitingKeepsThePlaceUntilTheAnswer) {
  ServeOptions options;
  options.max_clients = 1;
  ServerFixture fixture(options);
  fixture.backstage->Hold();
  RawClient client(fixture.server.Port());
  client.Enter();
  client.Send(fixture.Message(0));
  ASSERT_TRUE(fixture.backstage->WaitForBatches(fixture.first_batches + 1));
  client.Cut();
  for (int i = 0; i < 20; ++i) EXPECT_EQ(RawClient(fixture.server.Port()).Open(), 503);
  fixture.backstage->Release();
  EXPECT_TRUE(Eventually([&] { return RawClient(fixture.server.Port()).Open() == 101; }));
}

TEST(ServeAbuse, ConnectionsWithoutEnd) {
  ServeOptions options;
  options.max_clients = 1;
  ServerFixture fixture(options);
  std::vector<std::unique_ptr<RawClient>> crowd;
  for (int i = 0; i < 100; ++i) crowd.push_back(std::make_unique<RawClient>(fixture.server.Port()));
  EXPECT_EQ(crowd.back()->ReceiveRaw(), "") << "those beyond the bound are closed at once";
  crowd.clear();
  EXPECT_TRUE(Eventually([&] { return RawClient(fixture.server.Port()).Open() == 101; }));
}

TEST(ServeAbuse, StoppingFinishesTheAnswerAndSaysGoodbye) {
  ServerFixture fixture;
  RawClient asking(fixture.server.Port()), idle(fixture.server.Port());
  asking.Enter();
  idle.Enter();
  fixture.backstage->Hold();
  asking.Send(fixture.Message(2, {.seed = 5}));
  ASSERT_TRUE(fixture.backstage->WaitForBatches(fixture.first_batches + 1));
  fixture.server.AskToStop();
  ExpectClosed(idle, kGoingAway);
  fixture.backstage->Release();
  const Frame answer = asking.Receive();
  ASSERT_EQ(answer.kind, Frame::Kind::kBinary);
  EXPECT_EQ(ActionBytes(Unpack(answer.bytes)).size(), 2U * 8U * sizeof(float));
  ExpectClosed(asking, kGoingAway);
  fixture.server.Stop();
}

TEST(ServeAbuse, StoppingDoesNotWaitForThoseWhoDoNotAnswer) {
  ServeOptions options;
  options.handshake_timeout = milliseconds(200);
  ServerFixture fixture(options);
  RawClient silent(fixture.server.Port()), half(fixture.server.Port());
  silent.Enter();
  EXPECT_TRUE(half.SendRaw("GET /"));
  fixture.server.Stop();  // neither of them says a word
}

// --- at random, from a fixed seed ---

std::string RandomBytes(Rng& rng, int most) {
  std::string bytes(static_cast<std::size_t>(rng.Int(most + 1)), '\0');
  for (char& byte : bytes) byte = static_cast<char>(rng.Int(256));
  return bytes;
}

// A good message with a few bytes changed, cut out, doubled, or with its end missing.
std::string Damaged(std::string message, Rng& rng) {
  for (int i = rng.Int(6); i >= 0; --i) {
    const auto at = static_cast<std::size_t>(rng.Int(static_cast<int>(message.size())));
    switch (rng.Int(5)) {
      case 0:
        message.erase(at, static_cast<std::size_t>(rng.Int(8)));
        break;
      case 1:
        message.insert(at, message.substr(at, static_cast<std::size_t>(rng.Int(40))));
        break;
      case 2:
        if (rng.Int(10) == 0) message.resize(at + 1);
        break;
      default:
        message[at] = static_cast<char>(rng.Int(256));
    }
    if (message.empty()) message.push_back('\xc0');
  }
  return message;
}

TEST(ServeAbuse, TenThousandRandomMessages) {
  ServerFixture fixture;
  Rng rng({.seed = 10, .stream = "serve-abuse"});
  const std::string good = fixture.Message(0, {.seed = 1, .query = 2, .number = 3, .reset = true});
  std::unique_ptr<RawClient> client;
  int answered = 0, refused = 0;
  for (int i = 0; i < 10000; ++i) {
    if (client == nullptr) {
      client = std::make_unique<RawClient>(fixture.server.Port());
      client->Enter();
    }
    client->Send(rng.Int(3) == 0 ? RandomBytes(rng, 200) : Damaged(good, rng));
    const Frame frame = client->Receive();
    if (frame.kind == Frame::Kind::kBinary) {
      ++answered;
      continue;
    }
    ASSERT_EQ(frame.kind, Frame::Kind::kText) << "message " << i;
    ExpectClosed(*client, kInternalError);
    client.reset();
    ++refused;
  }
  EXPECT_GT(answered, 100);  // a changed pixel is still a picture
  EXPECT_GT(refused, 5000);
  ExpectServes(fixture);
}

TEST(ServeAbuse, RandomBytesOnTheSocket) {
  ServeOptions options;
  options.handshake_timeout = options.message_timeout = options.idle_timeout = milliseconds(200);
  ServerFixture fixture(options);
  Rng rng({.seed = 11, .stream = "serve-abuse"});
  for (int i = 0; i < 60; ++i) {
    RawClient client(fixture.server.Port());
    const bool opened = i % 2 == 0;
    if (opened) client.Enter();
    for (int piece = rng.Int(4); piece >= 0 && client.SendRaw(RandomBytes(rng, 300)); --piece) {
    }
    client.ReceiveRaw();  // until the server has had enough
  }
  ExpectServes(fixture);
}

}  // namespace
}  // namespace divla::serve
