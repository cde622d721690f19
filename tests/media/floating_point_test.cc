// A library that was linked with -ffast-math may change how the whole process computes when it is loaded. FFmpeg brings
// some hundred libraries.
#include <gtest/gtest.h>
#include <xmmintrin.h>

#include "media/video_writer.h"
#include "tests/harness/temp_folder.h"

namespace divla {
namespace {

constexpr unsigned kFlushToZero = 0x8000, kDenormalsAreZero = 0x0040, kRounding = 0x6000;

TEST(FloatingPoint, VideosLeaveTheProcessorsModeAlone) {
  EXPECT_EQ(_mm_getcsr() & (kFlushToZero | kDenormalsAreZero | kRounding), 0U)
      << "changed when the libraries were loaded";
  const TempFolder folder;
  VideoWriter writer(folder / "a.mp4", 64, 64, 20);
  writer.Add({64, 64, std::vector<std::uint8_t>(64 * 64 * 3, 128)});
  writer.Close();
  EXPECT_EQ(_mm_getcsr() & (kFlushToZero | kDenormalsAreZero | kRounding), 0U) << "changed by writing a video";
}

}  // namespace
}  // namespace divla
