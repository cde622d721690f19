// Packed attention from its fused pieces against one dense softmax under a mask.
#include "policy/divla/ops/fused_attention.h"

#include <gtest/gtest.h>

#include <cmath>

#include "policy/divla/ops/fused.h"
#include "tests/policy/divla/tiny_model.h"

namespace divla {
namespace {

constexpr std::int64_t kBatch = 2, kWidth = 8;  // of a head

// Attention as PackedForward does it.
at::Tensor Fused(const at::Tensor& qkv, const HeadLayout& layout, const at::Tensor& cos, const at::Tensor& sin) {
  const SplitHeads h = SplitIntoHeads(qkv, layout, cos, sin);
  const at::Tensor keys = h.k_prefix.transpose(1, 2), scores = at::bmm(h.q_prefix, keys);
  const at::Tensor from_prefix = at::bmm(JointSoftmax({}, scores.flatten(0, 1), true).near.view_as(scores), h.v_prefix);
  if (layout.segments == 0) return JoinHeads(from_prefix, {}, layout);
  const at::Tensor far = at::bmm(h.q_rest.view({keys.size(0), -1, kWidth}), keys),
                   near = at::bmm(h.q_rest, h.k_rest.transpose(1, 2));
  const PairOfWeights weights = JointSoftmax(far.flatten(0, 1), near.flatten(0, 1), true);
  const at::Tensor rest =
      at::bmm(weights.far.view_as(far), h.v_prefix).view_as(h.q_rest) + at::bmm(weights.near.view_as(near), h.v_rest);
  return JoinHeads(from_prefix, rest, layout);
}

// The same from the definition: every token sees the prefix up to itself and its own segment up to itself.
at::Tensor Dense(const at::Tensor& qkv, const HeadLayout& layout, const at::Tensor& cos, const at::Tensor& sin) {
  const std::int64_t tokens = qkv.size(1), repeat = layout.heads / layout.kv;
  const at::Tensor all = qkv.to(at::kFloat).view({kBatch, tokens, layout.heads + 2 * layout.kv, kWidth});
  at::Tensor turned = all.narrow(2, 0, layout.heads + layout.kv);
  if (cos.defined()) {
    const auto spread = [&](const at::Tensor& table) {
      std::vector<at::Tensor> rows{table.narrow(0, 0, layout.prefix)};
      for (std::int64_t s = 0; s < layout.segments; ++s) rows.push_back(table.narrow(0, layout.prefix, layout.length));
      return at::cat(rows);
    };
    const at::Tensor c = spread(cos).view({1, tokens, 1, -1}), s = spread(sin).view({1, tokens, 1, -1});
    const auto parts = turned.chunk(2, -1);
    turned = at::cat({parts[0] * c - parts[1] * s, parts[1] * c + parts[0] * s}, -1);
  }
  const at::Tensor q = turned.narrow(2, 0, layout.heads).transpose(1, 2) / std::sqrt(static_cast<double>(kWidth));
  const auto keys = [&](const at::Tensor& x) { return x.transpose(1, 2).repeat_interleave(repeat, 1); };
  at::Tensor mask = at::full({tokens, tokens}, -1e9, at::kFloat);
  for (std::int64_t i = 0; i < tokens; ++i) {
    for (std::int64_t j = 0; j <= i; ++j) {
      const bool own = i >= layout.prefix && j >= layout.prefix &&
                       (i - layout.prefix) / layout.length == (j - layout.prefix) / layout.length;
      if (j < layout.prefix || own) mask[i][j] = 0.0;
    }
  }
  const at::Tensor weights =
      at::softmax(at::matmul(q, keys(turned.narrow(2, layout.heads, layout.kv)).transpose(2, 3)) + mask, -1);
  return at::matmul(weights, keys(all.narrow(2, layout.heads + layout.kv, layout.kv)))
      .transpose(1, 2)
      .reshape({kBatch, tokens, layout.heads * kWidth});
}

TEST(FusedAttentionTest, EqualsADenseSoftmaxUnderAMask) {
  for (const HeadLayout& layout : {HeadLayout{4, 2, 5, 3, 7}, HeadLayout{2, 2, 19, 2, 33}, HeadLayout{4, 1, 6, 0, 0}}) {
    const std::int64_t tokens = layout.prefix + layout.segments * layout.length;
    const at::Tensor angles = Random({layout.prefix + layout.length, kWidth / 2}, "angles");
    for (const at::ScalarType type : {at::kFloat, at::kBFloat16}) {
      for (const bool turn : {true, false}) {
        at::Tensor qkv =
            Random({kBatch, tokens, (layout.heads + 2 * layout.kv) * kWidth}, "qkv").to(at::kBFloat16).to(type);
        qkv.set_requires_grad(true);
        const at::Tensor cos = turn ? angles.cos() : at::Tensor(), sin = turn ? angles.sin() : at::Tensor();
        const at::Tensor fused = Fused(qkv, layout, cos, sin), dense = Dense(qkv, layout, cos, sin);
        const double tolerance = type == at::kFloat ? 2e-5 : 4e-2;
        EXPECT_LT(MaxDifference(fused.to(at::kFloat), dense), tolerance);
        const at::Tensor pull = Random(dense.sizes(), "pull");
        (fused.to(at::kFloat) * pull).sum().backward();
        const at::Tensor found = qkv.grad().to(at::kFloat).clone();
        qkv.mutable_grad() = at::Tensor();
        (dense * pull).sum().backward();
        EXPECT_LT(MaxDifference(found, qkv.grad().to(at::kFloat)), tolerance);
      }
    }
  }
}

TEST(FusedAttentionTest, HiddenColumnsWeighNothingAndRowsSumToOne) {
  const at::Tensor far = 30.0 * Random({14, 40}, "far"), near = 30.0 * Random({14, 7}, "near");
  const PairOfWeights weights = JointSoftmax(far, near, true);
  EXPECT_LT(MaxDifference(weights.far.sum(1) + weights.near.sum(1), at::ones({14})), 1e-6);
  for (std::int64_t row = 0; row < 14; ++row) {
    for (std::int64_t column = row % 7 + 1; column < 7; ++column) {
      EXPECT_EQ(weights.near[row][column].item<float>(), 0.0F);
    }
  }
  EXPECT_LT(
      MaxDifference(JointSoftmax(far, near, false).near, at::softmax(at::cat({far, near}, 1), 1).narrow(1, 40, 7)),
      1e-6);
}

}  // namespace
}  // namespace divla
