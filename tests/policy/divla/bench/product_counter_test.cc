// The arithmetic of one operation at a time, against what its sizes say.
#include "policy/divla/bench/product_counter.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <thread>

namespace divla {
namespace {

TEST(ProductCounterTest, CountsProductsOfEveryKindOnEveryThread) {
  const at::Tensor a = at::ones({3, 5}), b = at::ones({5, 7});
  {
    const ProductCounter counter;
    EXPECT_EQ(counter.Operations(), 0.0);
    at::mm(a, b);
    EXPECT_EQ(counter.Operations(), 2.0 * 3 * 5 * 7);
    std::thread([&] { at::bmm(at::ones({4, 3, 5}), at::ones({4, 5, 7})); }).join();
    EXPECT_EQ(counter.Operations(), 2.0 * 5 * 3 * 5 * 7);
    at::linear(a, at::ones({7, 5}), at::ones({7}));  // addmm, once
    EXPECT_EQ(counter.Operations(), 2.0 * 6 * 3 * 5 * 7);
    a + a;
    EXPECT_EQ(counter.Operations(), 2.0 * 6 * 3 * 5 * 7);
  }
  at::mm(a, b);  // nobody counts
  EXPECT_EQ(ProductCounter().Operations(), 0.0);
}

TEST(ProductCounterTest, CountsConvolutionsForwardAndBackward) {
  const at::Tensor input = at::ones({2, 3, 8, 8}).requires_grad_(), weight = at::ones({4, 3, 3, 3}).requires_grad_();
  const double one = 2.0 * 2 * 4 * 4 * 4 * 3 * 3 * 3;  // outputs of 4 x 4 with stride 2, a filter of 3 x 3 x 3 each
  const ProductCounter counter;
  const at::Tensor sum = at::conv2d(input, weight, {}, 2, 1).sum();
  EXPECT_EQ(counter.Operations(), one);
  sum.backward();  // by the input and by the weight
  EXPECT_EQ(counter.Operations(), 3 * one);
}

TEST(ProductCounterTest, CountsTransposedConvolutionsByTheirInput) {
  const at::Tensor input = at::ones({2, 4, 6}), weight = at::ones({4, 3, 4});
  const ProductCounter counter;
  at::conv_transpose1d(input, weight, {}, 2, 1);
  EXPECT_EQ(counter.Operations(), 2.0 * 2 * 6 * 4 * 3 * 4);
}

}  // namespace
}  // namespace divla
