// What denoising starts from.
#pragma once

#include <ATen/ATen.h>

#include <span>

#include "policy/policy.h"

namespace divla {

// Standard normal numbers (B, steps, dim), float32, each query's from the stream that its noise_seed and query_number
// name: independent of what else is in the batch.
at::Tensor PolicyNoise(std::span<const Query> queries, std::int64_t steps, std::int64_t dim);

}  // namespace divla
