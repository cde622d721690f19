// AdamW (Loshchilov & Hutter 2019) with decoupled decay on matrices, gradient clipping by the global norm, and a moving
// average of the weights, on one flat array of all weights. Replicas share the array and own their gradients.
//
// Mixed precision: weights, moments, average and the update are float32. The matrices of large products and their
// biases also stand in a bfloat16 copy, made once a step; replicas compute with that copy and have bfloat16 gradients
// for it. bfloat16 has float32's range, so the loss needs no scale.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "policy/divla/train/team.h"
#include "policy/divla/train/train_config.h"
#include "policy/divla/weights/params.h"

namespace divla {

// All trained weights as one array; tensors of the stores below are views of it.
struct FlatParams {
  ParamSpecs specs;
  std::vector<std::int64_t> offsets;  // of each spec
  std::vector<bool> rounded;          // each spec: computed with in bfloat16
  at::Tensor values;                  // (n) f32
  at::Tensor copy;                    // (n) bfloat16, or undefined when nothing is rounded

  // A stretch of one tensor: what a thread works on at a time.
  struct Piece {
    std::int64_t begin{}, count{};
    bool decay{}, rounded{};
    bool frozen{};  // of an embodiment that is not trained: decay without a gradient would wear it down
  };
  std::vector<Piece> pieces;
};
// `initial` has every spec. Throws nothing; a missing weight is our mistake.
FlatParams Flatten(const ParamSpecs& specs, const ParamStore& initial, bool bfloat16 = false);
// Freezes the weights "embodiments.NAME.*" of all but the named ones.
void TrainOnly(FlatParams& flat, const std::set<std::string>& embodiments);
// Views of `values` (n), by name; they share its memory.
ParamStore Views(const FlatParams& flat, const at::Tensor& values);
// Makes the bfloat16 copy from the values, after these were set from outside.
void RefreshCopy(FlatParams& flat);

// One replica: leaf tensors on the shared weights, and gradients as views of its own flat arrays.
struct Replica {
  ParamStore params;
  at::Tensor gradient;          // (n) f32; set to zero before each step, like the next
  at::Tensor rounded_gradient;  // (n) bfloat16, of rounded weights, or undefined
};
Replica MakeReplica(const FlatParams& flat);

struct AdamW {
  at::Tensor first, second;  // moments (n)
  at::Tensor average;        // moving average of the weights (n)
};
AdamW MakeAdamW(const FlatParams& flat);

double LearningRate(const TrainConfig& config, int step);

// Step number `step` (from 0) with the sum of the replicas' gradients, in their order, divided by their number; clears
// the gradients. The pieces are shared out over the team; the numbers do not depend on its size. Returns the
// gradient's norm before clipping.
double Step(const TrainConfig& config, int step, FlatParams& flat, AdamW& state, std::vector<Replica>& replicas,
            Team& team);

}  // namespace divla
