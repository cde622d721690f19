// L = w_d L_diffusion + w_t L_next-token + w_a L_auxiliary + w_p L_points (DiVLA paper section 3.1 for the first two).
//   diffusion  masked MSE of normalised actions of segment 0
//   text       cross-entropy of answer tokens; location tokens against a Gaussian over neighbouring bins; only of a
//              policy that reasons
//   auxiliary  what object's centre lies in each merged visual token's cell, and where in it
//   points     object and destination position from z (known to the simulator at training time only)
// The heads of the last two are weights of training only ("train.*").
#pragma once

#include "policy/divla/head/ddim.h"
#include "policy/divla/train/batch.h"

namespace divla {

void AddTrainingHeads(ParamSpecs& specs, const DivlaConfig& config, int object_classes);

struct LossValues {
  double total{}, diffusion{}, text{}, location{}, location_bins{}, auxiliary{}, points{};
};

// The loss of one micro-batch, to call backward() on; `values` gets its parts.
at::Tensor Loss(const TrainConfig& config, const ParamStore& params, const DdimSchedule& schedule, const Batch& batch,
                int first_location_id, LossValues& values);

}  // namespace divla
