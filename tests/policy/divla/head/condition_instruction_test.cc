#include "policy/divla/head/condition_instruction.h"

#include <gtest/gtest.h>

#include "tests/policy/divla/tiny_model.h"

namespace divla {
namespace {

// Two rows of three cells; every cell's token has a number of its own that stands out.
struct KeypointsTest : testing::Test {
  static constexpr int kRows = 2, kColumns = 3, kCells = kRows * kColumns;
  DivlaConfig config = [] {
    DivlaConfig model = TinyInstructionPolicy();
    model.vision.image_height = kRows * 16;
    model.vision.image_width = kColumns * 16;
    return model;
  }();
  ParamStore params = [this] {
    ParamSpecs specs;
    AddInstruction(specs, config);
    return InitParams(specs, 1);
  }();
  at::Tensor views = at::eye(kCells, 32, at::kFloat).expand({2, 2, kCells, 32}).contiguous();
  std::int64_t count = params.at("condition.keypoints.score.weight").size(0);

  at::Tensor Found() const { return Keypoints(config.vision, params, views); }
  // Keypoint k looks for cell k modulo kCells.
  void LookForCells() {
    at::Tensor& score = params.at("condition.keypoints.score.weight");
    score.zero_();
    for (std::int64_t k = 0; k < count; ++k) score[k][k % kCells] = 50.0F;
  }
};

TEST_F(KeypointsTest, AFlatSoftmaxSeesTheMiddle) {
  params.at("condition.keypoints.score.weight").zero_();
  EXPECT_EQ(Found().sizes(), (at::IntArrayRef{2, 2, count, 2}));
  EXPECT_LT(Found().abs().max().item<double>(), 1e-6);
}

TEST_F(KeypointsTest, ACellThatStandsOutIsThePlace) {
  LookForCells();
  const at::Tensor found = Found();
  for (std::int64_t k = 0; k < count; ++k) {
    const auto cell = static_cast<int>(k % kCells);
    // Edges are at -1 and 1, so a cell is 2/3 wide and 1 high.
    EXPECT_NEAR(found[1][1][k][0].item<double>(), -2.0 / 3 + cell % kColumns * 2.0 / 3, 1e-5) << k;
    EXPECT_NEAR(found[1][1][k][1].item<double>(), cell / kColumns == 0 ? -0.5 : 0.5, 1e-5) << k;
  }
}

TEST_F(KeypointsTest, TheTokenSaysWhereInTheCell) {
  LookForCells();
  const at::Tensor plain = Found();
  params.at("condition.keypoints.offset.bias")[2 * 4] = 0.1F;       // keypoint 4, x
  params.at("condition.keypoints.offset.bias")[2 * 5 + 1] = -0.2F;  // keypoint 5, y
  const at::Tensor moved = Found() - plain;
  EXPECT_NEAR(moved[0][1][4][0].item<double>(), 0.1, 1e-5);
  EXPECT_NEAR(moved[0][1][5][1].item<double>(), -0.2, 1e-5);
  EXPECT_NEAR(moved.abs().sum().item<double>(), 2 * 2 * (0.1 + 0.2), 1e-4);  // nothing else moves
}

TEST_F(KeypointsTest, ViewsDoNotTouchEachOther) {
  const at::Tensor before = Found();
  views[0][1].normal_();
  const at::Tensor after = Found();
  EXPECT_TRUE(at::equal(after[0][0], before[0][0]));
  EXPECT_TRUE(at::equal(after[1], before[1]));
  EXPECT_FALSE(at::equal(after[0][1], before[0][1]));
}

TEST(MeanEmbeddingTest, IsTheMeanWhateverStandsBesideIt) {
  const ParamStore params{{"model.embed_tokens.weight", Random({9, 5}, "table")}};
  const at::Tensor& table = params.at("model.embed_tokens.weight");
  const at::Tensor means = MeanEmbedding(params, PadTokenLists({{3, 7, 3}, {}, {8, 1, 2, 6, 5}}));
  EXPECT_LT(MaxDifference(means[0], (2 * table[3] + table[7]) / 3), 1e-6);
  EXPECT_EQ(means[1].abs().max().item<double>(), 0.0);
  EXPECT_LT(MaxDifference(means[2], (table[8] + table[1] + table[2] + table[6] + table[5]) / 5), 1e-6);
  EXPECT_EQ(PadTokenLists({{}}).ids.sizes(), (at::IntArrayRef{1, 1}));  // an empty instruction is one, too
}

}  // namespace
}  // namespace divla
