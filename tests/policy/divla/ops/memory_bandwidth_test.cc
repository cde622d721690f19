#include "policy/divla/ops/memory_bandwidth.h"

#include <gtest/gtest.h>

#include <cstring>
#include <vector>

#include "policy/divla/ops/kernel/kernels.h"
#include "sim/rng.h"

namespace divla {
namespace {

TEST(MemoryBandwidthTest, ReadsEveryByteOnce) {
  std::vector<std::uint64_t> numbers(3 * 4096 / 8);
  Rng rng({.stream = "memory"});
  std::uint64_t sum = 0;
  for (std::uint64_t& number : numbers) sum += number = rng.NextU64();
  using kernel::InstructionSet;
  for (const InstructionSet set :
       {InstructionSet::kPlain, InstructionSet::kAvx2, InstructionSet::kAvx512, InstructionSet::kAvx512Bf16}) {
    if (!kernel::IsSupported(set)) continue;
    EXPECT_EQ(kernel::KernelsFor(set).read(numbers.data(), 3 * 4096), sum) << kernel::ToString(set);
  }
}

TEST(MemoryBandwidthTest, IsThatOfSomeMemory) {
  for (const int threads : {1, 2, 5}) {
    const double speed = MeasureReadBandwidth(threads, 5 << 20, 3);
    EXPECT_GT(speed, 0.05) << threads;
    EXPECT_LT(speed, 5000) << threads;
  }
  EXPECT_DEATH(MeasureReadBandwidth(0, 5 << 20, 3), "measurable");
}

}  // namespace
}  // namespace divla
