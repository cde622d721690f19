#include "harness/command_words.h"

#include <gtest/gtest.h>

#include <cstdlib>

#include "harness/json_fields.h"
#include "tests/harness/temp_folder.h"

namespace divla {
namespace {

using Words = std::vector<std::string>;

TEST(CommandWordsTest, AShellReadsBackTheSameWords) {
  const TempFolder folder;
  const Words words{"printf", "%s|", "plain/a-b_c.d:1=2", "with space", "it's", "\"quoted\"", "", "$HOME",
                    "a\\b",   "*",   "\xC3\xA4"};
  ASSERT_EQ(std::system((ShellCommand(words) + " >" + (folder / "out").string()).c_str()), 0);
  std::string expected;
  for (std::size_t i = 2; i < words.size(); ++i) expected += words[i] + "|";
  EXPECT_EQ(ReadTextFile(folder / "out"), expected);
}

TEST(CommandWordsTest, StartsAsOneStartsItAtTheRoot) {
  EXPECT_EQ(ShellCommand({"divla", "eval"}), "./divla eval");
  EXPECT_EQ(ShellCommand({"eval", "divla"}), "eval divla");
}

TEST(CommandWordsTest, ChangesOptionsInBothSpellings) {
  const Words apart{"divla", "eval", "--shard", "1/3", "--quiet"}, joined{"divla", "eval", "--shard=1/3", "--quiet"};
  EXPECT_EQ(WithoutOption(apart, "--shard"), (Words{"divla", "eval", "--quiet"}));
  EXPECT_EQ(WithoutOption(joined, "--shard"), (Words{"divla", "eval", "--quiet"}));
  EXPECT_EQ(WithOption(apart, "--shard", "2/3"), (Words{"divla", "eval", "--shard", "2/3", "--quiet"}));
  EXPECT_EQ(WithOption(joined, "--shard", "2/3"), (Words{"divla", "eval", "--shard=2/3", "--quiet"}));
  EXPECT_EQ(WithOption(apart, "--out", "x"), (Words{"divla", "eval", "--shard", "1/3", "--quiet", "--out", "x"}));
  EXPECT_EQ(WithFlag(apart, "--quiet"), apart);
  EXPECT_EQ(WithoutFlag(apart, "--quiet"), (Words{"divla", "eval", "--shard", "1/3"}));
}

}  // namespace
}  // namespace divla
