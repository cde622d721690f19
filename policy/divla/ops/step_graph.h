// A step of fixed shapes and addresses that runs many times. On CUDA it is captured as a graph and replayed: one launch
// instead of hundreds, and no allocation. Elsewhere, and in a build without CUDA's headers, it is called.
#pragma once

#include <c10/core/Device.h>

#include <functional>
#include <memory>

namespace divla {

class StepGraph {
 public:
  explicit StepGraph(c10::Device device);
  ~StepGraph();
  StepGraph(StepGraph&&) noexcept;
  StepGraph& operator=(StepGraph&&) noexcept;

  // Does what `step` does, once. The first time it is called as it is (libraries set themselves up), the second time it
  // is captured, and from then on replayed without being called: it must read and write the same tensors each time, and
  // never wait for the device.
  void Run(const std::function<void()>& step);

 private:
  struct Captured;
  std::unique_ptr<Captured> captured_;  // null: the step is called
  int runs_{};
};

}  // namespace divla
