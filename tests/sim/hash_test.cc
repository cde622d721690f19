#include "sim/hash.h"

#include <gtest/gtest.h>

#include <vector>

namespace divla {
namespace {

TEST(HashTest, IsXxh3Of128Bits) {
  EXPECT_EQ(HashHex("", 0), "99aa06d3014798d86001c324468d497f");  // XXH3-128 of nothing, as published by xxHash
  EXPECT_EQ(HashHex("abc", 3).size(), 32U);
}

TEST(HashTest, PiecesEqualTheWhole) {
  Hasher hasher;
  hasher.Add("ab", 2);
  hasher.Add("c", 1);
  EXPECT_EQ(hasher.Hex(), HashHex("abc", 3));
  hasher.Add("d", 1);
  EXPECT_EQ(hasher.Hex(), HashHex("abcd", 4));
}

TEST(HashTest, TextsDoNotRunTogether) {
  Hasher left;
  left.Add(std::string_view("ab"));
  left.Add(std::string_view("c"));
  Hasher right;
  right.Add(std::string_view("a"));
  right.Add(std::string_view("bc"));
  EXPECT_NE(left.Hex(), right.Hex());
}

TEST(HashTest, NumbersCountBitForBit) {
  const std::vector<double> zero{0.0};
  const std::vector<double> minus_zero{-0.0};
  Hasher left;
  left.Add(std::span<const double>(zero));
  Hasher right;
  right.Add(std::span<const double>(minus_zero));
  EXPECT_NE(left.Hex(), right.Hex());
}

}  // namespace
}  // namespace divla
