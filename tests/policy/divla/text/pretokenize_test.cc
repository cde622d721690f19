// Tests for policy/divla/text/pretokenize.cc. The expected splits come from running the expression itself in an engine for
// regular expressions; tests compare with what it gave.
#include "policy/divla/text/pretokenize.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/policy/policy_test_support.h"

namespace divla {
namespace {

std::vector<std::string> Split(const std::string& text) {
  std::vector<std::string> words;
  for (const std::string_view word : PreTokenize(text)) words.emplace_back(word);
  return words;
}

struct SplitCase {
  const char* text;
  std::vector<std::string> words;
};

TEST(PreTokenize, HardCases) {
  const SplitCase cases[] = {
      {"", {}},
      {"Hello world", {"Hello", " world"}},
      // Contractions, in any case; the long s counts as an s. Other words after an apostrophe keep it as their prefix.
      {"I'm he's WE'LL they'Ve can't'd", {"I", "'m", " he", "'s", " WE", "'LL", " they", "'Ve", " can", "'t", "'d"}},
      {"a'\u017f o'clock 'round", {"a", "'\u017f", " o", "'clock", " '", "round"}},
      {"'lx 'r", {"'lx", " '", "r"}},
      // Digits one by one, of any script.
      {"abc123 4\u0664\u00bd", {"abc", "1", "2", "3", " ", "4", "\u0664", "\u00bd"}},
      // One symbol goes with the letters after it, but not a newline or a digit.
      {"(foo)_bar-baz", {"(foo", ")_", "bar", "-baz"}},
      {"x=\"y\"", {"x", "=\"", "y", "\""}},
      {"!\n\nfoo", {"!\n\n", "foo"}},
      {" ...\r\n x", {" ...\r\n", " x"}},
      // Whitespace: the last space belongs to the next word, newlines end a run, trailing space stays whole.
      {"a   b", {"a", "  ", " b"}},
      {"a  \n  b", {"a", "  \n", " ", " b"}},
      {"a \n \n b\n", {"a", " \n \n", " b", "\n"}},
      {"a\t\tb  ", {"a", "\t", "\tb", "  "}},
      {"a   1", {"a", "  ", " ", "1"}},
      {"a\u00a0\u3000b \u2028", {"a", "\u00a0", "\u3000b", " \u2028"}},
      // CJK letters run together; punctuation splits; emoji are symbols; combining marks are not letters.
      {"\u628a\u65b9\u5757\u653e\u8fdb\u76d2\u5b50\u3002\u597d",
       {"\u628a\u65b9\u5757\u653e\u8fdb\u76d2\u5b50", "\u3002\u597d"}},
      {"go \U0001f600\U0001f44d\U0001f3fd!", {"go", " \U0001f600\U0001f44d\U0001f3fd!"}},
      {"e\u0301x", {"e", "\u0301x"}},
      {"\u0928\u092e\u0938\u094d\u0924\u0947", {"\u0928\u092e\u0938", "\u094d\u0924", "\u0947"}},
  };
  for (const SplitCase& example : cases) {
    SCOPED_TRACE(example.text);
    EXPECT_EQ(Split(example.text), example.words);
  }
}

TEST(PreTokenize, RefusesBrokenUtf8) {
  ExpectInputError([] { PreTokenize("ab\xff"); }, {"UTF-8", "byte 2"});
  ExpectInputError([] { NormalizeNfc("ab\xff"); }, {"UTF-8"});
}

TEST(NormalizeNfc, ComposesAndKeepsZeroBytes) {
  EXPECT_EQ(NormalizeNfc("e\u0301"), "\u00e9");
  EXPECT_EQ(NormalizeNfc("\u212b"), "\u00c5");              // Angstrom sign
  EXPECT_EQ(NormalizeNfc("\u1100\u1161\u11a8"), "\uac01");  // Hangul
  EXPECT_EQ(NormalizeNfc("\ufb01"), "\ufb01");              // a compatibility ligature stays
  const std::string zero("a\0b", 3);
  EXPECT_EQ(NormalizeNfc(zero), zero);
  EXPECT_EQ(NormalizeNfc(""), "");
}

TEST(Printable, KnownCharacters) {
  EXPECT_EQ(BytesToPrintable(" a\n"), "\u0120a\u010a");
  EXPECT_EQ(BytesToPrintable(std::string("\0\x7f\xa0\xad\xff", 5)), "\u0100\u0121\u0142\u0143\u00ff");
  std::string bytes;
  EXPECT_TRUE(PrintableToBytes("\u0120a", bytes));
  EXPECT_EQ(bytes, " a");
  EXPECT_FALSE(PrintableToBytes("a b", bytes));     // the space itself stands for nothing
  EXPECT_FALSE(PrintableToBytes("\u0144", bytes));  // past the table
  EXPECT_FALSE(PrintableToBytes("\xff", bytes));
}

TEST(Printable, EveryByteThereAndBack) {
  std::string all;
  for (int byte = 0; byte < 256; ++byte) all += static_cast<char>(byte);
  std::string bytes;
  ASSERT_TRUE(PrintableToBytes(BytesToPrintable(all), bytes));
  EXPECT_EQ(bytes, all);
}

TEST(ReplaceInvalidUtf8, OneMarkForEachBrokenPart) {
  const std::string mark = "\ufffd";
  EXPECT_EQ(ReplaceInvalidUtf8("caf\u00e9 \u65b9 \U0001f600"), "caf\u00e9 \u65b9 \U0001f600");
  EXPECT_EQ(ReplaceInvalidUtf8("a\xff"
                               "b"),
            "a" + mark + "b");
  EXPECT_EQ(ReplaceInvalidUtf8("\xe6\x96"), mark);  // cut off: one mark
  EXPECT_EQ(ReplaceInvalidUtf8("\xf0\x9f\x98"
                               "x"),
            mark + "x");
  EXPECT_EQ(ReplaceInvalidUtf8("\xc0\x80"), mark + mark);             // overlong
  EXPECT_EQ(ReplaceInvalidUtf8("\xed\xa0\x80"), mark + mark + mark);  // a surrogate
  EXPECT_EQ(ReplaceInvalidUtf8("\xf4\x90\x80\x80"), mark + mark + mark + mark);
  EXPECT_EQ(ReplaceInvalidUtf8("\xe6\xe6\x96\xb9"), mark + "\u65b9");
}

}  // namespace
}  // namespace divla
