// The promise of the grid: it never leaves out a caster.
#include "sim/render/software/shadow_grid.h"

#include <gtest/gtest.h>

#include <cmath>

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
    const std::vector<std::uint64_t> all(kGridCells * kGridCells, (1u << casters) - 1);
    const CasterBounds everywhere{{-kFar, -kFar, -kFar, -kFar}, {kFar, kFar, kFar, kFar}, {1, 0, 0, 0}};
    const std::vector<CasterBounds> bounds(static_cast<std::size_t>(casters), everywhere);
    std::vector<ShadowGrid> grids(frame.grids, frame.grids + 4);
    std::size_t named = 0;
    for (ShadowGrid& grid : grids) {
      for (int cell = 0; cell < kGridCells * kGridCells; ++cell) {
        named += static_cast<std::size_t>(__builtin_popcountll(grid.masks[cell]));
      }
      grid.masks = all.data();
      grid.bounds = bounds.data();
    }
    EXPECT_LT(named, all.size() * 4 * static_cast<std::size_t>(casters) / 2);  // the built grids do leave out most
    frame.grids = grids.data();
    EXPECT_EQ(World::Draw(prepared, InstructionSet::kSse4), built) << camera;
  }
}

// A box from -0.1 to 0.1, turned by `degrees` around z and then moved by `to`.
Corners Box(Vector3 to, double degrees = 0) {
  const auto c = static_cast<float>(std::cos(degrees * mjPI / 180)),
             s = static_cast<float>(std::sin(degrees * mjPI / 180));
  Corners corners;
  for (std::size_t i = 0; i < 8; ++i) {
    const float x = (i & 1) != 0 ? 0.1f : -0.1f, y = (i & 2) != 0 ? 0.1f : -0.1f, z = (i & 4) != 0 ? 0.1f : -0.1f;
    corners[i] = Vector3{c * x - s * y, s * x + c * y, z} + to;
  }
  return corners;
}

// Three metres in front of the origin, a metre above.
Camera TestCamera() {
  Camera camera;
  camera.position = {0, -3, 1};
  camera.forward = {0, 1, 0}, camera.right = {1, 0, 0}, camera.up = {0, 0, 1};
  return camera;
}

// Boxes under a light from straight above: their cells are those that their outlines cover in the light's view.
TEST(ShadowGridTest, NamesACasterWhereItsOutlineIs) {
  ShadowGrid grid{};
  ShadowGridData data;
  BuildShadowGrid(TestCamera(), false, {}, {0, 0, -1}, std::vector{Box({}), Box({1, 1, 0})}, 1, grid, data);
  ASSERT_EQ(data.masks.size(), static_cast<std::size_t>(kGridCells * kGridCells));
  int first = 0, second = 0, both = 0;
  for (const std::uint64_t mask : data.masks) {
    first += static_cast<int>(mask & 1), second += static_cast<int>(mask >> 1), both += mask == 3 ? 1 : 0;
  }
  // Each box is 0.2 of 1.2 m wide: 5.33 of 32 cells, so 6 or 7 in each direction.
  for (const int cells : {first, second}) {
    EXPECT_GE(cells, 36);
    EXPECT_LE(cells, 49);
  }
  EXPECT_EQ(both, 0);
}

// Its corners reach to 0.141 m, so the square around it has an area of 0.08, the box itself, seen from above, 0.04.
TEST(ShadowGridTest, ATurnedBoxHasAnOctagon) {
  ShadowGrid grid{};
  ShadowGridData data;
  BuildShadowGrid(TestCamera(), false, {}, {0, 0, -1}, std::vector{Box({}, 45), Box({1, 1, 0})}, 1, grid, data);
  int cells = 0;
  for (const std::uint64_t mask : data.masks) cells += static_cast<int>(mask & 1);
  const double cell = 1 / (static_cast<double>(grid.scale[0]) * static_cast<double>(grid.scale[1]));  // m^2
  EXPECT_GE(cells * cell, 0.04);
  EXPECT_LE(cells * cell, 0.065);  // a seam of less than a cell is added
}

// In a camera's frame the point (0, 0, z) is t = 3, tX = 0, tY = z - 1.
float BehindPlane(const CasterBounds& bounds, float z) {
  return bounds.plane[0] + bounds.plane[1] * 3.0f + bounds.plane[3] * (z - 1.0f);
}

// The plane lies on the box's side that faces the light. A spot light within the box has none: everything is behind.
TEST(ShadowGridTest, PointsBeforeACasterAreBeforeItsPlane) {
  ShadowGrid grid{};
  ShadowGridData data;
  for (const auto& [spot, z] : {std::pair{false, 0.0f}, {true, 2.0f}}) {
    BuildShadowGrid(TestCamera(), spot, {0, 0, z}, {0, 0, -1}, std::vector{Box({})}, 1, grid, data);
    EXPECT_GT(BehindPlane(data.bounds[0], 0.0999f), 0) << spot;
    EXPECT_LT(BehindPlane(data.bounds[0], 0.1003f), 0) << spot;
    EXPECT_GT(BehindPlane(data.bounds[0], -5.0f), 0) << spot;
  }
  BuildShadowGrid(TestCamera(), true, {0, 0, 0.05f}, {0, 0, -1}, std::vector{Box({})}, 1, grid, data);
  for (const float z : {-1.0f, 0.0f, 0.2f, 1.0f}) EXPECT_GT(BehindPlane(data.bounds[0], z), 0);
}

}  // namespace
}  // namespace divla::software
