// Tests for policy/divla/images/smart_resize.cc: rules by hand; reference_test.cc has the sizes of transformers.
#include "policy/divla/images/smart_resize.h"

#include <gtest/gtest.h>

#include "tests/policy/policy_test_support.h"

namespace divla {
namespace {

TEST(SmartResize, RoundsHalvesToTheEvenMultiple) {
  EXPECT_EQ(SmartResize({42, 70}, 28, 1, 1'000'000), (ImageSize{56, 56}));  // 1.5 and 2.5 times 28
  EXPECT_EQ(SmartResize({98, 43}, 28, 1, 1'000'000), (ImageSize{112, 56}));
  EXPECT_EQ(SmartResize({240, 320}, 28, 3136, 12'845'056), (ImageSize{252, 308}));
}

TEST(SmartResize, KeepsToTheLimits) {
  EXPECT_EQ(SmartResize({280, 280}, 28, 1, 28 * 28), (ImageSize{28, 28}));
  EXPECT_EQ(SmartResize({28, 28}, 28, 56 * 56, 1'000'000), (ImageSize{56, 56}));
  EXPECT_EQ(SmartResize({10, 2000}, 28, 784, 2 * 784).height, 28);  // never below one multiple
}

TEST(SmartResize, RefusesWhatHasNoSize) {
  ExpectInputError([] { SmartResize({1, 201}, 28, 784, 1'000'000); }, {"image", "200", "1 x 201"});
  ExpectInputError([] { SmartResize({5601, 28}, 28, 784, 1'000'000); }, {"image", "5601 x 28"});
  EXPECT_EQ(SmartResize({28, 5600}, 28, 784, 10'000'000), (ImageSize{28, 5600}));
  ExpectInputError([] { SmartResize({10, 60}, 28, 0, 1'000'000); }, {"image", "10 x 60"});
}

}  // namespace
}  // namespace divla
