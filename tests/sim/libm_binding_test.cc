#include "sim/libm_binding.h"

#include <gtest/gtest.h>

namespace divla {
namespace {

// In a program of ours everything is bound as it should be; tests/acceptance/gymnasium.sh has the counter-example, a
// module that was loaded in the usual way.
TEST(ForeignFunctions, AreNoneInAProgramOfOurs) { EXPECT_EQ(ForeignFunctions(), std::vector<std::string>{}); }

}  // namespace
}  // namespace divla
