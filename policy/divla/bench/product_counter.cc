#include "policy/divla/bench/product_counter.h"

#include <ATen/ATen.h>

#include <atomic>
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

// Every output number takes one multiplication for each number of its filter.
std::int64_t ConvolutionOf(const at::Tensor& output, const at::Tensor& weight, bool transposed,
                           const at::Tensor& input) {
  if (!output.defined() || !weight.defined() || !input.defined()) return 0;
  if (transposed) return 2 * input.numel() * weight.numel() / weight.size(0);
  return 2 * output.numel() * weight.numel() / weight.size(0);
}

std::unique_ptr<at::ObserverContext> Count(const at::RecordFunction& function) {
  const std::string_view name = function.name();
  std::int64_t count = 0;
  if (name == "aten::mm" || name == "aten::bmm") {
    count = ProductOf(TensorAt(function, 0), TensorAt(function, 1));
  } else if (name == "aten::addmm" || name == "aten::baddbmm") {
    count = ProductOf(TensorAt(function, 1), TensorAt(function, 2));
  } else if (name == "aten::convolution_backward") {
    const auto inputs = function.inputs();
    const at::Tensor gradient = TensorAt(function, 0), input = TensorAt(function, 1), weight = TensorAt(function, 2);
    const bool transposed = inputs[7].toBool();
    const std::int64_t one = ConvolutionOf(gradient, weight, transposed, input);
    const auto wanted = inputs[10].toBoolList();
    count = one * (static_cast<std::int64_t>(wanted[0]) + static_cast<std::int64_t>(wanted[1]));
  }
  operations += count;
  return nullptr;
}

// A convolution's output is known only when it is done.
void CountAfter(const at::RecordFunction& function, at::ObserverContext*) {
  if (std::string_view(function.name()) != "aten::convolution") return;
  const auto inputs = function.inputs();
  const auto outputs = function.outputs();
  if (outputs.empty() || !outputs[0].isTensor()) return;
  operations += ConvolutionOf(outputs[0].toTensor(), TensorAt(function, 1), inputs[6].toBool(), TensorAt(function, 0));
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
