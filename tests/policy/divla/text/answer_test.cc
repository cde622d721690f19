#include "policy/divla/text/answer.h"

#include <gtest/gtest.h>

#include <optional>

namespace divla {
namespace {

const std::string kFolder = std::string(DIVLA_SOURCE_DIR) + "/assets/checkpoints/divla-tiny";
const std::vector<std::string> kViews = {"left", "right"};

TEST(AnswerTest, IsTheTextThenRowAndColumnOfEachViewThenNextAction) {
  const Tokenizer tokenizer = Tokenizer::Load(kFolder);
  const std::vector<int> answer = AnswerTokens(tokenizer, PlainTokens(tokenizer, "The blue box."),
                                               {{"right", {{0.5F, 0.0F}}}, {"left", {{1.0F, 0.1F}}}}, kViews);
  EXPECT_EQ(tokenizer.DecodeGrounded(answer), "The blue box.<loc_012><loc_127><loc_000><loc_064> Next action:");
}

TEST(AnswerTest, PixelsAreTheMiddlesOfTheBins) {
  const Tokenizer tokenizer = Tokenizer::Load(kFolder);
  const auto pixels =
      AnswerPixels(tokenizer, tokenizer.Encode("A<loc_012><loc_127><loc_000><loc_064> Next action:"), kViews);
  ASSERT_EQ(pixels.size(), 2U);
  EXPECT_FLOAT_EQ(pixels.at("left")[0], 127.5F / 128);
  EXPECT_FLOAT_EQ(pixels.at("left")[1], 12.5F / 128);
  EXPECT_FLOAT_EQ(pixels.at("right")[0], 64.5F / 128);
  EXPECT_FLOAT_EQ(pixels.at("right")[1], 0.5F / 128);
}

TEST(AnswerTest, OutOfViewAndAnotherNumberOfTokensSayNothing) {
  const Tokenizer tokenizer = Tokenizer::Load(kFolder);
  EXPECT_EQ(AnswerPixels(tokenizer, tokenizer.Encode("A<loc_000><loc_000><loc_000><loc_064>"), kViews).size(), 1U);
  EXPECT_TRUE(AnswerPixels(tokenizer, tokenizer.Encode("A<loc_001><loc_002><loc_003>"), kViews).empty());
  EXPECT_TRUE(AnswerPixels(tokenizer, tokenizer.Encode("No place at all."), kViews).empty());
}

}  // namespace
}  // namespace divla
