// What of a chunk is played, and when the next one is asked for.
#include "harness/chunk_player.h"

#include <gtest/gtest.h>

namespace divla {
namespace {

constexpr int kActionSteps = 2;
const SimulatedLatency kNone;
const SimulatedLatency kHolds{100, LatencyPlay::kHold};  // two control steps
const SimulatedLatency kGoesOn{100, LatencyPlay::kChunk};

// `size` actions of one number: first, first + 1, ...
ActionChunk Chunk(float first, int size) {
  ActionChunk chunk{ActionKind::kJointPosition, size, 1, {}};
  for (int row = 0; row < size; ++row) chunk.values.push_back(first + static_cast<float>(row));
  return chunk;
}

float Next(ChunkPlayer& player, const SimulatedLatency& latency) {
  const std::vector<float> action = player.Next(latency, kActionSteps);
  return action.empty() ? -1 : action.front();
}

TEST(ChunkPlayerTest, PlaysTheFirstActionsThenAsks) {
  ChunkPlayer player;
  EXPECT_TRUE(player.Asks());
  EXPECT_EQ(player.Take(Chunk(10, 4), kNone), "");
  EXPECT_FALSE(player.Asks());
  EXPECT_EQ(Next(player, kNone), 10);
  EXPECT_FALSE(player.Asks());
  EXPECT_EQ(Next(player, kNone), 11);
  EXPECT_TRUE(player.Asks());
  EXPECT_EQ(player.Take(Chunk(20, 4), kNone), "");
  EXPECT_EQ(Next(player, kNone), 20);
}

TEST(ChunkPlayerTest, AChunkShorterThanThatIsPlayedWhole) {
  ChunkPlayer player;
  EXPECT_EQ(player.Take(Chunk(10, 1), kNone), "");
  EXPECT_EQ(Next(player, kNone), 10);
  EXPECT_TRUE(player.Asks());
}

TEST(ChunkPlayerTest, HoldsWhileTheAnswerIsNotThere) {
  ChunkPlayer player;
  EXPECT_FALSE(player.KnowsHold());
  player.HoldAt({5});
  EXPECT_TRUE(player.KnowsHold());
  EXPECT_EQ(player.Take(Chunk(10, 4), kHolds), "");
  EXPECT_FALSE(player.Asks());
  EXPECT_EQ(Next(player, kHolds), 5);
  EXPECT_EQ(Next(player, kHolds), 5);
  EXPECT_EQ(Next(player, kHolds), 10);
  EXPECT_EQ(Next(player, kHolds), 11);
  EXPECT_EQ(player.Take(Chunk(20, 4), kHolds), "");
  EXPECT_EQ(Next(player, kHolds), 11) << "the last command";
}

TEST(ChunkPlayerTest, OrGoesOnWithTheOldChunkAndSkipsWhoseTimeHasPassed) {
  ChunkPlayer player;
  player.HoldAt({5});
  EXPECT_EQ(player.Take(Chunk(10, 3), kGoesOn), "") << "no old chunk, so nothing has passed";
  EXPECT_EQ(Next(player, kGoesOn), 5);
  EXPECT_EQ(Next(player, kGoesOn), 5);
  EXPECT_EQ(Next(player, kGoesOn), 10);
  EXPECT_EQ(Next(player, kGoesOn), 11);
  EXPECT_TRUE(player.Asks());
  EXPECT_EQ(player.Take(Chunk(20, 4), kGoesOn), "");
  EXPECT_EQ(Next(player, kGoesOn), 12);
  EXPECT_EQ(Next(player, kGoesOn), 12) << "the old chunk has ended";
  EXPECT_EQ(Next(player, kGoesOn), 22);
}

TEST(ChunkPlayerTest, RefusesAChunkThatWouldBeOverBeforeItIsThere) {
  ChunkPlayer player;
  EXPECT_EQ(player.Take(Chunk(10, 4), kGoesOn), "");
  while (!player.Asks()) Next(player, kGoesOn);
  EXPECT_NE(player.Take(Chunk(20, 2), kGoesOn).find("more actions than the 2 control steps of its latency, found 2"),
            std::string::npos);
  EXPECT_TRUE(player.Asks()) << "nothing changed";
}

TEST(ChunkPlayerTest, AskedAnewItForgetsTheRestAndWhatIsOnItsWay) {
  ChunkPlayer player;
  EXPECT_EQ(player.Take(Chunk(10, 4), kNone), "");
  EXPECT_EQ(Next(player, kNone), 10);
  player.AskAnew();
  EXPECT_TRUE(player.Asks());
  EXPECT_EQ(player.Take(Chunk(20, 4), kHolds), "");
  player.AskAnew();
  EXPECT_TRUE(player.Asks());
}

}  // namespace
}  // namespace divla
