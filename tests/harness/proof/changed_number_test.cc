#include "harness/proof/changed_number.h"

#include <gtest/gtest.h>

#include <cstring>

#include "sim/hash.h"

namespace divla {
namespace {

TEST(FindChangedNumberTest, FindsEveryKindOfChangedByte) {
  const std::vector<float> numbers{0.5F, -1.25F, 3.0F, 0.0F, 7.0F};
  const std::string hash = HashHex(numbers.data(), numbers.size() * sizeof(float));
  for (std::size_t at = 0; at < numbers.size() * sizeof(float); ++at) {
    for (const int change : {0x01, 0x80, 0x35, 0xFF}) {
      std::vector<float> changed = numbers;
      reinterpret_cast<unsigned char*>(changed.data())[at] ^= static_cast<unsigned char>(change);
      const auto found = FindChangedNumber(changed, hash);
      ASSERT_TRUE(found.has_value()) << at;
      EXPECT_EQ(found->index, at / 4);
      EXPECT_EQ(std::memcmp(&found->before, &numbers[found->index], 4), 0);
    }
  }
}

TEST(FindChangedNumberTest, FindsNothingForTwoChangesOrAnotherHash) {
  std::vector<float> numbers{0.5F, -1.25F, 3.0F};
  const std::string hash = HashHex(numbers.data(), numbers.size() * sizeof(float));
  numbers[0] = 0.75F;
  numbers[2] = 3.5F;
  EXPECT_FALSE(FindChangedNumber(numbers, hash).has_value());
  EXPECT_FALSE(FindChangedNumber({}, hash).has_value());
}

}  // namespace
}  // namespace divla
