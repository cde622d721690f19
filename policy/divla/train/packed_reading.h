// What reading/reading.h computes, for a training batch: all segments of a row at once, under teacher forcing, with the
// loss of the answers' tokens. A policy that does not reason has no such loss.
#pragma once

#include "policy/divla/train/batch.h"
#include "policy/divla/train/loss.h"

namespace divla {

struct PackedReading {
  at::Tensor z;           // (B*S, cond_dim), S the batch's segments
  at::Tensor r;           // (B, d), of segment 0; undefined without reasoning
  at::Tensor next_token;  // the loss, a number; undefined without reasoning
};

// views (B, V, TokensPerView, d), as from EncodeViews; `values` gets the parts of the loss.
PackedReading ReadPacked(const TrainConfig& config, const ParamStore& params, const Batch& batch,
                         const at::Tensor& views, int first_location_id, LossValues& values);

}  // namespace divla
