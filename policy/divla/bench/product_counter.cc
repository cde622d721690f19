#include "policy/divla/bench/product_counter.h"

#include <ATen/ATen.h>

#include <atomic>
#include <memory>
#include <string_view>

namespace divla {
namespace {

std::atomic<std::int64_t> operations{0};

at::Tensor TensorAt(const at::RecordFunction& function, std::size_t index) {
  const auto inputs = function.inputs();
  return index < inputs.size() && inputs[index].isTensor() ? inputs[index].toTensor() : at::Tensor();
}

// (m x k) by (k x n), a leading batch dimension allowed.
std::int64_t ProductOf(const at::Tensor& a, const at::Tensor& b) {
  if (!a.defined() || !b.defined()) return 0;
  return 2 * a.numel() * b.size(b.dim() - 1);
}

// Every number of a convolution's output (of its input, when it is transposed) takes one multiplication for each number
// of its filter.
std::int64_t OperationsPerNumber(const at::Tensor& weight) { return 2 * weight.numel() / weight.size(0); }

// Of a convolution that is running: its output is known only when it is done, and its inputs only before.
struct Running final : at::ObserverContext {
  std::int64_t per_output{};  // operations for each number of the output
};

std::unique_ptr<at::ObserverContext> Count(const at::RecordFunction& function) {
  const std::string_view name = function.name();
  if (name == "aten::mm" || name == "aten::bmm") {
    operations += ProductOf(TensorAt(function, 0), TensorAt(function, 1));
  } else if (name == "aten::addmm" || name == "aten::baddbmm") {
    operations += ProductOf(TensorAt(function, 1), TensorAt(function, 2));
  } else if (name == "aten::convolution") {
    const at::Tensor input = TensorAt(function, 0), weight = TensorAt(function, 1);
    if (function.inputs()[6].toBool()) {  // transposed
      operations += OperationsPerNumber(weight) * input.numel();
    } else {
      auto running = std::make_unique<Running>();
      running->per_output = OperationsPerNumber(weight);
      return running;
    }
  } else if (name == "aten::convolution_backward") {
    const auto inputs = function.inputs();
    const at::Tensor gradient = TensorAt(function, 0), input = TensorAt(function, 1), weight = TensorAt(function, 2);
    const bool transposed = inputs[7].toBool();
    const auto wanted = inputs[10].toBoolList();
    operations += OperationsPerNumber(weight) * (transposed ? input : gradient).numel() *
                  (static_cast<std::int64_t>(wanted[0]) + static_cast<std::int64_t>(wanted[1]));
  }
  return nullptr;
}

void CountAfter(const at::RecordFunction& function, at::ObserverContext* context) {
  const auto* running = dynamic_cast<Running*>(context);
  if (running == nullptr) return;
  const auto outputs = function.outputs();
  if (!outputs.empty() && outputs[0].isTensor()) operations += running->per_output * outputs[0].toTensor().numel();
}

}  // namespace

ProductCounter::ProductCounter() {
  operations = 0;
  handle_ = at::addGlobalCallback(at::RecordFunctionCallback(&Count, &CountAfter)
                                      .needsInputs(true)
                                      .needsOutputs(true)
                                      .scopes({at::RecordScope::FUNCTION}));
}

ProductCounter::~ProductCounter() { at::removeCallback(handle_); }

double ProductCounter::Operations() const { return static_cast<double>(operations.load()); }

}  // namespace divla
