#include "harness/exit_code.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <new>
#include <stdexcept>

#include "sim/check.h"

namespace divla {
namespace {

TEST(ExitCodeTest, IsThatOfTheWorkOrOfWhatItThrows) {
  const auto code = [](auto work) { return ExitCodeOf("program", [&]() -> int { return work(); }); };
  EXPECT_EQ(code([] { return 1; }), 1);
  EXPECT_EQ(code([]() -> int { throw InputError("no"); }), 2);
  EXPECT_EQ(code([]() -> int { throw MachineError("no"); }), 3);
  EXPECT_EQ(code([]() -> int { throw std::bad_alloc(); }), 3);
  EXPECT_EQ(code([]() -> int { throw std::filesystem::filesystem_error("no", std::error_code()); }), 3);
  EXPECT_THROW(code([]() -> int { throw std::logic_error("ours"); }), std::logic_error);
}

TEST(ExitCodeTest, SaysWhyOnOneLine) {
  testing::internal::CaptureStderr();
  ExitCodeOf("program", []() -> int { throw InputError("file a: key 'b': expected c, found d"); });
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "program: file a: key 'b': expected c, found d\n");
}

}  // namespace
}  // namespace divla
