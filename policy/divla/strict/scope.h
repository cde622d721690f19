// Strict mode, switched on for a stretch of one thread's work: what is computed inside has the same bits on every
// x86-64 processor. policy/divla/ops/ops.h asks it and then computes with the kernels of this folder instead of LibTorch's.
//
// Why kernels of our own: LibTorch picks its kernels by processor, and so do the closed or just-in-time compiled
// libraries inside it (MKL for products, oneDNN for convolutions). Their settings are read once from the environment,
// and equal bits between vendors are promised for none of the combinations we would need.
#pragma once

#include <cfenv>

namespace divla {

// The scope also puts the floating-point environment at its default (round to nearest, subnormal numbers kept): a
// library loaded elsewhere in the process may have changed it. The destructor restores what was there.
class StrictScope {
 public:
  explicit StrictScope(bool on);
  ~StrictScope();
  StrictScope(const StrictScope&) = delete;
  StrictScope& operator=(const StrictScope&) = delete;

  static bool Active();  // on the calling thread

 private:
  bool before_;
  std::fenv_t environment_{};
};

}  // namespace divla
