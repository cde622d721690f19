// Every operation of ops.h in strict mode against LibTorch's, and LibTorch's own four operations, which strict mode
// goes on using, against plain C++.
#include "policy/divla/ops/ops.h"

#include <c10/core/GradMode.h>
#include <gtest/gtest.h>
#include <xmmintrin.h>

#include <cmath>
#include <limits>

#include "policy/divla/strict/scope.h"
#include "tests/policy/divla/tiny_model.h"

namespace divla {
namespace {

// The same call in both modes.
template <class Call>
void ExpectBothModesAgree(const Call& call, double tolerance = 5e-6) {
  const c10::AutoGradMode no_gradients(false);
  const at::Tensor usual = call();
  const StrictScope scope(true);
  const at::Tensor strict = call();
  ASSERT_EQ(strict.sizes(), usual.sizes());
  EXPECT_GT(usual.abs().max().template item<double>(), 0.01);  // something to compare
  EXPECT_LT(MaxDifference(strict, usual), tolerance);
}

TEST(OpsTest, StrictModeComputesWhatLibTorchComputes) {
  const at::Tensor x = Random({2, 5, 24}, "x"), w = Random({33, 24}, "w"), b = Random({33}, "b");
  ExpectBothModesAgree([&] { return Affine(x, w, b); });
  ExpectBothModesAgree([&] { return Affine(x, w); });
  ExpectBothModesAgree([&] { return Affine(x.transpose(0, 1), ForStrictProducts(w), b); });
  ExpectBothModesAgree([&] { return MatrixProduct(x, Random({2, 7, 24}, "k").transpose(1, 2)); });
  ExpectBothModesAgree([&] { return MatrixProduct(Random({2, 3, 4, 6}, "l"), Random({2, 3, 6, 5}, "r")); });
  const at::Tensor picture = Random({2, 9, 11, 3}, "picture").permute({0, 3, 1, 2});
  const at::Tensor kernel = Random({8, 3, 3, 3}, "kernel"), offset = Random({8}, "offset");
  ExpectBothModesAgree([&] { return Convolve2d(picture, kernel, offset, 2, 1); });
  ExpectBothModesAgree([&] { return Convolve2d(picture, ForStrictProducts(kernel), offset, 3); });
  const at::Tensor series = Random({2, 6, 8}, "series"), taps = Random({8, 6, 5}, "taps");
  ExpectBothModesAgree([&] { return Convolve1d(series, taps, offset, 1, 2); });
  ExpectBothModesAgree([&] { return Convolve1d(series, ForStrictProducts(taps), offset, 2, 1); });
  const at::Tensor back = Random({6, 8, 4}, "back");
  ExpectBothModesAgree([&] { return Upconvolve1d(series, back, offset, 2, 1); });
  ExpectBothModesAgree([&] { return Upconvolve1d(series, ForStrictProducts(back), offset, 3, 0); });
  ExpectBothModesAgree([&] { return Softmax(x); });
  ExpectBothModesAgree([&] { return NormalizeLayer(x, Random({24}, "g"), Random({24}, "o"), 1e-6); });
  ExpectBothModesAgree([&] { return NormalizeGroups(series, 3, Random({6}, "g"), Random({6}, "o"), 1e-5); });
  ExpectBothModesAgree([&] { return NormalizeRootMeanSquare(x, Random({24}, "g"), 1e-6); });
  ExpectBothModesAgree([&] { return Silu(x * 4); });
  ExpectBothModesAgree([&] { return Gelu(x * 4); });
  ExpectBothModesAgree([&] { return Gelu(x * 4, "tanh"); });
  ExpectBothModesAgree([&] { return Mish(x * 4); });
  ExpectBothModesAgree([&] { return Sine(x * 40); });
  ExpectBothModesAgree([&] { return Cosine(x * 40); });
  ExpectBothModesAgree([&] { return Exponential(x); });
  ExpectBothModesAgree([&] { return MultiplyAdd(series, series, Random({6, 1}, "by")); });
  ExpectBothModesAgree([&] { return Argmax(x).to(at::kFloat); }, 1e-9);
}

TEST(OpsTest, MemoryOrderOfAWeightChangesNothing) {
  const c10::AutoGradMode no_gradients(false);
  const StrictScope scope(true);
  const at::Tensor x = Random({3, 24}, "x"), w = Random({40, 24}, "w");
  EXPECT_TRUE(at::equal(ForStrictProducts(w), w));
  EXPECT_TRUE(at::equal(Affine(x, w), Affine(x, ForStrictProducts(w))));
}

TEST(OpsTest, ScopesNestAndEnd) {
  EXPECT_FALSE(StrictScope::Active());
  {
    const StrictScope on(true);
    EXPECT_TRUE(StrictScope::Active());
    {
      const StrictScope off(false);
      EXPECT_FALSE(StrictScope::Active());
    }
    EXPECT_TRUE(StrictScope::Active());
  }
  EXPECT_FALSE(StrictScope::Active());
}

// The smallest normal number halved is 0 where subnormal numbers are flushed.
float HalfOfTheSmallest() {
  volatile float smallest = std::numeric_limits<float>::min();
  return smallest * 0.5F;
}

TEST(OpsTest, AScopeKeepsSubnormalNumbersWhateverTheProcessDoes) {
  const unsigned before = _mm_getcsr();
  _mm_setcsr(before | 0x8040);  // flush results and read operands as zero
  EXPECT_EQ(HalfOfTheSmallest(), 0.0F);
  {
    const StrictScope scope(true);
    EXPECT_GT(HalfOfTheSmallest(), 0.0F);
  }
  EXPECT_EQ(HalfOfTheSmallest(), 0.0F);
  _mm_setcsr(before);
}

// Strict mode leaves +, -, *, / and clamp to LibTorch. That is sound only if each is the exactly rounded operation,
// for every layout that occurs: dense, spread over a dimension, transposed, with a number.
TEST(OpsTest, FourOperationsOfLibTorchAreExactlyRounded) {
  const at::Tensor a = Random({7, 37}, "a") * 3, b = Random({7, 37}, "b") + 1.7, row = Random({37}, "row") - 2.1;
  const at::Tensor turned = Random({37, 7}, "turned").t();
  const auto check = [](const at::Tensor& found, const at::Tensor& left, const at::Tensor& right, auto operation) {
    const at::Tensor l = left.expand(found.sizes()).contiguous(), r = right.expand(found.sizes()).contiguous(),
                     f = found.contiguous();
    for (std::int64_t i = 0; i < f.numel(); ++i) {
      volatile float x = l.const_data_ptr<float>()[i], y = r.const_data_ptr<float>()[i];
      const float expected = operation(x, y);
      ASSERT_EQ(f.const_data_ptr<float>()[i], expected) << i;
    }
  };
  const at::Tensor number = at::full({1}, 0.1F, at::kFloat);
  for (const at::Tensor& other : {b, row, turned}) {
    check(a + other, a, other, [](float x, float y) { return x + y; });
    check(a - other, a, other, [](float x, float y) { return x - y; });
    check(a * other, a, other, [](float x, float y) { return x * y; });
    check(a / other, a, other, [](float x, float y) { return x / y; });
  }
  check(a * 0.1, a, number, [](float x, float y) { return x * y; });
  check(a / 0.1, a, number, [](float x, float y) { return x / y; });
  check(a.clone().add_(b, -1.0), a, b, [](float x, float y) { return x - y; });
  check(a.clamp(-0.1, 0.1), a, number, [](float x, float y) { return x > y ? y : x < -y ? -y : x; });
}

}  // namespace
}  // namespace divla
