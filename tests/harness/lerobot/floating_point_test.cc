// As tests/media/floating_point_test.cc: Arrow and Parquet must leave the processor's mode alone.
#include <gtest/gtest.h>
#include <xmmintrin.h>

#include "tests/harness/lerobot/small_dataset.h"
#include "tests/harness/temp_folder.h"

namespace divla {
namespace {

TEST(FloatingPoint, DatasetsLeaveTheProcessorsModeAlone) {
  constexpr unsigned kFlushToZero = 0x8000, kDenormalsAreZero = 0x0040, kRounding = 0x6000;
  EXPECT_EQ(_mm_getcsr() & (kFlushToZero | kDenormalsAreZero | kRounding), 0U)
      << "changed when the libraries were loaded";
  const TempFolder folder;
  SmallDataset().Write(folder / "data");
  DatasetReader(folder / "data").Read(kSmallFeatures, [](const EpisodeEntry&, int, DatasetFrame&&) {});
  EXPECT_EQ(_mm_getcsr() & (kFlushToZero | kDenormalsAreZero | kRounding), 0U) << "changed by a dataset";
}

}  // namespace
}  // namespace divla
