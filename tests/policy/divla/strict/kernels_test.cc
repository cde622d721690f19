// Strict mode's arithmetic against the same sums written out one operation at a time (bit for bit), and against double
// precision.
#include "policy/divla/strict/kernels.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <functional>
#include <limits>
#include <vector>

#include "sim/rng.h"

namespace divla::strict {
namespace {

std::vector<float> Numbers(std::int64_t count, std::string_view name, double low = -2.0, double high = 2.0) {
  Rng rng({.seed = 5, .stream = name});
  std::vector<float> numbers;
  for (std::int64_t i = 0; i < count; ++i) numbers.push_back(static_cast<float>(rng.Uniform(low, high)));
  return numbers;
}

// Keeps the compiler from joining or reordering what is around it: the reference must be what is written.
float Opaque(float x) {
  volatile float kept = x;
  return kept;
}

bool SameBits(const std::vector<float>& a, const std::vector<float>& b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0;
}

TEST(StrictProductTest, AddsInTheWrittenOrder) {
  struct Size {
    std::int64_t rows, columns, depth;
  };
  // Whole tiles, single rows, columns beside a tile, one of each.
  for (const Size& size :
       {Size{4, 32, 7}, {8, 64, 160}, {1, 631, 160}, {5, 33, 12}, {7, 10, 3}, {3, 96, 1}, {1, 1, 1}}) {
    for (const bool with_bias : {false, true}) {
      const std::vector<float> a = Numbers(size.rows * size.depth, "a"), bias = Numbers(size.columns, "bias");
      const std::int64_t stride = size.columns + 3;
      const std::vector<float> b = Numbers(size.depth * stride, "b");
      std::vector<float> expected, found(static_cast<std::size_t>(size.rows * size.columns), -7.0F);
      for (std::int64_t r = 0; r < size.rows; ++r) {
        for (std::int64_t c = 0; c < size.columns; ++c) {
          float sum = 0;
          for (std::int64_t k = 0; k < size.depth; ++k) {
            const float product =
                Opaque(a[static_cast<std::size_t>(r * size.depth + k)] * b[static_cast<std::size_t>(k * stride + c)]);
            sum = Opaque(sum + product);
          }
          expected.push_back(with_bias ? Opaque(sum + bias[static_cast<std::size_t>(c)]) : sum);
        }
      }
      Multiply({size.rows, size.columns, size.depth, a.data(), b.data(), stride, with_bias ? bias.data() : nullptr,
                found.data()});
      EXPECT_TRUE(SameBits(expected, found)) << size.rows << " x " << size.columns << " x " << size.depth;
    }
  }
}

TEST(StrictRowsTest, StandardizesInTheWrittenOrder) {
  for (const std::int64_t n : {1, 5, 16, 64, 83}) {
    for (const bool centred : {false, true}) {
      const std::vector<float> x = Numbers(3 * n, "rows", 1.0, 3.0);
      std::vector<float> expected, found(x.size());
      for (std::size_t r = 0; r < 3; ++r) {
        const float* row = x.data() + r * static_cast<std::size_t>(n);
        const auto lane_sum = [n](const std::function<float(std::int64_t)>& term) {
          std::vector<float> lanes(kLanes, 0.0F);
          for (std::int64_t i = 0; i < n; ++i) {
            float& lane = lanes[static_cast<std::size_t>(i % kLanes)];
            lane = Opaque(lane + term(i));
          }
          float sum = 0;
          for (const float lane : lanes) sum = Opaque(sum + lane);
          return sum;
        };
        const auto count = static_cast<float>(n);
        const float mean = centred ? Opaque(lane_sum([row](std::int64_t i) { return row[i]; }) / count) : 0.0F;
        const float squares = lane_sum([row, mean](std::int64_t i) {
          const float d = Opaque(row[i] - mean);
          return Opaque(d * d);
        });
        const float deviation = std::sqrt(Opaque(Opaque(squares / count) + 1e-5F));
        for (std::int64_t i = 0; i < n; ++i) expected.push_back(Opaque(row[i] - mean) / deviation);
      }
      StandardizeRows(x.data(), found.data(), 3, n, centred, 1e-5F);
      EXPECT_TRUE(SameBits(expected, found)) << n << (centred ? " centred" : "");
    }
  }
}

TEST(StrictRowsTest, SoftmaxIsRightAndPaddingChangesNothing) {
  const std::int64_t n = 37, padded = 50;
  const std::vector<float> x = Numbers(n, "softmax", -9.0, 9.0);
  double sum = 0;
  for (const float value : x) sum += std::exp(static_cast<double>(value));
  std::vector<float> found = x, wide = x;
  SoftmaxRows(found.data(), 1, n);
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double expected = std::exp(static_cast<double>(x[i])) / sum;
    EXPECT_NEAR(static_cast<double>(found[i]), expected, 1e-6 * expected) << i;
  }
  wide.resize(static_cast<std::size_t>(padded), -1e9F);
  SoftmaxRows(wide.data(), 1, padded);
  for (std::size_t i = x.size(); i < wide.size(); ++i) EXPECT_EQ(std::bit_cast<std::uint32_t>(wide[i]), 0U);
  wide.resize(x.size());
  EXPECT_TRUE(SameBits(found, wide));
}

TEST(StrictRowsTest, ArgmaxTakesTheFirstOfEquals) {
  std::vector<float> x = Numbers(3 * 631, "argmax");
  x[17] = x[400] = 5.0F;
  x[631] = 6.0F;
  x[3 * 631 - 1] = 7.0F;
  std::int64_t found[3] = {};
  ArgmaxRows(x.data(), found, 3, 631);
  EXPECT_EQ(found[0], 17);
  EXPECT_EQ(found[1], 0);
  EXPECT_EQ(found[2], 630);
}

TEST(StrictPointwiseTest, ExponentialIsAccurate) {
  std::vector<float> x = Numbers(200000, "exp", -87.0, 88.0);
  const std::vector<float> small = Numbers(100000, "exp near 0", -1.0, 1.0);
  x.insert(x.end(), small.begin(), small.end());
  x.insert(x.end(), {0.0F, -0.0F, -87.0F, 88.0F});
  std::vector<float> found = x;
  Exp(found.data(), static_cast<std::int64_t>(found.size()));
  double worst = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    worst = std::max(worst, std::abs(static_cast<double>(found[i]) / std::exp(static_cast<double>(x[i])) - 1.0));
  }
  EXPECT_LE(worst, 0x1p-22);
  std::vector<float> edge = {0.0F, -87.1F, -1e9F, 88.0F, 1000.0F};
  Exp(edge.data(), static_cast<std::int64_t>(edge.size()));
  EXPECT_EQ(edge[0], 1.0F);
  EXPECT_EQ(edge[1], 0.0F);
  EXPECT_EQ(edge[2], 0.0F);
  EXPECT_EQ(edge[3], edge[4]);
}

