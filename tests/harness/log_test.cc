#include "harness/log.h"

#include <gtest/gtest.h>

#include <cstring>

#include "sim/hash.h"
#include "tests/harness/expect_error.h"

namespace divla {
namespace {

EpisodeLog SampleLog(bool demonstration) {
  EpisodeLog log;
  log.key = {"some_task", "none", 0, 12};
  log.seed = 0xFFFFFFFFFFFFFFFFu;
  log.robot = "panda";
  log.instruction = std::string("bytes \xFF\0 of any kind", 20);
  log.action_dim = 2;
  log.actions = {1.5f, -2.0f, 0.25f, 3.0f, 4.0f, 5.0f};
  log.state_size = 3;
  for (int i = 0; i < 12; ++i) log.states.push_back(i / 3.0);
  log.reasoning = {{0, true, false, "the red cube", "the red cube <loc1>", "the red cube", {"red cube", "left"}},
                   {2, false, true, "", "", "x", {}}};
  if (demonstration) {
    log.action_kind = ActionKind::kEndEffectorPose;
    log.label_valid = {1, 0, 1};
    log.labels = {1, 2, 3, 4, 5, 6};
  }
  return log;
}

TEST(EpisodeLogTest, ComesBackAsItWas) {
  for (const bool demonstration : {false, true}) {
    const EpisodeLog log = SampleLog(demonstration);
    const EpisodeLog back = DecodeLog(EncodeLog(log), "log");
    EXPECT_EQ(back.key, log.key);
    EXPECT_EQ(back.seed, log.seed);
    EXPECT_EQ(back.robot, log.robot);
    EXPECT_EQ(back.instruction, log.instruction);
    EXPECT_EQ(back.action_kind, log.action_kind);
    EXPECT_EQ(back.actions, log.actions);
    EXPECT_EQ(back.states, log.states);
    EXPECT_EQ(back.Steps(), 3);
    EXPECT_EQ(back.State(3)[0], 3.0);
    ASSERT_EQ(back.reasoning.size(), 2u);
    EXPECT_EQ(back.reasoning[0].grounded, "the red cube <loc1>");
    EXPECT_EQ(back.reasoning[0].required, (std::vector<std::string>{"red cube", "left"}));
    EXPECT_TRUE(back.reasoning[1].faithful);
    EXPECT_EQ(back.label_valid, log.label_valid);
    EXPECT_EQ(back.labels, log.labels);
  }
}

TEST(EpisodeLogTest, PlacesComeBackWithAndWithoutAnIntervention) {
  for (const bool intervened : {false, true}) {
    EpisodeLog log = SampleLog(false);
    log.reasoning[0].pixels = {{"left", {0.25F, 0.5F}}, {"right", {0.0F, 1.0F}}};
    log.reasoning[0].location_error = 0.03F;
    if (intervened) log.intervention = {InterventionKind::kObject, 1, "now this", "a", "b", {1, 2, 3}};
    const EpisodeLog back = DecodeLog(EncodeLog(log), "log");
    EXPECT_EQ(back.reasoning[0].pixels, log.reasoning[0].pixels);
    EXPECT_EQ(back.reasoning[0].location_error, log.reasoning[0].location_error);
    EXPECT_TRUE(back.reasoning[1].pixels.empty());
    EXPECT_FALSE(back.reasoning[1].location_error.has_value());
    EXPECT_EQ(back.intervention.has_value(), intervened);
    const auto bytes = EncodeLog(log);
    for (std::size_t size = 0; size < bytes.size(); ++size) {
      EXPECT_THROW(DecodeLog(std::span(bytes).first(size), "log"), InputError) << size;
    }
  }
}

TEST(EpisodeLogTest, EveryTruncationIsRefused) {
  const auto bytes = EncodeLog(SampleLog(true));
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_THROW(DecodeLog(std::span(bytes).first(size), "log"), InputError) << size;
  }
}

// Damage that keeps the hash right must be caught by the reader itself: every 4-byte field set to huge, one after the
// other.
TEST(EpisodeLogTest, HostileSizesAreRefusedWithoutReadingOutside) {
  auto bytes = EncodeLog(SampleLog(true));
  const std::size_t body = bytes.size() - 32;
  int refused = 0;
  for (std::size_t at = 8; at + 4 <= body; ++at) {
    auto damaged = bytes;
    std::memset(damaged.data() + at, 0xFF, 4);
    const std::string hash = HashHex(damaged.data(), body);
    std::memcpy(damaged.data() + body, hash.data(), hash.size());
    try {
      DecodeLog(damaged, "log");  // a changed number is fine; it must only never crash
    } catch (const InputError&) {
      ++refused;
    }
  }
  EXPECT_GT(refused, 50);
}

TEST(EpisodeLogTest, OneFlippedBitIsNoticed) {
  auto bytes = EncodeLog(SampleLog(false));
  bytes[60] ^= std::byte{1};
  ExpectError<InputError>([&] { DecodeLog(bytes, "file a.bin"); }, {"file a.bin", "hash", "damaged"});
}

TEST(SalvageLogTest, ReadsADamagedLogAsFarAsItGoes) {
  const EpisodeLog log = SampleLog(false);
  const auto bytes = EncodeLog(log);
  EXPECT_EQ(SalvageLog(bytes, "log").damage, "");
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    auto damaged = bytes;
    damaged[at] ^= std::byte{0x21};
    const SalvagedLog salvaged = SalvageLog(damaged, "log");
    EXPECT_NE(salvaged.damage, "") << at;
    EXPECT_EQ(salvaged.damage.find('\n'), std::string::npos);
  }
  auto magic = bytes;
  magic[0] = std::byte{'X'};
  EXPECT_EQ(SalvageLog(magic, "log").log.states, log.states);
  auto version = bytes;
  version[9] = std::byte{7};
  EXPECT_EQ(SalvageLog(version, "log").log.reasoning.size(), 2U);
  // Cut off in the middle of the states: whole rows stay.
  const std::size_t states = 8 + 4 + 8 + 9 + 8 + 4 + 4 + 4 + 8 + 8 + 5 + 8 + 20 + 12 + 24 + 8;
  const SalvagedLog cut = SalvageLog(std::span(bytes).first(states + 2 * 24 + 5 + 32), "log");
  EXPECT_EQ(cut.log.actions, log.actions);
  EXPECT_EQ(cut.log.states, std::vector<double>(log.states.begin(), log.states.begin() + 6));
  EXPECT_NE(cut.damage.find("states"), std::string::npos) << cut.damage;
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_NE(SalvageLog(std::span(bytes).first(size), "log").damage, "") << size;
  }
}

TEST(EpisodeLogTest, AnotherFileIsRefused) {
  const std::vector<std::byte> bytes(100);
  ExpectError<InputError>([&] { DecodeLog(bytes, "file a.bin"); }, {"file a.bin", "DIVLALOG"});
}

TEST(EpisodeLogDeathTest, RefusesToWriteAnInconsistentLog) {
  EpisodeLog log = SampleLog(false);
  log.states.pop_back();
  EXPECT_DEATH(EncodeLog(log), "one state per step");
}

}  // namespace
}  // namespace divla
