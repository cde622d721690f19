// The loops of training that LibTorch does not have as one pass over memory, compiled once for each instruction set.
// Numbers are float or bfloat16 in memory and float in between; sums keep their lanes and nothing is contracted, so all
// instruction sets give the same bits. Nothing here needs torch; any thread may call.
#pragma once

#include <cstdint>

#include "policy/divla/ops/kernel/kernels.h"

namespace divla::kernel {

// bfloat16 as its bits: the upper half of a float.
struct Half {
  std::uint16_t bits;
};

struct Sizes {
  std::int64_t rows{}, n{};  // n numbers in a row
};

// Heads of rows [prefix P | segment 0 .. S-1 of L each], see ops/fused_attention.h.
struct HeadShape {
  std::int64_t batch{}, hd{}, heads{}, kv{}, prefix{}, segments{}, length{};

  // Inlined wherever they are called: no file may get another file's copy (numbers.h).
  [[gnu::always_inline]] std::int64_t Tokens() const { return prefix + segments * length; }
  [[gnu::always_inline]] std::int64_t Repeat() const { return heads / kv; }
};

// One AdamW step, the same for all numbers of a tensor.
struct Rates {
  float scale{};                               // of the gradient
  float beta1{}, beta2{};                      // decay of the moments
  float rate{}, correction1{}, correction2{};  // learning rate; 1 / (1 - beta^step)
  float shrink{};                              // share of the weight that decays
  float keep{};                                // share of the average that stays
};

template <class T>
struct LoopsOf {
  // y = norm(x + delta) * weight + bias; sum = x + delta, f32. Null delta: sum is x and not written. Null bias: not
  // centred. mean and inverse (1 / deviation) by row are for the way back.
  void (*norm)(Sizes sizes, const float* x, const T* delta, const float* weight, const float* bias, float eps,
               float* sum, T* y, float* mean, float* inverse);
  // dsum and ddelta may be null; dweight and dbias are added to, dbias only when centred.
  void (*norm_back)(Sizes sizes, const float* sum, const float* weight, bool centred, const float* mean,
                    const float* inverse, const float* dsum, const T* dy, float* dx, T* ddelta, float* dweight,
                    float* dbias);
  // rows of 2 n numbers -> silu(first half) * second half
  void (*gate)(Sizes sizes, const T* x, T* y);
  void (*gate_back)(Sizes sizes, const T* x, const T* dy, T* dx);
  void (*silu)(std::int64_t n, const T* x, T* y);
  void (*silu_back)(std::int64_t n, const T* x, const T* dy, T* dx);
  // Rows of queries, keys, values -> pieces q, k, v of the prefix, then of the rest. Tables may be null: no turn.
  void (*split)(const HeadShape& shape, const T* qkv, const float* cos, const float* sin, T* const* pieces);
  // A null piece is zero.
  void (*split_back)(const HeadShape& shape, const T* const* pieces, const float* cos, const float* sin, T* qkv);
  // Pieces of the queries' form -> rows, or `back`. Without prefix the rows are those of the segments.
  void (*join)(const HeadShape& shape, bool with_prefix, T* prefix, T* rest, T* rows, bool back);
  // Rows of `columns` far and `period` near scores; scratch has room for both.
  void (*softmax)(std::int64_t rows, std::int64_t columns, std::int64_t period, bool causal, const T* far,
                  const T* near, float* scratch, T* far_out, T* near_out);
  void (*softmax_back)(std::int64_t rows, std::int64_t columns, std::int64_t period, bool causal, const T* far,
                       const T* near, const T* dfar, const T* dnear, T* far_out, T* near_out);
  // sum = more, or sum += more; then more = 0.
  void (*take)(std::int64_t n, T* more, float* sum, bool first);
};

struct TrainingLoops {
  LoopsOf<float> single;
  LoopsOf<Half> half;
  double (*square_sum)(std::int64_t n, const float* x, float share);  // of x * share
  void (*update)(std::int64_t n, const Rates& rates, const float* gradient, float* weight, float* first, float* second,
                 float* average);
};

// DIVLA_CHECKs that the set is supported.
const TrainingLoops& TrainingLoopsFor(InstructionSet set);
// For the widest set that this processor has (ChooseInstructionSet), found once.
const TrainingLoops& ChosenTrainingLoops();

namespace plain {
extern const TrainingLoops kTrainingLoops;
}
namespace avx2 {
extern const TrainingLoops kTrainingLoops;
}
namespace avx512 {
extern const TrainingLoops kTrainingLoops;
}

}  // namespace divla::kernel
