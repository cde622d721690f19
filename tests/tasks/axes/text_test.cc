#include "tasks/axes/text.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <set>

#include "sim/check.h"
#include "tasks/axes/axis.h"
#include "tasks/axes/synonyms.h"
#include "tasks/registry.h"
#include "tasks/words.h"

namespace divla {
namespace {

using Texts = std::vector<std::string>;

TEST(AxisText, WordsAreLowerCaseWithoutPunctuation) {
  EXPECT_EQ(SplitWords("I'm hungry, give me a T-bone!"), (Texts{"i'm", "hungry", "give", "me", "a", "t-bone"}));
  EXPECT_TRUE(SplitWords(" . ").empty());
}

TEST(AxisText, EditDistanceIsLevenshteins) {
  const auto letters = [](const std::string& text) {
    Texts list;
    for (const char c : text) list.emplace_back(1, c);
    return list;
  };
  EXPECT_EQ(EditDistance(letters("kitten"), letters("sitting")), 3);  // the textbook's pair
  EXPECT_EQ(EditDistance(letters(""), letters("abc")), 3);
  EXPECT_DOUBLE_EQ(WordDistance("Put the cube away.", "put the CUBE away"), 0.0);
  EXPECT_DOUBLE_EQ(WordDistance("one two three four", "one two five four"), 0.25);
  EXPECT_DOUBLE_EQ(WordDistance("red", "green"), 1.0);
}

TEST(AxisText, PhrasesAreFoundAsWholeWords) {
  EXPECT_EQ(FindPhrase("Put the Cube down", "cube"), 8U);
  EXPECT_EQ(FindPhrase("cubes and cubed", "cube"), std::string::npos);
  EXPECT_EQ(ReplaceFirstPhrase("Put the light blue cube by the cube.", {"light blue cube", "cube"}, "peach"),
            "Put the peach by the cube.");
  EXPECT_EQ(ReplaceFirstPhrase("The cube, this cube.", {"box", "cube"}, "cubelet"), "The cubelet, this cubelet.");
  EXPECT_EQ(ReplaceFirstPhrase("Nothing here.", {"box"}, "x"), "Nothing here.");
}

TEST(AxisText, FifthsCoverTheListInOrder) {
  for (std::size_t count = 1; count <= 13; ++count) {
    std::set<std::size_t> drawn;
    std::size_t highest = 0;
    for (int level = 1; level <= 5; ++level) {
      std::size_t low = count;
      std::size_t high = 0;
      for (int i = 0; i < 60; ++i) {
        Rng rng({1, "t", "a", 0, i, "fifths"});
        const std::size_t index = DrawOfFifth(rng, count, level);
        ASSERT_LT(index, count);
        drawn.insert(index);
        low = std::min(low, index);
        high = std::max(high, index);
      }
      EXPECT_GE(low, highest) << count << " entries, level " << level;
      highest = high;
    }
    EXPECT_EQ(drawn.size(), count);
  }
}

std::string ErrorOf(const std::string& json) {
  const auto file =
      std::filesystem::path(testing::TempDir()) / (std::to_string(getpid()) + "_synonyms_under_test.json");
  std::ofstream(file) << json;
  try {
    ReadSynonyms(file);
  } catch (const InputError& error) {
    return error.what();
  }
  return "";
}

TEST(Synonyms, ErrorsNameFileAndKey) {
  EXPECT_NE(ErrorOf("{").find("synonyms_under_test"), std::string::npos);
  EXPECT_NE(ErrorOf(R"({"format":"x","version":1,"synonyms":{}})").find("'format'"), std::string::npos);
  EXPECT_NE(ErrorOf(R"({"format":"divla-synonyms","version":2,"synonyms":{}})").find("'version'"), std::string::npos);
  EXPECT_NE(ErrorOf(R"({"format":"divla-synonyms","version":1,"synonyms":{"put":[]}})").find("'put'"),
            std::string::npos);
  EXPECT_NE(ErrorOf(R"({"format":"divla-synonyms","version":1,"synonyms":{"put":"lay"}})").find("'put'"),
            std::string::npos);
  EXPECT_NE(ErrorOf(R"({"format":"divla-synonyms","version":1,"synonyms":{},"more":1})").find("'more'"),
            std::string::npos);
}

// Otherwise the axis would change less than it says.
TEST(Synonyms, NoSeenInstructionSaysOne) {
  for (const Task* task : AllTasks()) {
    for (const std::string& text : task->Spec().instructions_seen) {
      for (const Synonym& synonym : Synonyms()) {
        for (const std::string& other : synonym.others) {
          EXPECT_EQ(FindPhrase(text, other), std::string::npos) << "'" << text << "' says '" << other << "'";
        }
      }
    }
  }
}

TEST(Synonyms, EverySeenInstructionHasAWordToReplace) {
  for (const Task* task : AllTasks()) {
    for (const std::string& text : task->Spec().instructions_seen) {
      int found = 0;
      for (const Synonym& synonym : Synonyms()) found += FindPhrase(text, synonym.phrase) != std::string::npos ? 1 : 0;
      EXPECT_GE(found, 1) << text;
    }
  }
}

}  // namespace
}  // namespace divla
