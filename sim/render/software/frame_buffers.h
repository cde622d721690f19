// The memory that the kernels draw into, apart from what PreparedFrame owns. Kept from frame to frame.
#pragma once

#include <cstdint>
#include <vector>

#include "sim/render/software/frame_data.h"

namespace divla::software {

class FrameBuffers {
 public:
  // Makes room for the prepared `frame` and sets its buffer pointers, which hold until the next call. DIVLA_CHECKs that
  // the frame's height and stride are at most kMaxSide.
  void Attach(Frame& frame);

 private:
  std::vector<float> depth_;
  std::vector<std::int32_t> key_, triangle_, color_, edges_, waiting_, waiting_count_, nearby_;
};

}  // namespace divla::software
