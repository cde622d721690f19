#include "sim/rng.h"

#include <gtest/gtest.h>

#include <cmath>
#include <set>
#include <vector>

namespace divla {
namespace {

using Words = std::array<std::uint32_t, 4>;

// Known answers published with Random123 (kat_vectors, philox4x32-10).
TEST(PhiloxTest, PublishedVectors) {
  EXPECT_EQ(Philox4x32({0, 0, 0, 0}, {0, 0}), (Words{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
  EXPECT_EQ(Philox4x32({0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff}, {0xffffffff, 0xffffffff}),
            (Words{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
  EXPECT_EQ(Philox4x32({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}),
            (Words{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
}

TEST(RngTest, EveryFieldOfTheKeyMatters) {
  const StreamKey base{7, "task", "none", 0, 3, "layout", 0};
  std::vector<StreamKey> keys(8, base);
  keys[1].seed = 8;
  keys[2].task = "tasl";
  keys[3].axis = "light";
  keys[4].level = 1;
  keys[5].episode = 4;
  keys[6].stream = "instruction";
  keys[7].index = 1;
  std::set<std::uint64_t> first;
  for (const StreamKey& key : keys) first.insert(Rng(key).NextU64());
  EXPECT_EQ(first.size(), keys.size());
  EXPECT_EQ(Rng(base).NextU64(), Rng(base).NextU64());
}

TEST(RngTest, FieldsDoNotRunTogether) {
  StreamKey left{1, "ab", "c", 0, 0, "s", 0};
  StreamKey right{1, "a", "bc", 0, 0, "s", 0};
  EXPECT_NE(Rng(left).NextU64(), Rng(right).NextU64());
}

TEST(RngTest, UniformAndNormalHaveTheRightMoments) {
  Rng rng({1, "t", "none", 0, 0, "moments", 0});
  constexpr int kDraws = 200000;
  double sum = 0;
  double normal = 0;
  double squares = 0;
  for (int i = 0; i < kDraws; ++i) {
    const double u = rng.Uniform();
    ASSERT_GE(u, 0.0);
    ASSERT_LT(u, 1.0);
    sum += u;
    const double n = rng.Normal();
    normal += n;
    squares += n * n;
  }
  EXPECT_NEAR(sum / kDraws, 0.5, 0.005);  // 7 standard errors
  EXPECT_NEAR(normal / kDraws, 0.0, 0.015);
  EXPECT_NEAR(squares / kDraws, 1.0, 0.025);
}

TEST(RngTest, IntIsUnbiasedAndInRange) {
  Rng rng({2, "t", "none", 0, 0, "int", 0});
  std::array<int, 3> counts{};
  for (int i = 0; i < 30000; ++i) counts.at(static_cast<std::size_t>(rng.Int(3)))++;
  for (const int count : counts) EXPECT_NEAR(count, 10000, 500);
  EXPECT_EQ(rng.Int(1), 0);
  EXPECT_DEATH(rng.Int(0), "at least one outcome");
}

TEST(RngTest, ShuffleIsAPermutation) {
  Rng rng({3, "t", "none", 0, 0, "shuffle", 0});
  std::vector<int> items{0, 1, 2, 3, 4, 5, 6, 7};
  rng.Shuffle(items);
  EXPECT_EQ(std::set<int>(items.begin(), items.end()).size(), 8U);
  EXPECT_NE(items, (std::vector<int>{0, 1, 2, 3, 4, 5, 6, 7}));
}

}  // namespace
}  // namespace divla
