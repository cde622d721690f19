// Tests for policy/divla/text/bpe_trainer.cc.
#include "policy/divla/text/bpe_trainer.h"

#include <gtest/gtest.h>

#include "tests/policy/policy_test_support.h"

namespace divla {
namespace {

std::vector<std::string> Pieces(const Tokenizer& tokenizer, const std::string& text) {
  std::vector<std::string> pieces;
  for (const int id : tokenizer.Encode(text)) pieces.push_back(tokenizer.Decode(std::vector<int>{id}, false));
  return pieces;
}

std::string Merges(const Tokenizer& tokenizer) {
  const TempFolder folder;
  tokenizer.Save(folder.Path());
  return GetFile(folder.File("merges.txt"));
}

TEST(TrainBpe, MergesTheMostFrequentPairFirst) {
  // " abc" 5 times, " bc" 3 times: b+c occurs 8 times; " "+a and a+bc 5 times each, the space is the smaller byte.
  const std::vector<CountedText> texts = {{"x abc", 5}, {"x bc", 3}};
  EXPECT_EQ(Merges(TrainBpe(texts, 258, {})), "#version: 0.2\nb c\n\u0120 a\n");
  EXPECT_EQ(Merges(TrainBpe(texts, 1000, {})), "#version: 0.2\nb c\n\u0120 a\n\u0120a bc\n\u0120 bc\n");
}

TEST(TrainBpe, EqualCountsGoByBytes) {
  EXPECT_EQ(Merges(TrainBpe(std::vector<CountedText>{{"zy ba dc", 2}}, 259, {})),
            "#version: 0.2\n\u0120 b\n\u0120 d\n\u0120b a\n");
}

TEST(TrainBpe, RepeatedLettersAreCountedAsTheyMerge) {
  // "aaaa" holds three neighbouring pairs, merges into aa+aa.
  EXPECT_EQ(Pieces(TrainBpe(std::vector<CountedText>{{"aaaaa", 2}}, 257, {}), "aaaaa"),
            (std::vector<std::string>{"aa", "aa", "a"}));
}

TEST(TrainBpe, RarePairsStayBytes) {
  const Tokenizer tokenizer = TrainBpe(std::vector<CountedText>{{"abc", 1}}, 1000, {});
  EXPECT_EQ(tokenizer.VocabSize(), 256);
}

TEST(TrainBpe, WordsOfTemplateSentencesBecomeOneToken) {
  std::vector<CountedText> texts;
  for (const char* cube : {"purple", "red", "green"}) {
    for (const char* box : {"yellow", "blue"}) {
      texts.push_back({std::string("Pick ") + cube + " cube to " + box + " box.", 10});
      texts.push_back({std::string("The ") + box + " box is on the left.<loc_010><loc_101>Next action:<|im_end|>", 10});
    }
  }
  const std::vector<std::string> special = SpecialTokens();
  const Tokenizer tokenizer = TrainBpe(texts, 1000, special);
  EXPECT_EQ(Pieces(tokenizer, "Pick purple cube to yellow box."),
            (std::vector<std::string>{"Pick", " purple", " cube", " to", " yellow", " box", "."}));
  EXPECT_EQ(Pieces(tokenizer, "The blue box is on the left.<loc_010><loc_101>Next action:<|im_end|>"),
            (std::vector<std::string>{"The", " blue", " box", " is", " on", " the", " left", ".", "<loc_010>",
                                      "<loc_101>", "Next", " action", ":", "<|im_end|>"}));
  // Special tokens follow the others, in the given order; their text is not learned.
  const int first = tokenizer.TokenId(special[0]);
  for (std::size_t i = 0; i < special.size(); ++i)
    EXPECT_EQ(tokenizer.TokenId(special[i]), first + static_cast<int>(i));
  EXPECT_EQ(tokenizer.VocabSize(), first + static_cast<int>(special.size()));
  EXPECT_EQ(Merges(tokenizer).find("loc"), std::string::npos);
}

TEST(TrainBpe, OrderOfTheTextsDoesNotMatter) {
  const std::vector<CountedText> texts = {{"the cube and the box", 2}, {"a bread box", 7}, {"the lid", 2}};
  const std::vector<CountedText> other = {texts[2], texts[0], texts[1]};
  EXPECT_EQ(Merges(TrainBpe(texts, 290, {})), Merges(TrainBpe(other, 290, {})));
}

TEST(TrainBpe, RefusesBrokenUtf8) {
  ExpectInputError([] { TrainBpe(std::vector<CountedText>{{"a\xff", 1}}, 300, {}); }, {"UTF-8"});
}

}  // namespace
}  // namespace divla
