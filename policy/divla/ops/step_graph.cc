#include "policy/divla/ops/step_graph.h"

#ifdef DIVLA_CUDA
#include <ATen/cuda/CUDAGraph.h>
#include <c10/cuda/CUDAGuard.h>
#include <c10/cuda/CUDAStream.h>
#endif

namespace divla {

#ifdef DIVLA_CUDA

struct StepGraph::Captured {
  explicit Captured(c10::Device device)
      : stream(c10::cuda::getStreamFromPool(/*isHighPriority=*/false, device.index())) {}

  c10::cuda::CUDAStream stream;  // a graph cannot be captured on the default stream
  at::cuda::CUDAGraph graph;
};

StepGraph::StepGraph(c10::Device device) : captured_(device.is_cuda() ? std::make_unique<Captured>(device) : nullptr) {}

void StepGraph::Run(const std::function<void()>& step) {
  ++runs_;
  if (captured_ == nullptr) return step();
  const c10::cuda::CUDAStream outside = c10::cuda::getCurrentCUDAStream(captured_->stream.device_index());
  outside.synchronize();
  if (runs_ <= 2) {
    const c10::cuda::CUDAStreamGuard guard(captured_->stream);
    if (runs_ == 1) {
      step();
    } else {
      captured_->graph.capture_begin();
      step();
      captured_->graph.capture_end();
    }
    captured_->stream.synchronize();
  }
  if (runs_ >= 2) captured_->graph.replay();
}

#else

struct StepGraph::Captured {};

StepGraph::StepGraph(c10::Device) {}

void StepGraph::Run(const std::function<void()>& step) {
  ++runs_;
  step();
}

#endif

StepGraph::~StepGraph() = default;
StepGraph::StepGraph(StepGraph&&) noexcept = default;
StepGraph& StepGraph::operator=(StepGraph&&) noexcept = default;

}  // namespace divla
