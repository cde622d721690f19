// The loops of training give the same bits with every instruction set that this processor has.
#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <vector>

#include "policy/divla/ops/kernel/training.h"
#include "sim/rng.h"

namespace divla {
namespace {

using kernel::Half;

constexpr kernel::HeadShape kShape{.batch = 2, .hd = 22, .heads = 4, .kv = 2, .prefix = 3, .segments = 2, .length = 5};
constexpr std::int64_t kRows = 6, kWidth = 43, kCount = kRows * 2 * kWidth;  // a rest beside all widths of registers

std::vector<float> Numbers(const std::string& name, std::int64_t count = kCount) {
  Rng rng({.seed = 4, .task = name});
  std::vector<float> values;
  for (std::int64_t i = 0; i < count; ++i) values.push_back(static_cast<float>(3.0 * rng.Normal()));
  return values;
}

template <class T>
std::vector<T> As(const std::vector<float>& values) {
  std::vector<T> out;
  for (const float value : values) {
    if constexpr (std::is_same_v<T, float>) {
      out.push_back(value);
    } else {
      out.push_back({static_cast<std::uint16_t>(std::bit_cast<std::uint32_t>(value) >> 16)});
    }
  }
  return out;
}

template <class T>
void Append(std::vector<std::uint32_t>& bits, const std::vector<T>& values) {
  for (const T& value : values) {
    if constexpr (std::is_same_v<T, float>) {
      bits.push_back(std::bit_cast<std::uint32_t>(value));
    } else {
      bits.push_back(value.bits);
    }
  }
}

// From rows of queries, keys and values to pieces and back, with and without tables of angles and a prefix.
template <class T>
void RunHeads(const kernel::LoopsOf<T>& loops, std::vector<std::uint32_t>& bits) {
  const std::int64_t tokens = kShape.batch * kShape.Tokens(), both = kShape.heads + 2 * kShape.kv;
  const std::vector<T> qkv = As<T>(Numbers("qkv", tokens * both * kShape.hd));
  const std::int64_t table = (kShape.prefix + kShape.length) * kShape.hd / 2;
  const std::vector<float> cos = Numbers("cos", table), sin = Numbers("sin", table);
  for (const bool turned : {true, false}) {
    const float* c = turned ? cos.data() : nullptr;
    const float* s = turned ? sin.data() : nullptr;
    std::vector<std::vector<T>> pieces;
    for (const std::int64_t of : {kShape.prefix, kShape.segments * kShape.length}) {
      for (const std::int64_t heads : {kShape.heads, kShape.kv, kShape.kv}) {
        pieces.emplace_back(static_cast<std::size_t>(kShape.batch * heads * of * kShape.hd));
      }
    }
    std::vector<T*> places;
    for (std::vector<T>& piece : pieces) places.push_back(piece.data());
    loops.split(kShape, qkv.data(), c, s, places.data());
    for (const std::vector<T>& piece : pieces) Append(bits, piece);
    std::vector<T> back(qkv.size()), rows(static_cast<std::size_t>(tokens * kShape.heads * kShape.hd));
    const std::vector<const T*> some{places[0], places[1], nullptr, places[3], nullptr, places[5]};
    loops.split_back(kShape, some.data(), c, s, back.data());
    loops.join(kShape, turned, places[0], places[3], rows.data(), false);
    Append(bits, back), Append(bits, rows);
    const std::vector<T> others = As<T>(Numbers("others", static_cast<std::int64_t>(rows.size())));
    rows = others;
    loops.join(kShape, turned, places[0], places[3], rows.data(), true);
    Append(bits, pieces[0]), Append(bits, pieces[3]);
  }
}

// All loops of one type, one after the other; the bits of all they write.
template <class T>
std::vector<std::uint32_t> Run(const kernel::LoopsOf<T>& loops) {
  std::vector<std::uint32_t> bits;
  const std::vector<float> x = Numbers("x"), weight = Numbers("weight"), bias = Numbers("bias"), dsum = Numbers("dsum");
  const std::vector<T> a = As<T>(Numbers("a")), d = As<T>(Numbers("d"));
  std::vector<float> sum(kCount), mean(kCount), inverse(kCount), dx(kCount), dweight(kWidth), dbias(kWidth);
  std::vector<T> y(kCount), z(kCount);
  for (const bool centred : {true, false}) {
    loops.norm({kRows, kWidth}, x.data(), a.data(), weight.data(), centred ? bias.data() : nullptr, 1e-6F, sum.data(),
               y.data(), mean.data(), inverse.data());
    loops.norm_back({kRows, kWidth}, sum.data(), weight.data(), centred, mean.data(), inverse.data(), dsum.data(),
                    d.data(), dx.data(), z.data(), dweight.data(), dbias.data());
    for (const auto* values : {&sum, &mean, &inverse, &dx, &dweight, &dbias}) Append(bits, *values);
    Append(bits, y), Append(bits, z);
  }
  loops.gate({kRows, kWidth}, a.data(), y.data());
  loops.gate_back({kRows, kWidth}, a.data(), d.data(), z.data());
  Append(bits, y), Append(bits, z);
  loops.silu(kCount, a.data(), y.data());
  loops.silu_back(kCount, a.data(), d.data(), z.data());
  Append(bits, y), Append(bits, z);
  std::vector<T> far(kCount), near(kCount);
  std::vector<float> scratch(2 * kWidth);
  loops.softmax(kRows, kWidth, 3, true, a.data(), d.data(), scratch.data(), far.data(), near.data());
  loops.softmax_back(kRows, kWidth, 3, true, far.data(), near.data(), a.data(), d.data(), y.data(), z.data());
  Append(bits, far), Append(bits, near), Append(bits, y), Append(bits, z);
  std::vector<T> more = a;
  loops.take(kCount, more.data(), sum.data(), true);
  more = d;
  loops.take(kCount, more.data(), sum.data(), false);
  Append(bits, sum), Append(bits, more);
  RunHeads(loops, bits);
  return bits;
}

std::vector<std::uint32_t> RunAll(const kernel::TrainingLoops& loops) {
  std::vector<std::uint32_t> bits = Run(loops.single), more = Run(loops.half);
  bits.insert(bits.end(), more.begin(), more.end());
  std::vector<float> w = Numbers("w"), m = Numbers("m"), v(kCount, 0.5F), average = Numbers("average");
  const std::vector<float> gradient = Numbers("gradient");
  loops.update(kCount, {0.7F, 0.9F, 0.98F, 1e-2F, 1.5F, 1.2F, 1e-3F, 0.9F}, gradient.data(), w.data(), m.data(),
               v.data(), average.data());
  for (const auto* values : {&w, &m, &v, &average}) Append(bits, *values);
  const auto square = std::bit_cast<std::uint64_t>(loops.square_sum(kCount, gradient.data(), 0.5F));
  bits.push_back(static_cast<std::uint32_t>(square)), bits.push_back(static_cast<std::uint32_t>(square >> 32));
  return bits;
}

TEST(TrainingLoopsTest, AllInstructionSetsGiveTheSameBits) {
  const std::vector<std::uint32_t> plain = RunAll(kernel::TrainingLoopsFor(kernel::InstructionSet::kPlain));
  for (const kernel::InstructionSet set : {kernel::InstructionSet::kAvx2, kernel::InstructionSet::kAvx512}) {
    if (!kernel::IsSupported(set)) continue;
    EXPECT_EQ(RunAll(kernel::TrainingLoopsFor(set)), plain) << kernel::ToString(set);
  }
}

// The numbers as bfloat16: weights of a row of ones, whose root mean square is 1.
std::vector<float> Rounded(const std::vector<float>& numbers) {
  const auto n = static_cast<std::int64_t>(numbers.size());
  const std::vector<float> ones(numbers.size(), 1.0F);
  std::vector<Half> y(numbers.size());
  std::vector<float> rounded;
  float mean = 0, inverse = 0;
  kernel::ChosenTrainingLoops().half.norm({1, n}, ones.data(), nullptr, numbers.data(), nullptr, 0.0F, nullptr,
                                          y.data(), &mean, &inverse);
  for (const Half number : y) rounded.push_back(std::bit_cast<float>(static_cast<std::uint32_t>(number.bits) << 16));
  return rounded;
}

TEST(TrainingLoopsTest, RoundingIsToTheNearestAndTiesGoToEven) {
  // One step of bfloat16 at 1 is 2^-7.
  const std::vector<float> numbers{1.0F,  1.0F + 0x1p-9F, 1.0F + 0x1.8p-8F, 1.0F + 0x1p-8F, 1.0F + 0x1.8p-7F,
                                   -2.5F, 0.0F,           0x1.fffffep127F};
  const std::vector<float> expected{1.0F, 1.0F, 1.0F + 0x1p-7F, 1.0F, 1.0F + 0x1p-6F, -2.5F, 0.0F, INFINITY};
  const std::vector<float> rounded = Rounded(numbers);
  for (std::size_t i = 0; i < numbers.size(); ++i) EXPECT_EQ(rounded[i], expected[i]) << i;
  // Not a number stays that, also when only bits that are cut off say so: as if it were one it would become an infinity.
  for (const std::uint32_t bits : {0x7F800001U, 0xFF80FFFFU, 0x7FFFFFFFU}) {
    EXPECT_TRUE(std::isnan(Rounded({std::bit_cast<float>(bits)})[0])) << bits;
  }
}

}  // namespace
}  // namespace divla
