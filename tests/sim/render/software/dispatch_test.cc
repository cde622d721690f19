// Which kernels run, and what DIVLA_RENDER_ISA may say.
#include <gtest/gtest.h>

#include <cstdlib>
#include <set>

#include "sim/check.h"
#include "sim/render/renderer.h"
#include "tests/sim/render/software/drawing.h"

namespace divla::software {
namespace {

constexpr const char* kVariable = "DIVLA_RENDER_ISA";

class DispatchTest : public ::testing::Test {
 protected:
  DispatchTest() {
    if (const char* value = std::getenv(kVariable); value != nullptr) before_ = value;
    unsetenv(kVariable);
  }
  ~DispatchTest() override {
    if (before_.empty()) unsetenv(kVariable);
    if (!before_.empty()) setenv(kVariable, before_.c_str(), 1);
  }

 private:
  std::string before_;
};

std::string Word(InstructionSet set) { return std::string(ToString(set)).substr(7); }

TEST_F(DispatchTest, NamesAreThoseOfThePsAbi) {
  EXPECT_STREQ(ToString(InstructionSet::kSse4), "x86-64-v2");
  EXPECT_STREQ(ToString(InstructionSet::kAvx2), "x86-64-v3");
  EXPECT_STREQ(ToString(InstructionSet::kAvx512), "x86-64-v4");
}

TEST_F(DispatchTest, TheWidestUnlessAskedOtherwise) {
  const std::vector<InstructionSet> sets = SupportedSets();
  ASSERT_FALSE(sets.empty());
  EXPECT_EQ(sets[0], InstructionSet::kSse4);  // a wider set includes the narrower ones
  EXPECT_EQ(ChooseInstructionSet(), sets.back());
  setenv(kVariable, "", 1);
  EXPECT_EQ(ChooseInstructionSet(), sets.back());
  for (const InstructionSet set : sets) {
    setenv(kVariable, Word(set).c_str(), 1);
    EXPECT_EQ(ChooseInstructionSet(), set);
  }
}

#ifndef __clang__  // clang 14 does not know the levels by name
TEST_F(DispatchTest, SupportIsWhatTheCompilerSaysOfTheLevel) {
  __builtin_cpu_init();
  EXPECT_EQ(IsSupported(InstructionSet::kSse4), __builtin_cpu_supports("x86-64-v2") != 0);
  EXPECT_EQ(IsSupported(InstructionSet::kAvx2), __builtin_cpu_supports("x86-64-v3") != 0);
  EXPECT_EQ(IsSupported(InstructionSet::kAvx512), __builtin_cpu_supports("x86-64-v4") != 0);
}
#endif

TEST_F(DispatchTest, AnotherWordIsRefusedWithTheKnownOnes) {
  for (const char* word : {"v1", "v5", "V3", "avx2", "x86-64-v3", " v3"}) {
    setenv(kVariable, word, 1);
    try {
      ChooseInstructionSet();
      ADD_FAILURE() << word;
    } catch (const InputError& error) {
      const std::string message = error.what();
      for (const std::string part : {kVariable, "v2, v3 or v4", word}) {
        EXPECT_NE(message.find(part), std::string::npos) << message;
      }
    }
    EXPECT_THROW(MakeSoftwareRenderer(), InputError) << word;
  }
}

TEST_F(DispatchTest, ASetThatTheProcessorLacksIsTheMachinesFault) {
  for (const InstructionSet set : {InstructionSet::kAvx2, InstructionSet::kAvx512}) {
    if (IsSupported(set)) continue;
    setenv(kVariable, Word(set).c_str(), 1);
    EXPECT_THROW(ChooseInstructionSet(), MachineError);
    EXPECT_DEATH(KernelsFor(set), "instruction set");
  }
}

TEST_F(DispatchTest, EverySupportedSetDraws) {
  World world(AllShapesBodies(), AllShapesAssets());
  for (const InstructionSet set : SupportedSets()) {
    const Picture picture = world.Draw("front", {.set = set});
    std::set<std::int32_t> shown(picture.geom.begin(), picture.geom.end());
    EXPECT_GT(shown.size(), 15U) << ToString(set);
  }
}

}  // namespace
}  // namespace divla::software
