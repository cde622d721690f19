// The promise of the kernels: one picture, whatever the width of the vectors and the caller's floating-point settings.
#include "sim/render/software/kernels.h"

#include <gtest/gtest.h>
#include <xmmintrin.h>

#include "tests/sim/render/software/drawing.h"

namespace divla::software {
namespace {

constexpr std::pair<int, int> kSizes[] = {{1, 1}, {53, 37}, {37, 53}, {224, 224}, {480, 640}, {3, 16}, {2, 33}};

TEST(KernelsTest, LanesAreThoseOfTheInstructionSet) {
  for (const InstructionSet set : SupportedSets()) {
    EXPECT_EQ(KernelsFor(set).lanes, set == InstructionSet::kSse4 ? 4 : set == InstructionSet::kAvx2 ? 8 : 16);
  }
}

TEST(KernelsTest, AllWidthsDrawTheSame) {
  const std::vector<InstructionSet> sets = SupportedSets();
  if (sets.size() < 2) GTEST_SKIP() << "this processor has one instruction set only";
  World world(AllShapesBodies(), AllShapesAssets());
  for (const char* camera : {"front", "side", "low", "away"}) {
    for (const auto& [height, width] : kSizes) {
      for (const bool antialias : {false, true}) {
        PreparedFrame frame;
        world.Prepare(camera, {.height = height, .width = width, .antialias = antialias}, frame);
        for (const bool solid : {false, true}) {
          const Picture first = World::Draw(frame, sets[0], solid);
          for (const InstructionSet set : sets) {
            // Not EXPECT_EQ: a failure would print the whole picture.
            const Picture other = World::Draw(frame, set, solid);
            EXPECT_TRUE(other.color == first.color) << ToString(set) << " " << camera << " " << height << "x" << width;
            EXPECT_TRUE(other.depth == first.depth) << ToString(set) << " " << camera << " " << height << "x" << width;
            EXPECT_TRUE(other.key == first.key) << ToString(set) << " " << camera << " " << height << "x" << width;
          }
        }
      }
    }
  }
}

// A column of pixels does not depend on where lanes begin: the left part of a picture, drawn as a narrower picture with
// the same rays, is the same.
TEST(KernelsTest, APixelDoesNotDependOnItsNeighbours) {
  World world(AllShapesBodies(), AllShapesAssets());
  for (const InstructionSet set : SupportedSets()) {
    PreparedFrame prepared;
    world.Prepare("front", {.height = 60, .width = 101}, prepared);
    const Picture whole = World::Draw(prepared, set);
    Frame& frame = prepared.Get();
    // Shifted by 5 columns, so that every pixel falls into another lane.
    std::vector<float> shifted(frame.x_of + 5, frame.x_of + frame.width);
    shifted.resize(static_cast<std::size_t>(frame.stride));
    frame.x_of = shifted.data();
    std::vector<Geom> geoms(frame.geoms, frame.geoms + frame.geom_count);
    for (Geom& geom : geoms) geom.x0 = std::max(0, geom.x0 - 5), geom.x1 = std::max(0, geom.x1 - 5);
    frame.geoms = geoms.data();
    frame.width = 96;
    const Picture part = World::Draw(prepared, set);
    for (int row = 0; row < 60; ++row) {
      for (int column = 0; column < 96; ++column) {
        ASSERT_EQ(part.color[part.At(row, column)], whole.color[whole.At(row, column + 5)]) << row << " " << column;
        ASSERT_EQ(part.depth[part.At(row, column)], whole.depth[whole.At(row, column + 5)]);
        ASSERT_EQ(part.key[part.At(row, column)], whole.key[whole.At(row, column + 5)]);
      }
    }
  }
}

// Flush to zero, denormals are zero, the four rounding modes, unmasked traps: none reaches a pixel, and all are there
// again afterwards.
TEST(KernelsTest, TheThreadsFloatingPointSettingsDoNotMatter) {
  World world(AllShapesBodies(), AllShapesAssets());
  const unsigned usual = _mm_getcsr();
  for (const InstructionSet set : SupportedSets()) {
    for (const char* camera : {"front", "side"}) {
      PreparedFrame frame;
      world.Prepare(camera, {.height = 97, .width = 131, .antialias = true}, frame);
      const Picture first = World::Draw(frame, set, true);
      constexpr unsigned kMasked = 0x1f80;
      for (const unsigned setting : {kMasked | 0x8040, kMasked | 0x2000, kMasked | 0x4000, kMasked | 0x6000, 0x1d80U,
                                     kMasked | 0x8040 | 0x6000}) {
        _mm_setcsr(setting);
        const Picture other = World::Draw(frame, set, true);
        const unsigned after = _mm_getcsr();
        _mm_setcsr(usual);
        EXPECT_EQ(after, setting);
        EXPECT_TRUE(other == first) << ToString(set) << " " << camera << " MXCSR " << std::hex << setting;
      }
    }
  }
}

}  // namespace
}  // namespace divla::software
