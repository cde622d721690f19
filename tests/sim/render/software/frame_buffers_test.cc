// The buffers that the kernels draw into.
#include "sim/render/software/frame_buffers.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/sim/render/software/drawing.h"

namespace divla::software {
namespace {

// The sanitizers look at the borders: every buffer is written from end to end.
TEST(FrameBuffersTest, HoldAFrameOfAnySize) {
  FrameBuffers buffers;
  for (const auto& [height, stride, geoms] : {std::array{3, 16, 2}, {5, 48, 7}, {1, 16, 0}}) {
    Frame frame{};
    frame.height = height, frame.stride = stride, frame.geom_count = geoms;
    buffers.Attach(frame);
    const int pixels = height * stride;
    frame.key[-1] = frame.key[pixels] = 1;  // one to each side
    std::fill_n(frame.depth, pixels, 1.0f);
    for (std::int32_t* pixel : {frame.key, frame.triangle, frame.color}) std::fill_n(pixel, pixels, 2);
    std::fill_n(frame.edges, 2 * pixels, 3);
    std::fill_n(frame.waiting, (geoms << kSurfaceBits) * kLaneMultiple, 4);
    std::fill_n(frame.waiting_count, geoms << kSurfaceBits, 5);
    std::fill_n(frame.nearby, geoms, 6);
    EXPECT_EQ(std::count(frame.key, frame.key + pixels, 2), pixels);  // no buffer lies in another
    EXPECT_EQ(std::count(frame.edges, frame.edges + 2 * pixels, 3), 2 * pixels);
  }
}

// The kernels pack rows and columns into 16 bits each.
TEST(FrameBuffersDeathTest, APictureHasLimits) {
  FrameBuffers buffers;
  Frame frame{};
  frame.height = 1, frame.stride = kMaxSide + 16;
  EXPECT_DEATH(buffers.Attach(frame), "32768");
  frame.height = kMaxSide + 1, frame.stride = 16;
  EXPECT_DEATH(buffers.Attach(frame), "32768");
}

// A small picture after a large one, and the other way round, is as if drawn first.
TEST(FrameBuffersTest, NothingStaysFromTheFrameBefore) {
  World large(AllShapesBodies(), AllShapesAssets());
  World small("<geom type='box' size='.1 .1 .1'/><camera name='front' pos='0 -1 0' xyaxes='1 0 0 0 0 1'/>");
  const auto draw = [](FrameBuffers& buffers, World& world, int side) {
    PreparedFrame prepared;
    world.Prepare("front", {.height = side, .width = side, .antialias = true}, prepared);
    Frame& frame = prepared.Get();
    buffers.Attach(frame);
    KernelsFor(SupportedSets().back()).draw_picture(frame);
    return std::vector(frame.color, frame.color + frame.stride * frame.height);
  };
  FrameBuffers fresh[2], used;
  const auto first = draw(fresh[0], large, 64), second = draw(fresh[1], small, 48);
  EXPECT_TRUE(draw(used, large, 64) == first);
  EXPECT_TRUE(draw(used, small, 48) == second);
  EXPECT_TRUE(draw(used, large, 64) == first);
}

}  // namespace
}  // namespace divla::software
