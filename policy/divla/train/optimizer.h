// AdamW (Loshchilov & Hutter 2019) with decoupled decay on matrices, gradient clipping by the global norm, and a moving
// average of the weights, on one flat array of all weights. Replicas share the array and own their gradients.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "policy/divla/train/train_config.h"
#include "policy/divla/weights/params.h"

namespace divla {

// All trained weights as one array; tensors of the stores below are views of it.
struct FlatParams {
  ParamSpecs specs;
  std::vector<std::int64_t> offsets;  // of each spec
  at::Tensor values;                  // (n)
  at::Tensor decay;                   // (n): 1 where weight decay applies, else 0
};
FlatParams Flatten(const ParamSpecs& specs, const ParamStore& initial);
// Views of `values` (n), by name; they share its memory.
ParamStore Views(const FlatParams& flat, const at::Tensor& values);

// One replica: leaf tensors on the shared weights, and gradients as views of its own flat array.
struct Replica {
  ParamStore params;
  at::Tensor gradient;  // (n); set to zero before each step
};
Replica MakeReplica(const FlatParams& flat);

struct AdamW {
  at::Tensor first, second;  // moments (n)
  at::Tensor average;        // moving average of the weights (n)
};
AdamW MakeAdamW(const FlatParams& flat);

double LearningRate(const TrainConfig& config, int step);

// Step number `step` (from 0) with the sum of the replicas' gradients, in their order, divided by their number. Returns
// the gradient's norm before clipping.
double Step(const TrainConfig& config, int step, FlatParams& flat, AdamW& state, std::vector<Replica>& replicas);

}  // namespace divla
