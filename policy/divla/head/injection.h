// Which queries of a batch have their reasoning withheld from the action head (ReasoningMode::kWithheld).
#pragma once

#include <ATen/ATen.h>

#include <span>

#include "policy/policy.h"

namespace divla {

// (B, 1) f32: 0 where it is withheld, else 1. Undefined when no query has it withheld, so that the usual path computes
// what it always did, to the bit.
at::Tensor InjectedRows(std::span<const Query> queries);

}  // namespace divla
