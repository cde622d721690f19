// Products of a few rows with large weights, as in writing text token by token: every weight is read once from memory,
// which is all that such a product costs. The weights stay where they are (also in a mapped file), in their own type.
//
// Sums are float32. The result of a row depends on the instruction set (DIVLA_KERNEL_ISA, kernel/kernels.h) and on the
// types, but neither on the number of threads nor on the other rows. x in bfloat16 with weights in bfloat16 uses the
// processor's bfloat16 dot products where it has them (numbers below 2^-126 then count as zero); in every other case
// both factors become float32, exactly, and are multiplied as such.
//
// Works with at::get_num_threads() threads. Any thread may call.
#pragma once

#include <cstdint>
#include <span>

namespace divla {

enum class NumberType { kFloat32, kFloat16, kBfloat16 };

// Row-major weights with an optional bias, at any address (unaligned ones work).
struct SkinnyWeight {
  const void* weight{};  // outputs x depth
  NumberType weight_type{};
  std::int64_t outputs{};
  const void* bias{};  // outputs; null: none is added
  NumberType bias_type{};
};

struct SkinnyInput {
  const void* x{};  // rows x depth, dense
  NumberType type{};
  std::int64_t rows{}, depth{};  // rows from 0; made for 1 to 16, with more it computes the bound, not memory
};

struct SkinnyOutput {
  void* y{};  // rows x (sum of all outputs), dense; overlaps nothing
  NumberType type{};
};

// y[r] = the weights' outputs side by side: weight x[r] + bias. Several weights of one x (queries, keys and values) in
// one call are one division of the work among the threads. Finishes before it returns.
void MultiplySkinny(const SkinnyInput& input, std::span<const SkinnyWeight> weights, const SkinnyOutput& output);

}  // namespace divla
