// The fused loops of training against the same formulas in plain operations of LibTorch: values and gradients, in both
// types.
#include "policy/divla/ops/fused_rows.h"

#include <gtest/gtest.h>

#include "tests/policy/divla/tiny_model.h"

namespace divla {
namespace {

// A leaf of the type with small normal numbers; the same numbers, rounded, whatever the type.
at::Tensor Leaf(at::IntArrayRef shape, const std::string& name, at::ScalarType type = at::kFloat) {
  at::Tensor leaf = Random(shape, name).to(at::kBFloat16).to(type);
  leaf.set_requires_grad(true);
  return leaf;
}

// Gradients of sum(y * pull) by each leaf, as float32.
std::vector<at::Tensor> Gradients(const at::Tensor& y, const std::vector<at::Tensor>& leaves) {
  const at::Tensor pull = Random(y.sizes(), "pull").to(at::kBFloat16).to(at::kFloat);
  (y.to(at::kFloat) * pull).sum().backward();
  std::vector<at::Tensor> gradients;
  for (const at::Tensor& leaf : leaves) {
    gradients.push_back(leaf.grad().to(at::kFloat).clone());
    leaf.mutable_grad() = at::Tensor();
  }
  return gradients;
}

void ExpectNear(const std::vector<at::Tensor>& found, const std::vector<at::Tensor>& expected, double tolerance) {
  ASSERT_EQ(found.size(), expected.size());
  for (std::size_t i = 0; i < found.size(); ++i) {
    EXPECT_LT(MaxDifference(found[i], expected[i]), tolerance * (1.0 + expected[i].abs().max().item<double>())) << i;
  }
}

// Sizes with and without a rest of the loops' sixteen lanes.
class AddAndNormTest : public testing::TestWithParam<std::tuple<int, bool, bool>> {};

TEST_P(AddAndNormTest, EqualsPlainOperations) {
  const auto [n, centred, half] = GetParam();
  const at::ScalarType type = half ? at::kBFloat16 : at::kFloat;
  const double tolerance = half ? 1e-2 : 1e-5;
  const at::Tensor x = Leaf({3, 5, n}, "x"), delta = Leaf({3, 5, n}, "delta", type), weight = Leaf({n}, "weight"),
                   bias = Leaf({n}, "bias");
  std::vector<at::Tensor> leaves{x, delta, weight};
  if (centred) leaves.push_back(bias);
  const auto plain = [&](const at::Tensor& sum) {
    if (centred) return at::layer_norm(sum, {n}, weight, bias, 1e-6);
    return sum * (sum.square().mean(-1, true) + 1e-6).rsqrt() * weight;
  };
  // Both results take part in what is differentiated.
  const SumAndNorm fused = AddAndNorm(x, delta, weight, centred ? bias : at::Tensor(), 1e-6, type);
  EXPECT_EQ(fused.sum.scalar_type(), at::kFloat);
  EXPECT_EQ(fused.normed.scalar_type(), type);
  const at::Tensor sum = x + delta.to(at::kFloat);
  EXPECT_EQ(MaxDifference(fused.sum, sum), 0.0);
  EXPECT_LT(MaxDifference(fused.normed.to(at::kFloat), plain(sum)), half ? 3e-2 : 1e-5);
  ExpectNear(Gradients(at::cat({fused.sum, fused.normed.to(at::kFloat)}), leaves),
             Gradients(at::cat({sum, plain(sum)}), leaves), tolerance);
  // Without a branch.
  leaves.erase(leaves.begin() + 1);
  ExpectNear(Gradients(AddAndNorm(x, {}, weight, centred ? bias : at::Tensor(), 1e-6, type).normed, leaves),
             Gradients(plain(x), leaves), tolerance);
}

INSTANTIATE_TEST_SUITE_P(Sizes, AddAndNormTest,
                         testing::Combine(testing::Values(8, 16, 40, 160), testing::Bool(), testing::Bool()));

TEST(SwiGluTest, EqualsPlainOperations) {
  for (const at::ScalarType type : {at::kFloat, at::kBFloat16}) {
    const double tolerance = type == at::kFloat ? 1e-5 : 1e-2;
    const at::Tensor x = Leaf({4, 3, 2 * 21}, "x", type);
    const auto plain = [&] {
      const auto parts = x.to(at::kFloat).chunk(2, -1);
      return at::silu(parts[0]) * parts[1];
    };
    EXPECT_LT(MaxDifference(SwiGlu(x).to(at::kFloat), plain()), tolerance * 8);
    ExpectNear(Gradients(SwiGlu(x), {x}), Gradients(plain(), {x}), tolerance);
  }
}

TEST(FusedSiluTest, EqualsPlainOperationsInAnyMemoryOrder) {
  for (const at::ScalarType type : {at::kFloat, at::kBFloat16}) {
    const double tolerance = type == at::kFloat ? 1e-5 : 1e-2;
    at::Tensor x = (40.0 * Random({2, 3, 5, 7}, "x")).to(at::kBFloat16).to(type);  // also far out, where e^x overflows
    x = x.contiguous(at::MemoryFormat::ChannelsLast);
    x.set_requires_grad(true);
    const at::Tensor y = FusedSilu(x);
    EXPECT_EQ(y.strides(), x.strides());
    EXPECT_LT(MaxDifference(y.to(at::kFloat), at::silu(x.to(at::kFloat))), type == at::kFloat ? 1e-4 : 0.5);
    ExpectNear(Gradients(y, {x}), Gradients(at::silu(x.to(at::kFloat)), {x}), tolerance);
  }
}

}  // namespace
}  // namespace divla
