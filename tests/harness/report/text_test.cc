// Tests for harness/report/text.cc.
#include "harness/report/text.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <vector>

#include "sim/rng.h"

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

TEST(NumbersTest, DifferencesHaveASignAndNeverMinusZero) {
  EXPECT_EQ(Points(0.1234), "+12.3");
  EXPECT_EQ(Points(-0.5), "−50.0");
  EXPECT_EQ(Points(-0.0004), "+0.0");
  EXPECT_EQ(PointsInterval({.low = -1.0, .high = 0.05}), "[−100.0, +5.0]");
  EXPECT_EQ(Counted(1, "pair") + ", " + Counted(0, "pair"), "1 pair, 0 pairs");
}

// No test gives a chance of 0; what is printed is rounded, what is compared with 0.001 is not.
TEST(NumbersTest, AChanceIsNeverZero) {
  EXPECT_EQ(PValue(0.0), "< 0.001");
  EXPECT_EQ(PValue(0.00099), "< 0.001");
  EXPECT_EQ(PValue(0.001), "0.001");
  EXPECT_EQ(PValue(0.0125), "0.013");
  EXPECT_EQ(PValue(1.0), "1.000");
}

// RFC 3986, sections 2.1 and 2.3.
TEST(EncodePathTest, LeavesOnlyWhatAPathMayHold) {
  EXPECT_EQ(EncodePath("../run-1/frames/a_b~c.png"), "../run-1/frames/a_b~c.png");
  EXPECT_EQ(EncodePath("50 %#a?b:c+d"), "50%20%25%23a%3Fb%3Ac%2Bd");
  EXPECT_EQ(EncodePath("\xC3\xA9\xFF"), "%C3%A9%FF");
}

// Random bytes, and those that could end the element or a line: the block stays one block, and reads back as it was.
TEST(EscapeJsonForScriptTest, CannotLeaveItsElementAndReadsBack) {
  Rng rng({.seed = 1, .stream = "escape"});
  const std::vector<std::string> pieces{"</script>", "<!--", "]]>",      "\xE2\x80\xA8", "\xE2\x80\xA9", "&lt;",
                                        "\"",        "\\",   "\xC3\x28", "\xE2\x80",     "\x01",         "ä",
                                        "<script>",  "\n"};
  for (int round = 0; round < 2000; ++round) {
    std::string bytes;
    for (int i = rng.Int(12); i >= 0; --i) {
      if (rng.Int(2) == 0) {
        bytes += pieces[static_cast<std::size_t>(rng.Int(static_cast<int>(pieces.size())))];
      } else {
        bytes += static_cast<char>(rng.Int(256));
      }
    }
    const nlohmann::json value = {{"text", CleanUtf8(bytes)}};
    const std::string block = EscapeJsonForScript(value.dump());
    for (const char* bad : {"<", ">", "&", "\xE2\x80\xA8", "\xE2\x80\xA9"}) {
      ASSERT_EQ(block.find(bad), std::string::npos) << block;
    }
    ASSERT_EQ(nlohmann::json::parse(block), value);
  }
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
