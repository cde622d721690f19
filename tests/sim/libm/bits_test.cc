// The results' bits are the same everywhere, so their hash is a constant.
#include <gtest/gtest.h>

#include "tests/sim/libm/all_bits.h"

namespace divla {
namespace {

TEST(LibmBits, AreTheOnesOfEveryOtherMachine) { EXPECT_EQ(HashOfAllBits(20000), 0xd9386ccff0f1fbb2); }

TEST(LibmBits, HashSeesOneBit) {
  BitsHash a;
  BitsHash b;
  a.Add(1.0);
  b.Add(0x1.0000000000001p0);
  EXPECT_NE(a.Value(), b.Value());
}

}  // namespace
}  // namespace divla
