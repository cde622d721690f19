// The loops of kernels.h as templates over a format of weights. Each file that includes this sets its own instruction
// set and namespace, so no two of them share a function; nothing of the standard library is called here for the same
// reason: the linker keeps one copy of an inline function, and it may be one that this processor cannot run.
//
// A Format has: kStep, numbers of a row in one step; kBytes of one weight; kSingleTile and kTile, outputs at a time for
// one row of x and for several, and kManyTile for kManyRows or more; the types X, Weights, Part (of x) and Sum; Load, LoadPart, Add, Total.
#pragma once

#include "policy/divla/ops/kernel/kernels.h"

// Loops over a tile are written out in full, or its sums would not stay in registers.
#ifdef __clang__
#define DIVLA_WRITE_OUT _Pragma("unroll")
#else
#define DIVLA_WRITE_OUT _Pragma("GCC unroll 32")
#endif

namespace divla::kernel::DIVLA_KERNEL {

inline constexpr int kReadAhead = 4096;  // bytes; farther costs nothing, nearer comes too late
inline constexpr int kLocality = 2;      // into the second cache: with x, a tile is too much for the first
inline constexpr int kRowTile = 4;  // rows of x at a time: with them a weight that was unpacked once serves four times

// kRows rows of x against kOutputs outputs. Every (row, output) has one chain of sums over all steps, so tiles of any
// size give the same bits.
template <class F, int kRows, int kOutputs>
[[gnu::always_inline]] inline void Tile(const Job& job, std::int64_t row, std::int64_t output, bool fetch) {
  const std::int64_t row_bytes = job.depth * F::kBytes, whole = job.depth - job.depth % F::kStep;
  const unsigned char* weight = job.weight + output * row_bytes;
  const auto* x = static_cast<const typename F::X*>(job.x) + row * job.x_stride;
  typename F::Sum sums[kRows][kOutputs];
  DIVLA_WRITE_OUT
  for (int r = 0; r < kRows; ++r) {
    DIVLA_WRITE_OUT
    for (int o = 0; o < kOutputs; ++o) sums[r][o] = F::Zero();
  }
  const auto add = [&](const unsigned char* from, std::int64_t from_stride, std::int64_t k) {
    typename F::Weights weights[kOutputs];
    DIVLA_WRITE_OUT
    for (int o = 0; o < kOutputs; ++o) weights[o] = F::Load(from + o * from_stride);
    DIVLA_WRITE_OUT
    for (int r = 0; r < kRows; ++r) {
      const typename F::Part part = F::LoadPart(x + r * job.x_stride + k);
      DIVLA_WRITE_OUT
      for (int o = 0; o < kOutputs; ++o) sums[r][o] = F::Add(sums[r][o], weights[o], part);
    }
  };
  if (fetch) {
    // The next outputs begin where these end, and are fetched from there in order. The processor's own prefetcher stops at
    // every page of 4 KB, which is one to three rows of weights; a prefetch beyond the end of the weights does nothing.
    const unsigned char* next = weight + kOutputs * row_bytes;
    constexpr int kStepBytes = kOutputs * F::kStep * F::kBytes;
    for (std::int64_t k = 0; k < whole; k += F::kStep, next += kStepBytes) {
      DIVLA_WRITE_OUT
      for (int line = 0; line < kStepBytes; line += 64) __builtin_prefetch(next + line, 0, kLocality);
      add(weight + k * F::kBytes, row_bytes, k);
    }
  } else {
    for (std::int64_t k = 0; k < whole; k += F::kStep) add(weight + k * F::kBytes, row_bytes, k);
  }
  if (whole < job.depth) {
    // The weights may end with the last page of a mapped file, so the last step reads a copy that is filled up with
    // zeros; x is padded with zeros too.
    unsigned char last[kOutputs][F::kStep * F::kBytes] = {};
    const std::int64_t rest = (job.depth - whole) * F::kBytes;
    DIVLA_WRITE_OUT
    for (int o = 0; o < kOutputs; ++o) {
      __builtin_memcpy(last[o], weight + o * row_bytes + whole * F::kBytes, static_cast<unsigned long>(rest));
    }
    add(last[0], F::kStep * F::kBytes, whole);
  }
  DIVLA_WRITE_OUT
  for (int r = 0; r < kRows; ++r) {
    DIVLA_WRITE_OUT
    for (int o = 0; o < kOutputs; ++o) job.sums[(row + r) * job.stride + output + o] = F::Total(sums[r][o]);
  }
}

// All rows against kOutputs outputs. The weights come from memory for the first rows and from the cache for the others.
template <class F, int kRows, int kOutputs>
inline void AllRows(const Job& job, std::int64_t output) {
  std::int64_t row = 0;
  for (; row + kRows <= job.rows; row += kRows) Tile<F, kRows, kOutputs>(job, row, output, row == 0);
  if constexpr (kRows > kRowTile) {
    if (row + kRowTile <= job.rows) {
      Tile<F, kRowTile, kOutputs>(job, row, output, false);
      row += kRowTile;
    }
  }
  switch (job.rows - row) {
    case 1:
      return Tile<F, 1, kOutputs>(job, row, output, row == 0);
    case 2:
      return Tile<F, 2, kOutputs>(job, row, output, row == 0);
    case 3:
      return Tile<F, 3, kOutputs>(job, row, output, row == 0);
    default:
      return;
  }
}

template <class F>
void Multiply(const Job& job) {
  std::int64_t output = 0;
  if (job.rows == 1) {
    for (; output + F::kSingleTile <= job.outputs; output += F::kSingleTile) {
      Tile<F, 1, F::kSingleTile>(job, 0, output, true);
    }
  } else if (F::kManyRows > kRowTile && job.rows >= F::kManyRows) {
    for (; output + F::kManyTile <= job.outputs; output += F::kManyTile) {
      AllRows<F, F::kManyRows, F::kManyTile>(job, output);
    }
  } else {
    for (; output + F::kTile <= job.outputs; output += F::kTile) AllRows<F, kRowTile, F::kTile>(job, output);
  }
  for (; output < job.outputs; ++output) AllRows<F, kRowTile, 1>(job, output);
}

// Numbers of a float row as a Format with two registers of `Lanes` in each step.
template <class Lanes>
struct FloatRows {
  using X = float;
  using Sum = typename Lanes::Vector;
  struct Part {
    typename Lanes::Vector first, second;
  };
  using Weights = Part;
  static constexpr int kStep = 2 * Lanes::kWidth;
  static constexpr int kSingleTile = Lanes::kSingleTile, kTile = Lanes::kTile, kManyRows = kRowTile, kManyTile = kTile;
  static Sum Zero() { return Lanes::Zero(); }
  static Part LoadPart(const float* x) { return {Lanes::LoadFloats(x), Lanes::LoadFloats(x + Lanes::kWidth)}; }
  static Sum Add(const Sum& sum, const Weights& weights, const Part& part) {
    return Lanes::MultiplyAdd(weights.second, part.second, Lanes::MultiplyAdd(weights.first, part.first, sum));
  }
  static float Total(const Sum& sum) { return Lanes::Total(sum); }
};

template <class Lanes>
struct Float32Weights : FloatRows<Lanes> {
  static constexpr int kBytes = 4;
  static typename FloatRows<Lanes>::Weights Load(const unsigned char* from) {
    return {Lanes::LoadFloats(reinterpret_cast<const float*>(from)),
            Lanes::LoadFloats(reinterpret_cast<const float*>(from + 4 * Lanes::kWidth))};
  }
};

template <class Lanes>
struct Float16Weights : FloatRows<Lanes> {
  static constexpr int kBytes = 2;
  static typename FloatRows<Lanes>::Weights Load(const unsigned char* from) {
    return {Lanes::LoadHalves(from), Lanes::LoadHalves(from + 2 * Lanes::kWidth)};
  }
};

template <class Lanes>
struct Bfloat16Weights : FloatRows<Lanes> {
  static constexpr int kBytes = 2;
  static typename FloatRows<Lanes>::Weights Load(const unsigned char* from) {
    typename FloatRows<Lanes>::Weights weights;
    Lanes::LoadPairs(from, weights.first, weights.second);
    return weights;
  }
};

// For LoadPairs: of each kStep numbers first those with even index, then those with odd index.
template <class Lanes>
void PackPairs(const float* in, std::int64_t count, float* out) {
  constexpr int kWidth = Lanes::kWidth;
  for (std::int64_t k = 0; k < count; k += 2 * kWidth) {
    for (int i = 0; i < kWidth; ++i) out[k + i] = in[k + 2 * i];
    for (int i = 0; i < kWidth; ++i) out[k + kWidth + i] = in[k + 2 * i + 1];
  }
}

}  // namespace divla::kernel::DIVLA_KERNEL