TEST(StrictPointwiseTest, NotANumberStaysSo) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  for (const auto function : {Exp, Silu, Gelu, GeluTanh, Mish}) {
    std::vector<float> x(40, 1.0F);
    x[3] = x[39] = nan;
    function(x.data(), 40);
    EXPECT_TRUE(std::isnan(x[3]) && std::isnan(x[39]));
    EXPECT_TRUE(std::isfinite(x[4]));
  }
  std::vector<float> row = {0.0F, nan, 1.0F};
  SoftmaxRows(row.data(), 1, 3);
  EXPECT_TRUE(std::isnan(row[0]) && std::isnan(row[2]));
}

// A length that is no multiple of any vector width must end like the one alone.
TEST(StrictPointwiseTest, EveryPlaceInAnArrayComputesTheSame) {
  for (const auto function : {Exp, Silu, Gelu, GeluTanh, Mish}) {
    const std::vector<float> x = Numbers(77, "places", -6.0, 6.0);
    std::vector<float> together = x, alone = x;
    function(together.data(), 77);
    for (float& value : alone) function(&value, 1);
    EXPECT_TRUE(SameBits(together, alone));
  }
}

TEST(StrictPointwiseTest, ActivationsAreTheirFormulas) {
  struct Case {
    const char* name;
    void (*function)(float*, std::int64_t);
    double (*formula)(double);
  };
  const Case cases[] = {
      {"silu", Silu, [](double x) { return x / (1.0 + std::exp(-x)); }},
      {"gelu", Gelu, [](double x) { return 0.5 * x * (1.0 + std::erf(x / std::sqrt(2.0))); }},
      {"gelu, tanh", GeluTanh,
       [](double x) {
         return 0.5 * x * (1.0 + std::tanh(std::sqrt(2.0 / 3.14159265358979323846) * (x + 0.044715 * x * x * x)));
       }},
      {"mish", Mish, [](double x) { return x * std::tanh(std::log1p(std::exp(x))); }},
  };
  std::vector<float> x = Numbers(100000, "activations", -12.0, 12.0);
  x.insert(x.end(), {0.0F, -100.0F, 100.0F, 19.99F, 20.01F, 60.0F});
  for (const Case& example : cases) {
    std::vector<float> found = x;
    example.function(found.data(), static_cast<std::int64_t>(found.size()));
    double worst = 0;
    for (std::size_t i = 0; i < x.size(); ++i) {
      const double expected = example.formula(static_cast<double>(x[i]));
      worst = std::max(worst, std::abs(static_cast<double>(found[i]) - expected) / std::max(1.0, std::abs(expected)));
    }
    EXPECT_LE(worst, 1e-6) << example.name;
  }
}

}  // namespace
}  // namespace divla::strict
