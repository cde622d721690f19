#include "policy/divla/language/language_model.h"

#include <gtest/gtest.h>

#include <cmath>

#include "policy/divla/ops/fused.h"
#include "tests/policy/divla/tiny_model.h"

namespace divla {
namespace {

struct LanguageModelTest : testing::Test {
  TextConfig config = TinyConfig().text;
  ParamStore params = [this] {
    ParamSpecs specs;
    AddLanguageModel(specs, config);
    return RandomParams(specs);
  }();
  RopeTable Rope(std::int64_t length) const {
    return MakeRopeTable(config, at::arange(length, at::kLong).unsqueeze(0).expand({3, length}));
  }
  at::Tensor Whole(const at::Tensor& x) const {
    return PackedForward(config, params, x, {1, 1, x.size(1) - 1}, Rope(x.size(1)));
  }
};

TEST_F(LanguageModelTest, CachedDecodingEqualsTheFullForward) {
  const at::Tensor x = Random({2, 9, 32}, "x");
  const at::Tensor whole = Whole(x);
  KvCache cache = MakeKvCache(config, 2, 12);
  const RopeTable rope = Rope(12);
  const auto slots = [](std::int64_t begin, std::int64_t end) {
    return at::arange(begin, end, at::kLong).unsqueeze(0).expand({2, end - begin}).contiguous();
  };
  EXPECT_LT(
      MaxDifference(CachedForward(config, params, x.narrow(1, 0, 6), slots(0, 6), rope, cache), whole.narrow(1, 0, 6)),
      2e-5);
  for (std::int64_t t = 6; t < 9; ++t) {
    EXPECT_LT(MaxDifference(CachedForward(config, params, x.narrow(1, t, 1), slots(t, t + 1), rope, cache),
                            whole.narrow(1, t, 1)),
              2e-5);
  }
}

TEST_F(LanguageModelTest, SlotsThatAreNotFilledYetChangeNothing) {
  // The form of a step that is captured: all slots take part, whatever stands in those to come.
  const at::Tensor x = Random({2, 5, 32}, "x");
  const at::Tensor slots = at::arange(5, at::kLong).unsqueeze(0).expand({2, 5}).contiguous();
  KvCache tight = MakeKvCache(config, 2, 12), wide = MakeKvCache(config, 2, 12);
  for (std::size_t layer = 0; layer < wide.keys.size(); ++layer) {
    wide.keys[layer].fill_(50.0);
    wide.values[layer].fill_(50.0);
  }
  const at::Tensor expected = CachedForward(config, params, x, slots, Rope(12), tight);
  EXPECT_LT(MaxDifference(CachedForward(config, params, x, slots, Rope(12), wide, 12), expected), 2e-5);
}

TEST_F(LanguageModelTest, FrequenciesAreThoseOfTransformersWhenAsked) {
  TextConfig exact = config;
  exact.rope_theta = 1e6;
  exact.float32_frequencies = true;
  const at::Tensor positions = at::full({3, 1}, std::int64_t{1}, at::kLong);
  const RopeTable table = MakeRopeTable(exact, positions);
  const std::int64_t hd = exact.HeadDim();
  for (std::int64_t i = 0; i < hd / 2; ++i) {
    const float frequency = 1.0F / std::pow(1e6F, static_cast<float>(2 * i) / static_cast<float>(hd));
    EXPECT_NEAR(table.sin[0][i].item<float>(), std::sin(frequency), 2e-7F) << i;
  }
}

TEST_F(LanguageModelTest, RowsOfDifferentLengthEqualSingleRows) {
  const at::Tensor x = Random({2, 7, 32}, "x");  // row 1 is 4 long, then padding
  const at::Tensor next = Random({2, 1, 32}, "next");
  const RopeTable rope = Rope(9);
  KvCache cache = MakeKvCache(config, 2, 9);
  CachedForward(config, params, x, at::arange(7, at::kLong).unsqueeze(0).expand({2, 7}).contiguous(), rope, cache);
  const at::Tensor both =
      CachedForward(config, params, next, at::tensor({std::int64_t{7}, std::int64_t{4}}).view({2, 1}), rope, cache);
  EXPECT_LT(MaxDifference(both[0][0], Whole(at::cat({x.narrow(0, 0, 1), next.narrow(0, 0, 1)}, 1))[0][7]), 2e-5);
  EXPECT_LT(
      MaxDifference(both[1][0], Whole(at::cat({x.narrow(0, 1, 1).narrow(1, 0, 4), next.narrow(0, 1, 1)}, 1))[0][4]),
      2e-5);
}

TEST_F(LanguageModelTest, PackedSegmentsEqualSeparateSequences) {
  const at::Tensor prefix = Random({2, 5, 32}, "prefix"), first = Random({2, 3, 32}, "first"),
                   second = Random({2, 3, 32}, "second");
  const at::Tensor packed = PackedForward(config, params, at::cat({prefix, first, second}, 1), {5, 2, 3}, Rope(8));
  EXPECT_LT(MaxDifference(packed.narrow(1, 0, 8), Whole(at::cat({prefix, first}, 1))), 2e-5);
  EXPECT_LT(MaxDifference(packed.narrow(1, 8, 3), Whole(at::cat({prefix, second}, 1)).narrow(1, 5, 3)), 2e-5);
}

// What is asked of the attention: (2, T, T) of T tokens in slots 0 to T - 1.
struct AttentionTest : LanguageModelTest {
  at::Tensor Asked(const at::Tensor& x) const {
    const std::int64_t tokens = x.size(1);
    KvCache cache = MakeKvCache(config, x.size(0), tokens);
    at::Tensor attention;
    const at::Tensor slots = at::arange(tokens, at::kLong).unsqueeze(0).expand({x.size(0), tokens}).contiguous();
    CachedForward(config, params, x, slots, Rope(tokens), cache, 0, &attention);
    return attention;
  }
  // Softmax of QK in double precision, one head and one query after the other; mean over the heads of layer 0.
  at::Tensor ByHand(const at::Tensor& x) const {
    const std::string layer = "model.layers.0.";
    const std::int64_t tokens = x.size(1), hd = config.HeadDim(), half = hd / 2;
    const std::int64_t group = config.num_attention_heads / config.num_key_value_heads;
    const at::Tensor wide = x.to(at::kDouble);
    const at::Tensor normed = wide / (wide.square().mean(-1, true) + config.rms_norm_eps).sqrt() *
                              Param(params, layer + "input_layernorm.weight").to(at::kDouble);
    const RopeTable rope = Rope(tokens);
    const auto heads = [&](const std::string& name) {
      const at::Tensor flat = at::matmul(normed, Param(params, layer + name + ".weight").to(at::kDouble).t()) +
                              Param(params, layer + name + ".bias").to(at::kDouble);
      const at::Tensor split = flat.view({x.size(0), tokens, -1, hd});
      const at::Tensor c = rope.cos.to(at::kDouble).view({1, tokens, 1, half});
      const at::Tensor s = rope.sin.to(at::kDouble).view({1, tokens, 1, half});
      const at::Tensor a = split.narrow(3, 0, half), b = split.narrow(3, half, half);
      return at::cat({a * c - b * s, b * c + a * s}, 3);
    };
    const at::Tensor q = heads("self_attn.q_proj"), k = heads("self_attn.k_proj");
    at::Tensor mean = at::zeros({x.size(0), tokens, tokens}, at::kDouble);
    for (std::int64_t row = 0; row < x.size(0); ++row) {
      for (std::int64_t head = 0; head < config.num_attention_heads; ++head) {
        for (std::int64_t t = 0; t < tokens; ++t) {
          const at::Tensor keys = k[row].select(1, head / group).narrow(0, 0, t + 1);
          const at::Tensor scores = at::mv(keys, q[row][t][head]) / std::sqrt(static_cast<double>(hd));
          mean[row][t].narrow(0, 0, t + 1) += scores.softmax(0) / static_cast<double>(config.num_attention_heads);
        }
      }
    }
    return mean.to(at::kFloat);
  }
  // A layer without a query looks everywhere alike.
  void Blind(int layer) {
    for (const char* part : {"weight", "bias"}) {
      params["model.layers." + std::to_string(layer) + ".self_attn.q_proj." + part].zero_();
    }
  }
  static at::Tensor Even(std::int64_t tokens) {
    const at::Tensor seen = at::ones({tokens, tokens}, at::kFloat).tril();
    return (seen / seen.sum(1, true)).expand({2, tokens, tokens});
  }
};

TEST_F(AttentionTest, IsTheSoftmaxOfQkMeanOverTheHeads) {
  config.num_hidden_layers = 1;
  const at::Tensor x = Random({2, 7, 32}, "x");
  const at::Tensor asked = Asked(x);
  EXPECT_LT(MaxDifference(asked, ByHand(x)), 1e-5);
  EXPECT_GT(MaxDifference(asked, Even(7)), 0.05) << "else this test could not fail";
}

TEST_F(AttentionTest, IsTheMeanOverTheLayers) {
  ASSERT_EQ(config.num_hidden_layers, 2);
  const at::Tensor x = Random({2, 7, 32}, "x");
  Blind(1);
  EXPECT_LT(MaxDifference(Asked(x), (ByHand(x) + Even(7)) / 2), 1e-5);
  Blind(0);
  EXPECT_LT(MaxDifference(Asked(x), Even(7)), 1e-6);
}

TEST_F(AttentionTest, IsTheSameTokenByToken) {
  const at::Tensor x = Random({2, 7, 32}, "x");
  const at::Tensor whole = Asked(x);
  KvCache cache = MakeKvCache(config, 2, 9);
  for (std::int64_t t = 0; t < 7; ++t) {
    at::Tensor one;
    const at::Tensor output =
        CachedForward(config, params, x.narrow(1, t, 1), at::full({2, 1}, t, at::kLong), Rope(9), cache, 0, &one);
    ASSERT_EQ(one.sizes(), (std::vector<std::int64_t>{2, 1, t + 1}));
    EXPECT_LT(MaxDifference(one, whole.narrow(1, t, 1).narrow(2, 0, t + 1)), 1e-5);
  }
}

TEST(RopeTest, EachSectionFollowsItsAxis) {
  TextConfig config = TinyConfig().text;
  config.rope_theta = 16.0;  // frequencies 1, 1/2, 1/4, 1/8 for a head of 8
  const RopeTable table =
      MakeRopeTable(config, at::tensor({std::int64_t{3}, std::int64_t{5}, std::int64_t{7}}).view({3, 1}));
  const double expected[] = {3.0, 3.0 / 2, 5.0 / 4, 7.0 / 8};
  for (int i = 0; i < 4; ++i) {
    EXPECT_NEAR(table.cos[0][i].item<double>(), std::cos(expected[i]), 1e-6);
    EXPECT_NEAR(table.sin[0][i].item<double>(), std::sin(expected[i]), 1e-6);
  }
  // Pairs (i, i + 4) of the head turn by these angles.
  at::Tensor x = at::zeros({1, 1, 1, 8}, at::kFloat);
  x[0][0][0][2] = 1.0;
  const at::Tensor turned = Rotate(x, table.cos, table.sin);
  EXPECT_NEAR(turned[0][0][0][2].item<double>(), std::cos(1.25), 1e-6);
  EXPECT_NEAR(turned[0][0][0][6].item<double>(), std::sin(1.25), 1e-6);
}

TEST(FusedTest, EqualsPlainOperations) {
  const at::Tensor x = Random({3, 2, 4, 8}, "x"), weight = Random({8}, "w"), angles = Random({6, 4}, "a");
  const at::Tensor plain = x * (x.square().mean(-1, true) + 1e-6).rsqrt() * weight;
  EXPECT_LT(MaxDifference(RmsNorm(x, weight, 1e-6), plain), 1e-6);

  const at::Tensor c = angles.cos().view({3, 2, 1, 4}), s = angles.sin().view({3, 2, 1, 4});
  const auto parts = x.chunk(2, -1);
  const at::Tensor turned = at::cat({parts[0] * c - parts[1] * s, parts[1] * c + parts[0] * s}, -1);
  EXPECT_LT(MaxDifference(Rotate(x, angles.cos(), angles.sin()), turned), 1e-6);
}

}  // namespace
}  // namespace divla
