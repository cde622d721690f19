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
  return bits;
}

std::vector<std::uint32_t> RunAll(const kernel::TrainingLoops& loops) {
  std::vector<std::uint32_t> bits = Run(loops.single), more = Run(loops.half);
  bits.insert(bits.end(), more.begin(), more.end());
  std::vector<float> w = Numbers("w"), m = Numbers("m"), v(kCount, 0.5F), average = Numbers("average");
  const std::vector<float> gradient = Numbers("gradient");
  loops.update(kCount, {0.7F, 0.9F, 0.98F, 1e-2F, 1.5F, 1.2F, 1e-3F, 0.9F}, gradient.data(), w.data(), m.data(),
               v.data(), average.data());
  std::vector<Half> rounded(kCount);
  loops.round(kCount, w.data(), rounded.data());
  for (const auto* values : {&w, &m, &v, &average}) Append(bits, *values);
  Append(bits, rounded);
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

TEST(TrainingLoopsTest, RoundingIsToTheNearestAndTiesGoToEven) {
  // One step of bfloat16 at 1 is 2^-7.
  const std::vector<float> numbers{1.0F, 1.0F + 0x1p-9F, 1.0F + 0x1.8p-8F, 1.0F + 0x1p-8F, 1.0F + 0x1.8p-7F, -2.5F,
                                   0.0F};
  const std::vector<float> expected{1.0F, 1.0F, 1.0F + 0x1p-7F, 1.0F, 1.0F + 0x1p-6F, -2.5F, 0.0F};
  std::vector<Half> rounded(numbers.size());
  kernel::ChosenTrainingLoops().round(static_cast<std::int64_t>(numbers.size()), numbers.data(), rounded.data());
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    EXPECT_EQ(std::bit_cast<float>(static_cast<std::uint32_t>(rounded[i].bits) << 16), expected[i]) << i;
  }
}

}  // namespace
}  // namespace divla
