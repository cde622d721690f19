// Products of a few rows: every type, instruction set and odd size against double precision, and what the header says
// of bits and of memory.
#include "policy/divla/ops/skinny_product.h"

#include <ATen/Parallel.h>
#include <c10/util/BFloat16.h>
#include <c10/util/Half.h>
#include <gtest/gtest.h>
#include <sys/mman.h>

#include <cmath>
#include <cstdlib>
#include <cstring>
#include <vector>

#include "policy/divla/ops/kernel/kernels.h"
#include "policy/divla/ops/kernel/numbers.h"
#include "policy/divla/ops/skinny_affine.h"
#include "sim/check.h"
#include "sim/rng.h"

namespace divla {
namespace {

using kernel::InstructionSet;

constexpr NumberType kTypes[] = {NumberType::kFloat32, NumberType::kFloat16, NumberType::kBfloat16};
constexpr InstructionSet kSets[] = {InstructionSet::kPlain, InstructionSet::kAvx2, InstructionSet::kAvx512,
                                    InstructionSet::kAvx512Bf16};
constexpr const char* kVariable = "DIVLA_KERNEL_ISA";

std::int64_t BytesOf(NumberType type) { return type == NumberType::kFloat32 ? 4 : 2; }

double ValueAt(const void* numbers, NumberType type, std::int64_t i) {
  const auto* at = static_cast<const unsigned char*>(numbers) + i * BytesOf(type);
  float number = 0;
  std::uint16_t bits = 0;
  std::memcpy(type == NumberType::kFloat32 ? static_cast<void*>(&number) : &bits, at,
              static_cast<std::size_t>(BytesOf(type)));
  if (type == NumberType::kFloat16) number = static_cast<float>(c10::Half(bits, c10::Half::from_bits()));
  if (type == NumberType::kBfloat16) number = static_cast<float>(c10::BFloat16(bits, c10::BFloat16::from_bits()));
  return number;
}

// Numbers that end where the process may no longer read, as the last tensor of a mapped file may.
class Numbers {
 public:
  Numbers(std::int64_t count, NumberType type, const char* name, std::size_t before_end = 0) : type_(type) {
    const auto bytes = static_cast<std::size_t>(count * BytesOf(type));
    whole_ = (bytes + before_end + kPage - 1) / kPage * kPage + kPage;
    memory_ =
        static_cast<unsigned char*>(mmap(nullptr, whole_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    if (mprotect(memory_ + whole_ - kPage, kPage, PROT_NONE) != 0) std::abort();
    data_ = memory_ + whole_ - kPage - bytes - before_end;
    Rng rng({.stream = name});
    for (std::int64_t i = 0; i < count; ++i) {
      const auto value = static_cast<float>(rng.Normal());
      const c10::Half half(value);
      const c10::BFloat16 brain(value);
      const void* from = type == NumberType::kFloat32 ? static_cast<const void*>(&value) : &half.x;
      if (type == NumberType::kBfloat16) from = &brain.x;
      std::memcpy(data_ + i * BytesOf(type), from, static_cast<std::size_t>(BytesOf(type)));
    }
  }
  ~Numbers() { munmap(memory_, whole_); }
  Numbers(const Numbers&) = delete;
  Numbers& operator=(const Numbers&) = delete;

  const unsigned char* data() const { return data_; }
  NumberType type() const { return type_; }
  double operator[](std::int64_t i) const { return ValueAt(data_, type_, i); }

 private:
  static constexpr std::size_t kPage = 4096;
  NumberType type_;
  std::size_t whole_{};
  unsigned char* memory_{};
  unsigned char* data_{};
};

// One test for each instruction set that this processor has.
class SkinnyProductTest : public ::testing::TestWithParam<InstructionSet> {
 protected:
  void SetUp() override {
    if (const char* value = std::getenv(kVariable); value != nullptr) before_ = value;
    if (!kernel::IsSupported(GetParam())) GTEST_SKIP() << "this processor lacks " << kernel::ToString(GetParam());
    setenv(kVariable, kernel::ToString(GetParam()), 1);
    threads_ = at::get_num_threads();
  }
  void TearDown() override {
    if (before_.empty()) unsetenv(kVariable);
    if (!before_.empty()) setenv(kVariable, before_.c_str(), 1);
    if (threads_ > 0) at::set_num_threads(threads_);
  }

 private:
  std::string before_;
  int threads_{};
};

std::vector<unsigned char> Product(const Numbers& x, std::int64_t rows, std::int64_t depth,
                                   const std::vector<SkinnyWeight>& weights, NumberType out) {
  std::int64_t columns = 0;
  for (const SkinnyWeight& weight : weights) columns += weight.outputs;
  std::vector<unsigned char> y(static_cast<std::size_t>(rows * columns * BytesOf(out)), 0xff);
  MultiplySkinny({x.data(), x.type(), rows, depth}, weights, {y.data(), out});
  return y;
}

SkinnyWeight WeightOf(const Numbers& weight, std::int64_t outputs, const Numbers* bias = nullptr) {
  SkinnyWeight out{weight.data(), weight.type(), outputs, nullptr, NumberType::kFloat32};
  if (bias != nullptr) {
    out.bias = bias->data();
    out.bias_type = bias->type();
  }
  return out;
}

void ExpectExactWithinRounding(std::int64_t rows, std::int64_t depth, std::int64_t outputs, NumberType x_type,
                               NumberType weight_type, bool with_bias, NumberType out, std::size_t before_end) {
  const Numbers x(rows * depth, x_type, "x"), weight(outputs * depth, weight_type, "weight", before_end);
  const Numbers bias(outputs, weight_type, "bias");
  const auto y = Product(x, rows, depth, {WeightOf(weight, outputs, with_bias ? &bias : nullptr)}, out);
  int wrong = 0;
  for (std::int64_t r = 0; r < rows; ++r) {
    for (std::int64_t o = 0; o < outputs; ++o) {
      double sum = with_bias ? bias[o] : 0, size = std::abs(sum);
      for (std::int64_t k = 0; k < depth; ++k) {
        const double product = x[r * depth + k] * weight[o * depth + k];
        sum += product;
        size += std::abs(product);
      }
      // The longest chain of float32 additions has a quarter of the terms (four lanes), then the lanes and the bias.
      double bound = (static_cast<double>(depth) / 4 + 8) * 0x1p-24 * size;
      if (out == NumberType::kBfloat16) bound += (std::abs(sum) + bound) * 0x1p-8;
      if (std::abs(ValueAt(y.data(), out, r * outputs + o) - sum) > bound) ++wrong;
    }
  }
  EXPECT_EQ(wrong, 0) << rows << " x " << depth << " x " << outputs << ", types " << static_cast<int>(x_type)
                      << static_cast<int>(weight_type) << static_cast<int>(out);
}

TEST_P(SkinnyProductTest, IsTheSumInDoublePrecisionUpToRounding) {
  for (const std::int64_t depth : {1, 7, 31, 32, 33, 64, 100, 257, 1536}) {
    for (const NumberType x : {NumberType::kFloat32, NumberType::kBfloat16}) {
      for (const NumberType weight : kTypes) {
        ExpectExactWithinRounding(1, depth, 9, x, weight, depth % 2 == 0, NumberType::kFloat32, 0);
        ExpectExactWithinRounding(3, depth, 5, x, weight, depth % 2 == 1, NumberType::kBfloat16, 0);
        ExpectExactWithinRounding(5, depth, 1, x, weight, true, NumberType::kFloat32, 1);  // at an odd address
      }
    }
  }
}

TEST_P(SkinnyProductTest, TakesAnyNumberOfRowsAndOutputs) {
  for (std::int64_t rows = 0; rows <= 17; ++rows) {
    for (const std::int64_t outputs : {1, 6, 8, 13, 300}) {
      for (const NumberType x : {NumberType::kFloat32, NumberType::kBfloat16}) {
        ExpectExactWithinRounding(rows, 70, outputs, x, NumberType::kBfloat16, true, NumberType::kFloat32, 6);
      }
    }
  }
  ExpectExactWithinRounding(2, 0, 3, NumberType::kFloat32, NumberType::kBfloat16, true, NumberType::kFloat32, 0);
  ExpectExactWithinRounding(2, 70, 0, NumberType::kFloat32, NumberType::kBfloat16, true, NumberType::kFloat32, 0);
}

// 1030 weights of 1000: several pieces for each thread.
TEST_P(SkinnyProductTest, BitsDependNeitherOnThreadsNorOnOtherRowsNorOnNeighbours) {
  const std::int64_t depth = 1000, rows = 16;
  for (const NumberType type : {NumberType::kFloat32, NumberType::kBfloat16}) {
    for (const NumberType weight_type : kTypes) {
      const Numbers x(rows * depth, type, "x"), first(517 * depth, weight_type, "first", 2),
          second(513 * depth, weight_type, "second");
      const std::vector<SkinnyWeight> weights = {WeightOf(first, 517), WeightOf(second, 513)};
      at::set_num_threads(1);
      const auto all = Product(x, rows, depth, weights, NumberType::kFloat32);
      at::set_num_threads(2);
      EXPECT_EQ(Product(x, rows, depth, weights, NumberType::kFloat32), all);
      const std::size_t row_bytes = 1030 * 4, split = 517 * 4;
      for (std::int64_t count = 1; count < rows; ++count) {
        const auto some = Product(x, count, depth, weights, NumberType::kFloat32);
        EXPECT_EQ(std::memcmp(some.data(), all.data(), some.size()), 0) << count;
      }
      const auto alone = Product(x, 1, depth, {weights[1]}, NumberType::kFloat32);
      ASSERT_EQ(alone.size(), row_bytes - split);
      EXPECT_EQ(std::memcmp(alone.data(), all.data() + split, alone.size()), 0);
    }
  }
}

// A weight that is not a number, or infinite, reaches its own output only.
TEST_P(SkinnyProductTest, KeepsWhatIsNotANumberInItsPlace) {
  std::vector<std::uint16_t> weight(9 * 40, 0x3f80), x(40, 0x3f80);  // bfloat16 ones
  weight[3 * 40 + 39] = 0x7fc0;
  weight[5 * 40] = 0xff80;
  std::vector<float> y(9);
  const SkinnyWeight part{weight.data(), NumberType::kBfloat16, 9, nullptr, NumberType::kFloat32};
  MultiplySkinny({x.data(), NumberType::kBfloat16, 1, 40}, {&part, 1}, {y.data(), NumberType::kFloat32});
  for (std::size_t o = 0; o < y.size(); ++o) {
    if (o == 3) {
      EXPECT_TRUE(std::isnan(y[o]));
    } else {
      EXPECT_EQ(y[o], o == 5 ? -INFINITY : 40.0F);
    }
  }
}

TEST_P(SkinnyProductTest, TensorsGiveWhatLibTorchGives) {
  const at::Tensor x = at::linspace(-1, 1, 2 * 3 * 50).view({2, 3, 50}),
                   weight = at::linspace(1, -2, 20 * 50).view({20, 50}).to(at::kBFloat16),
                   bias = at::linspace(0, 5, 20).to(at::kBFloat16);
  const at::Tensor expected = at::linear(x.to(at::kDouble), weight.to(at::kDouble), bias.to(at::kDouble));
  // 50 products of at most 2 in size, added with an error as in the first test.
  constexpr double kRounding = (50.0 / 4 + 8) * 0x1p-24 * 50 * 2;
  const auto difference = [](const at::Tensor& a, const at::Tensor& b) {
    EXPECT_EQ(a.sizes(), b.sizes());
    return (a.to(at::kDouble) - b).abs().max().item<double>();
  };
  EXPECT_LT(difference(SkinnyAffine(x, weight, bias), expected), kRounding);
  const at::Tensor both = SkinnyAffine(x.transpose(0, 1), {weight, weight}, {at::Tensor(), bias});
  EXPECT_LT(difference(both.narrow(-1, 20, 20).transpose(0, 1), expected), kRounding);
  EXPECT_LT(difference(both.narrow(-1, 0, 20).transpose(0, 1), expected - bias), kRounding);
  const at::Tensor narrow = SkinnyAffine(x.to(at::kBFloat16), weight);
  EXPECT_EQ(narrow.scalar_type(), at::kBFloat16);
  // x is rounded by up to 2^-9 of 1 in each product with up to 2, and a sum between 64 and 128 by 2^-2.
  EXPECT_LT(difference(narrow, expected - bias), 50 * 2 * 0x1p-9 + 0x1p-2);
  EXPECT_DEATH(SkinnyAffine(x, at::ones({50, 50}).t()), "dense");
  EXPECT_DEATH(SkinnyAffine(x, weight.narrow(1, 0, 49).contiguous()), "depth");
}

INSTANTIATE_TEST_SUITE_P(Sets, SkinnyProductTest, ::testing::ValuesIn(kSets),
                         [](const auto& set) { return kernel::ToString(set.param); });

TEST(KernelNumbersTest, ConvertAsLibTorchDoes) {
  for (std::uint32_t bits = 0; bits < 0x10000; ++bits) {
    const auto number = static_cast<std::uint16_t>(bits);
    const auto half = static_cast<float>(c10::Half(number, c10::Half::from_bits()));
    const auto brain = static_cast<float>(c10::BFloat16(number, c10::BFloat16::from_bits()));
    const float own_half = kernel::FloatOfHalf(number), own_brain = kernel::FloatOfBfloat16(number);
    if (std::isnan(half)) {
      EXPECT_TRUE(std::isnan(own_half)) << bits;
    } else {
      EXPECT_EQ(std::memcmp(&own_half, &half, 4), 0) << bits;
    }
    if (std::isnan(brain)) {
      EXPECT_TRUE(std::isnan(own_brain) && std::isnan(kernel::FloatOfBfloat16(kernel::Bfloat16OfFloat(brain)))) << bits;
      continue;
    }
    EXPECT_EQ(std::memcmp(&own_brain, &brain, 4), 0) << bits;
    // The float between this number and the next one, and its two neighbours: where rounding turns.
    for (const std::uint32_t low : {0x0U, 0x1U, 0x7fffU, 0x8000U, 0x8001U, 0xffffU}) {
      const std::uint32_t wide = bits << 16 | low;
      float value = 0;
      std::memcpy(&value, &wide, 4);
      if (std::isnan(value)) continue;
      EXPECT_EQ(kernel::Bfloat16OfFloat(value), c10::BFloat16(value).x) << wide;
    }
  }
}

TEST(KernelDispatchTest, TheWidestUnlessAskedOtherwise) {
  const char* value = std::getenv(kVariable);
  const std::string before = value != nullptr ? value : "";
  unsetenv(kVariable);
  InstructionSet widest = InstructionSet::kPlain;
  for (const InstructionSet set : kSets) {
    if (kernel::IsSupported(set)) widest = set;
  }
  EXPECT_EQ(kernel::ChooseInstructionSet(), widest);
  for (const InstructionSet set : kSets) {
    setenv(kVariable, kernel::ToString(set), 1);
    if (kernel::IsSupported(set)) {
      EXPECT_EQ(kernel::ChooseInstructionSet(), set);
    } else {
      EXPECT_THROW(kernel::ChooseInstructionSet(), MachineError);
      EXPECT_DEATH(kernel::KernelsFor(set), "instruction set");
    }
  }
  setenv(kVariable, "avx", 1);
  EXPECT_THROW(kernel::ChooseInstructionSet(), InputError);
  if (before.empty()) unsetenv(kVariable);
  if (!before.empty()) setenv(kVariable, before.c_str(), 1);
}

}  // namespace
}  // namespace divla
