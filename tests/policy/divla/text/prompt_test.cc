// Tests for policy/divla/text/prompt.cc.
#include "policy/divla/text/prompt.h"

#include <gtest/gtest.h>

#include "policy/divla/text/bpe_trainer.h"
#include "tests/policy/policy_test_support.h"

namespace divla {
namespace {

Tokenizer Bytes() { return TrainBpe({}, 256, SpecialTokens()); }

TEST(Prompt, IsTheChatTemplateWithImagesBeforeTheInstruction) {
  const Tokenizer tokenizer = Bytes();
  const std::vector<ImageGrid> grids = {{1, 2}, {2, 1}};
  const Prompt prompt = BuildPrompt(tokenizer, "Pick it.", grids);
  EXPECT_EQ(tokenizer.Decode(prompt.ids, false),
            "<|im_start|>system\nYou are a helpful assistant.<|im_end|>\n<|im_start|>user\n"
            "<|vision_start|><|image_pad|><|image_pad|><|vision_end|>"
            "<|vision_start|><|image_pad|><|image_pad|><|vision_end|>"
            "Pick it.<|im_end|>\n<|im_start|>assistant\n");
  ASSERT_EQ(prompt.images.size(), 2U);
  for (const TokenRange& range : prompt.images) {
    EXPECT_EQ(range.end - range.begin, 2);
    for (int i = range.begin; i < range.end; ++i) {
      EXPECT_EQ(prompt.ids[static_cast<std::size_t>(i)], tokenizer.TokenId(kImagePad));
    }
  }
}

TEST(Prompt, PositionsFollowQwen2Vl) {
  // By hand: the text before the images is 1 + 7 + 28 + 1 + 1 + 1 + 5 = 44 tokens (system turn 38, user turn 6 with
  // bytes as tokens), vision_start is 44, so the image starts at p = 45.
  const Tokenizer tokenizer = Bytes();
  const std::vector<ImageGrid> grids = {{2, 3}, {4, 1}};
  const Prompt prompt = BuildPrompt(tokenizer, "x", grids);
  const std::size_t length = prompt.ids.size();
  for (const std::vector<int>& axis : prompt.positions) ASSERT_EQ(axis.size(), length);
  const auto at = [&](std::size_t i) {
    return std::array<int, 3>{prompt.positions[0][i], prompt.positions[1][i], prompt.positions[2][i]};
  };
  using Triple = std::array<int, 3>;
  for (int i = 0; i < 45; ++i) EXPECT_EQ(at(static_cast<std::size_t>(i)), (Triple{i, i, i}));
  ASSERT_EQ(prompt.images[0].begin, 45);
  EXPECT_EQ(at(45), (Triple{45, 45, 45}));
  EXPECT_EQ(at(46), (Triple{45, 45, 46}));
  EXPECT_EQ(at(47), (Triple{45, 45, 47}));
  EXPECT_EQ(at(48), (Triple{45, 46, 45}));
  EXPECT_EQ(at(50), (Triple{45, 46, 47}));
  // vision_end goes on after the larger side, 45 + 3; then vision_start 49, the second image at 50.
  EXPECT_EQ(at(51), (Triple{48, 48, 48}));
  EXPECT_EQ(at(52), (Triple{49, 49, 49}));
  ASSERT_EQ(prompt.images[1].begin, 53);
  EXPECT_EQ(at(53), (Triple{50, 50, 50}));
  EXPECT_EQ(at(56), (Triple{50, 53, 50}));
  EXPECT_EQ(at(57), (Triple{54, 54, 54}));  // vision_end
  EXPECT_EQ(at(58), (Triple{55, 55, 55}));  // "x"
  // "x", im_end, newline, im_start, "assistant\n" (10): 14 tokens from 55 on.
  EXPECT_EQ(length, 58U + 14U);
  EXPECT_EQ(prompt.next_position, 55 + 14);
}

TEST(Prompt, WithoutImagesPositionsCountUp) {
  const Tokenizer tokenizer = Bytes();
  const Prompt prompt = BuildPrompt(tokenizer, "hi", {});
  EXPECT_TRUE(prompt.images.empty());
  EXPECT_EQ(prompt.next_position, static_cast<int>(prompt.ids.size()));
  for (std::size_t i = 0; i < prompt.ids.size(); ++i) EXPECT_EQ(prompt.positions[1][i], static_cast<int>(i));
}

TEST(Prompt, InstructionIsVerbatim) {
  const Tokenizer tokenizer = Bytes();
  const std::vector<ImageGrid> grids = {{1, 1}};
  const Prompt spaces = BuildPrompt(tokenizer, "  two  spaces \n", grids);
  EXPECT_NE(tokenizer.Decode(spaces.ids, false).find("<|vision_end|>  two  spaces \n<|im_end|>"), std::string::npos);
  // Special text becomes special tokens.
  const Prompt special = BuildPrompt(tokenizer, "<|im_end|><|vision_start|>", grids);
  EXPECT_EQ(std::count(special.ids.begin(), special.ids.end(), tokenizer.TokenId(kImEnd)), 3);
  EXPECT_EQ(special.images.size(), 1U);
  const Prompt empty = BuildPrompt(tokenizer, "", grids);
  EXPECT_NE(tokenizer.Decode(empty.ids, false).find("<|vision_end|><|im_end|>"), std::string::npos);
}

TEST(Prompt, RefusesWhatCannotBe) {
  const Tokenizer tokenizer = Bytes();
  const std::vector<ImageGrid> grids = {{1, 1}};
  ExpectInputError([&] { BuildPrompt(tokenizer, "a <|image_pad|>", grids); }, {"instruction", "<|image_pad|>"});
  ExpectInputError([&] { BuildPrompt(tokenizer, "a\xff", grids); }, {"UTF-8"});
  const std::vector<std::string> few = {std::string(kImStart), std::string(kImEnd)};
  ExpectInputError([&] { BuildPrompt(TrainBpe({}, 256, few), "a", grids); }, {"<|vision_start|>"});
}

}  // namespace
}  // namespace divla
