// What the fused operations of training share: missing arguments, and the loops of a tensor's type
// (ops/kernel/training.h). For ops/fused_*.cc and the optimiser only.
#pragma once

#include <ATen/ATen.h>

#include <optional>

#include "policy/divla/ops/kernel/training.h"

namespace divla::fused {

using kernel::Half;

template <class T>
const kernel::LoopsOf<T>& Loops() {
  if constexpr (std::is_same_v<T, float>) {
    return kernel::ChosenTrainingLoops().single;
  } else {
    return kernel::ChosenTrainingLoops().half;
  }
}

// Calls body with a null pointer of the element type of `type`, so that it can be a template of it.
template <class Body>
void ByType(at::ScalarType type, const Body& body) {
  if (type == at::kBFloat16) {
    body(static_cast<Half*>(nullptr));
  } else {
    TORCH_CHECK(type == at::kFloat, "fused loops compute float32 and bfloat16");
    body(static_cast<float*>(nullptr));
  }
}

// Arguments of an autograd function that may be missing.
inline std::optional<at::Tensor> Maybe(const at::Tensor& x) {
  return x.defined() ? std::optional<at::Tensor>(x) : std::nullopt;
}
inline at::Tensor Plain(const std::optional<at::Tensor>& x) { return x ? x->contiguous() : at::Tensor(); }

template <class T>
const T* In(const at::Tensor& x) {
  return x.defined() ? static_cast<const T*>(x.const_data_ptr()) : nullptr;
}
template <class T>
T* Out(at::Tensor& x) {
  return x.defined() ? static_cast<T*>(x.mutable_data_ptr()) : nullptr;
}

}  // namespace divla::fused
