// One frame from start to end, in the widest lanes of the instruction set: DIVLA_LANES is F4, F8 or F16. Included once
// by each kernel_*.cc.
#pragma once

#include "sim/render/software/kernel/antialias.h"
#include "sim/render/software/kernel/transparent.h"
#include "sim/render/software/kernels.h"

namespace divla::software::DIVLA_KERNEL {
namespace {

// Round to nearest, no flushing of small numbers, no traps: whatever the caller's thread was set to.
class ExactArithmetic {
 public:
  ExactArithmetic() : before_(_mm_getcsr()) { _mm_setcsr(0x1f80); }
  ExactArithmetic(const ExactArithmetic&) = delete;
  ExactArithmetic& operator=(const ExactArithmetic&) = delete;
  ~ExactArithmetic() { _mm_setcsr(before_); }

 private:
  unsigned before_;
};

void DrawPicture(const Frame& frame) {
  const ExactArithmetic exact;
  DrawOpaque<DIVLA_LANES>(frame);
  ShadeOpaque<DIVLA_LANES>(frame);
  if (frame.antialias) SmoothEdges<DIVLA_LANES>(frame);
  BlendTransparent<DIVLA_LANES>(frame);
}

void AddTransparentDepth(const Frame& frame) {
  const ExactArithmetic exact;
  for (std::int32_t i = 0; i < frame.transparent_count; ++i) DrawGeom<DIVLA_LANES>(frame, frame.transparent[i]);
}

}  // namespace

const Kernels kKernels{DIVLA_LANES::kLanes, DrawPicture, AddTransparentDepth};

}  // namespace divla::software::DIVLA_KERNEL
