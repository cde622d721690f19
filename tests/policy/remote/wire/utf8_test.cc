#include "policy/remote/wire/utf8.h"

#include <gtest/gtest.h>

namespace divla {
namespace {

TEST(Utf8, KnowsTextFromBytes) {
  for (const char* text : {"", "plain", "\xc3\xa9", "\xe2\x82\xac", "\xf0\x9f\xa4\x96", "\xf4\x8f\xbf\xbf"}) {
    EXPECT_TRUE(IsUtf8(text)) << text;
  }
  // A lone continuation, a cut character, overlong '/', a surrogate, above U+10FFFF.
  for (const char* bytes : {"\x80", "\xc3", "\xe2\x82", "\xc0\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80", "ok\xff"}) {
    EXPECT_FALSE(IsUtf8(bytes)) << bytes;
  }
}

TEST(Utf8, OneLineIsOneLine) {
  EXPECT_EQ(OneLine("Traceback:\n  x\ty\x1b[31m", 100), "Traceback:   x?y?[31m");
  EXPECT_EQ(OneLine("a\xff\xc3", 100), "a??");
  EXPECT_EQ(OneLine("12345", 5), "12345");
  EXPECT_EQ(OneLine("123456", 5), "12345 ...");
  EXPECT_EQ(OneLine("1234\xe2\x82\xac", 5), "1234 ...");  // no half character
}

}  // namespace
}  // namespace divla
