// skinny_product.h for tensors.
#pragma once

#include <ATen/ATen.h>

#include <optional>
#include <vector>

#include "policy/divla/ops/skinny_product.h"

namespace divla {

// x (..., depth) float32 or bfloat16; weight (outputs, depth) and bias (outputs) dense, float32, float16 or bfloat16;
// all on the CPU, no gradient is recorded. -> (..., outputs), of x's type.
// Weights are read where they lie, so one made by from_blob over a mapped file is not copied.
at::Tensor SkinnyAffine(const at::Tensor& x, const at::Tensor& weight, const std::optional<at::Tensor>& bias = {});

// Several layers of one x, outputs side by side. `biases` is empty or has one entry for each weight, undefined for none.
at::Tensor SkinnyAffine(const at::Tensor& x, const std::vector<at::Tensor>& weights,
                        const std::vector<at::Tensor>& biases);

}  // namespace divla
