// Tests for harness/report/text.cc.
#include "harness/report/text.h"

#include <gtest/gtest.h>

#include <vector>

namespace divla {
namespace {

TEST(CleanUtf8Test, KeepsTextAndReplacesWhatIsNot) {
  EXPECT_EQ(CleanUtf8("größer ✓ 水\n\tend"), "größer ✓ 水\n\tend");
  EXPECT_EQ(CleanUtf8("a\xC3(b"), "a\uFFFD(b");            // a lead byte without its continuation
  EXPECT_EQ(CleanUtf8("\xC0\xAF"), "\uFFFD\uFFFD");        // overlong '/'
  EXPECT_EQ(CleanUtf8("\xED\xA0\x80x").substr(9), "x");    // a surrogate
  EXPECT_EQ(CleanUtf8("end\xE2\x82"), "end\uFFFD\uFFFD");  // cut off
  EXPECT_EQ(CleanUtf8(std::string_view("a\0b\x1B[31m", 8)), "a\uFFFDb\uFFFD[31m");
  EXPECT_EQ(CleanUtf8(""), "");
}

TEST(EscapeHtmlTest, LeavesNothingThatOpensATagOrEndsAnAttribute) {
  EXPECT_EQ(EscapeHtml("<script>\"a\" & 'b'</script>"), "&lt;script&gt;&quot;a&quot; &amp; &#39;b&#39;&lt;/script&gt;");
  EXPECT_EQ(EscapeHtml("\xFF<"), "\uFFFD&lt;");
  EXPECT_EQ(EscapeHtml("&lt;"), "&amp;lt;");
}

TEST(EscapeMarkdownTest, StaysInItsCell) {
  EXPECT_EQ(EscapeMarkdown("a|b\nc"), "a\\|b c");
  EXPECT_EQ(EscapeMarkdown("<b> `x` [y](z) *w*"), "\\<b\\> \\`x\\` \\[y\\](z) \\*w\\*");
  EXPECT_EQ(EscapeMarkdown("object_selection _x_"), "object_selection \\_x\\_");
  EXPECT_EQ(EscapeMarkdown("a\\|b"), "a\\\\\\|b");
}

TEST(NumbersTest, AreWrittenInOneWay) {
  EXPECT_EQ(Percent(0.875), "87.5 %");
  EXPECT_EQ(Percent(1, 3), "33.3 %");
  EXPECT_EQ(Percent(0, 0), "–");
  EXPECT_EQ(PercentInterval({.low = 0.7193, .high = 1.0}), "[71.9, 100.0]");
  EXPECT_EQ(CellLabel("transfer_cube", "none", 0), "transfer_cube");
  EXPECT_EQ(CellLabel("transfer_cube", "lighting", 3), "transfer_cube · lighting 3");
  EXPECT_EQ(TextColumns("– ✓ é"), 5U);
}

// RFC 4648, section 10.
TEST(Base64Test, GivesTheStandardsExamples) {
  const auto encode = [](std::string_view text) { return Base64(std::as_bytes(std::span(text))); };
  EXPECT_EQ(encode(""), "");
  EXPECT_EQ(encode("f"), "Zg==");
  EXPECT_EQ(encode("fo"), "Zm8=");
  EXPECT_EQ(encode("foobar"), "Zm9vYmFy");
}

}  // namespace
}  // namespace divla
