#include "sim/render/software/frame_buffers.h"

#include "sim/check.h"

namespace divla::software {

void FrameBuffers::Attach(Frame& frame) {
  DIVLA_CHECK(frame.height <= kMaxSide && frame.stride <= kMaxSide, "a picture is at most 32768 pixels high and wide");
  const auto pixels = static_cast<std::size_t>(frame.stride) * static_cast<std::size_t>(frame.height);
  const auto geoms = static_cast<std::size_t>(frame.geom_count);
  depth_.resize(pixels);
  key_.resize(pixels + 2);
  triangle_.resize(pixels);
  color_.resize(pixels);
  edges_.resize(2 * pixels);
  waiting_.resize((geoms << kSurfaceBits) * kLaneMultiple);
  waiting_count_.resize(geoms << kSurfaceBits);
  nearby_.resize(geoms);
  frame.depth = depth_.data();
  frame.key = key_.data() + 1;
  frame.triangle = triangle_.data();
  frame.color = color_.data();
  frame.edges = edges_.data();
  frame.waiting = waiting_.data();
  frame.waiting_count = waiting_count_.data();
  frame.nearby = nearby_.data();
}

}  // namespace divla::software
