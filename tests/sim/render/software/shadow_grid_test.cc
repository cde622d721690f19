// The promise of the grid: it never leaves out a caster.
#include "sim/render/software/shadow_grid.h"

#include <gtest/gtest.h>

#include "tests/sim/render/software/drawing.h"

namespace divla::software {
namespace {

// A grid that names every caster in every cell draws the same as the built one: nothing was left out.
TEST(ShadowGridTest, IsConservative) {
  const std::string crowd = AllShapesBodies() +
                            "<light type='spot' pos='.1 -.1 .25' dir='.3 .2 -1' cutoff='85' exponent='0'/>"
                            "<light type='spot' pos='-.3 .1 .5' dir='1 .1 0' cutoff='60' exponent='0'/>";
  World world(crowd, AllShapesAssets());
  for (const char* camera : {"front", "side", "low", "away"}) {
    PreparedFrame prepared;
    world.Prepare(camera, {.height = 150, .width = 200}, prepared);
    const Picture built = World::Draw(prepared, InstructionSet::kSse4);
    Frame& frame = prepared.Get();
    const int casters = static_cast<int>(world.Model().ngeom) - 1;  // all but the plane
    ASSERT_EQ(frame.mask_words, 1);
    const std::vector<std::int32_t> all(kGridCells * kGridCells, (1 << casters) - 1);
    std::vector<ShadowGrid> grids(frame.grids, frame.grids + 4);
    std::size_t named = 0;
    for (ShadowGrid& grid : grids) {
      for (int cell = 0; cell < kGridCells * kGridCells; ++cell) {
        named += static_cast<std::size_t>(__builtin_popcount(static_cast<unsigned>(grid.masks[cell])));
      }
      grid.masks = all.data();
    }
    EXPECT_LT(named, all.size() * 4 * static_cast<std::size_t>(casters) / 2);  // the built grids do leave out most
    frame.grids = grids.data();
    EXPECT_EQ(World::Draw(prepared, InstructionSet::kSse4), built) << camera;
  }
}

// One box under a spot light: its cells are those that its outline covers in the light's view.
TEST(ShadowGridTest, NamesACasterWhereItsOutlineIs) {
  Camera camera;
  camera.position = {0, -3, 1};
  camera.forward = {0, 1, 0}, camera.right = {1, 0, 0}, camera.up = {0, 0, 1};
  std::vector<Corners> casters(2);
  for (std::size_t i = 0; i < 8; ++i) {
    const float x = (i & 1) != 0 ? 0.1f : -0.1f, y = (i & 2) != 0 ? 0.1f : -0.1f, z = (i & 4) != 0 ? 0.1f : -0.1f;
    casters[0][i] = {x, y, z};
    casters[1][i] = {x + 1, y + 1, z};
  }
  ShadowGrid grid{};
  std::vector<std::int32_t> masks;
  BuildShadowGrid(camera, false, {}, {0, 0, -1}, casters, 1, grid, masks);
  ASSERT_EQ(masks.size(), static_cast<std::size_t>(kGridCells * kGridCells));
  int first = 0, second = 0, both = 0;
  for (const std::int32_t mask : masks) first += mask & 1, second += mask >> 1 & 1, both += mask == 3 ? 1 : 0;
  // Each box is 0.2 of 1.2 m wide: 5.33 of 32 cells, so 6 or 7 in each direction.
  for (const int cells : {first, second}) {
    EXPECT_GE(cells, 36);
    EXPECT_LE(cells, 49);
  }
  EXPECT_EQ(both, 0);
}

}  // namespace
}  // namespace divla::software
