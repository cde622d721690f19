// Which geom a pixel shows and how far it is, against mj_ray.
#include <gtest/gtest.h>

#include <cmath>

#include "sim/rng.h"
#include "tests/sim/render/software/drawing.h"

namespace divla::software {
namespace {

struct Count {
  int checked{}, shown{}, skipped{};
};

// Compares `pixels` random pixels, or all where that many were asked for; those within half a pixel of another geom are
// left out.
Count Compare(World& world, const std::string& camera, const Drawing& how, int pixels) {
  PreparedFrame frame;
  world.Prepare(camera, how, frame);
  const Picture picture = World::Draw(frame, how.set, true);
  const double far = 49;  // the far plane is at 50 m
  Rng rng({.stream = "visibility_test"});
  Count count;
  for (int i = 0; i < pixels; ++i) {
    const bool all = pixels == how.height * how.width;
    const int row = all ? i / how.width : rng.Int(how.height), column = all ? i % how.width : rng.Int(how.width);
    const auto cast = [&](double down, double right, double* distance) {
      return world.Cast(world.PixelRay(camera, how.height, how.width, row + down, column + right), distance);
    };
    double distance = 0, other = 0;
    const int geom = cast(0, 0, &distance);
    bool border = distance > far;
    for (const double down : {-0.5, 0.5}) {
      for (const double right : {-0.5, 0.5}) border = border || cast(down, right, &other) != geom || other > far;
    }
    if (border) {
      ++count.skipped;
      continue;
    }
    const std::size_t at = picture.At(row, column);
    ++count.checked;
    count.shown += geom >= 0 ? 1 : 0;
    EXPECT_EQ(picture.geom[at], geom) << camera << " row " << row << " column " << column;
    if (geom < 0) {
      EXPECT_EQ(picture.depth[at], 50.0F);
    } else {
      EXPECT_NEAR(static_cast<double>(picture.depth[at]), distance, 1e-5 * distance)
          << camera << " geom " << geom << " row " << row << " column " << column;
    }
  }
  return count;
}

TEST(VisibilityTest, EveryShapeWhereMjRaySeesIt) {
  World world(AllShapesBodies(), AllShapesAssets());
  for (const char* camera : {"front", "side", "low", "away"}) {
    const Count count = Compare(world, camera, {.height = 301, .width = 403}, 6000);
    EXPECT_GT(count.checked, 5000) << camera;
    EXPECT_GT(count.shown, 2500) << camera;
  }
}

// Cameras along the axes of upright shapes: divisions by zero, and rays parallel to faces and axes.
TEST(VisibilityTest, RaysParallelToAxes) {
  for (const char* shape : {"box' size='.1 .2 .15", "cylinder' size='.1 .2", "capsule' size='.1 .15",
                            "ellipsoid' size='.1 .2 .15", "sphere' size='.12"}) {
    std::string bodies;
    for (const char* x : {"-.4", "0", ".5"}) {
      bodies += std::string("<geom type='") + shape + "' pos='" + x + " 0 0'/>";
    }
    for (const char* pose :
         {"name='top' pos='.2 0 1.5' xyaxes='1 0 0 0 1 0'", "name='left' pos='-2 0 0' xyaxes='0 -1 0 0 0 1'",
          "name='front' pos='.5 -2 0' xyaxes='1 0 0 0 0 1'", "name='over' pos='.5 0 2' xyaxes='1 0 0 0 1 0'"}) {
      bodies += std::string("<camera fovy='50' ") + pose + "/>";
    }
    World world(bodies);
    for (const char* camera : {"top", "left", "front", "over"}) {
      const Count count = Compare(world, camera, {.height = 61, .width = 81}, 61 * 81);
      EXPECT_GT(count.checked, 3500) << shape << camera;
      EXPECT_GT(count.shown, 20) << shape << camera;
    }
    // The only pixel of a picture looks along the axis to the bit: past two shapes, at the third.
    EXPECT_EQ(world.Draw("over", {.height = 1, .width = 1}).geom[0], 2) << shape;
    EXPECT_EQ(world.Draw("top", {.height = 1, .width = 1}).geom[0], -1) << shape;
  }
}

// A geom that holds the camera, or is nearer than the near plane, is not seen from within; what is behind it is.
TEST(VisibilityTest, NothingIsSeenFromWithin) {
  World world(R"(<geom type="sphere" size=".3"/><geom type="box" size=".3 .3 .3"/><geom type="cylinder" size=".4 .4"/>
<geom type="capsule" size=".3 .2"/><geom type="ellipsoid" size=".3 .4 .5"/><geom type="box" size="2 .1 2" pos="0 3 0"/>
<camera name="inside" pos="0 0 0" xyaxes="1 0 0 0 0 1" fovy="30"/>)");
  const Picture picture = world.Draw("inside");
  for (std::size_t i = 0; i < picture.geom.size(); ++i) {
    ASSERT_EQ(picture.geom[i], 5);
    ASSERT_NEAR(picture.depth[i], 2.9F, 1e-5F);
  }
}

// Two geoms at the same depth: the lower index is shown, in every order of drawing.
TEST(VisibilityTest, TheLowerIndexWinsATie) {
  World world(R"(<geom type="box" size=".2 .1 .2"/><geom type="box" size=".3 .1 .1"/>
<camera name="front" pos="0 -1 0" xyaxes="1 0 0 0 0 1" fovy="40"/>)");
  const Picture picture = world.Draw("front");
  EXPECT_EQ(picture.geom[picture.At(32, 32)], 0);
  EXPECT_EQ(picture.geom[picture.At(20, 32)], 0);
  EXPECT_EQ(picture.geom[picture.At(32, 32 + 23)], 1);  // only the second reaches this far
}

}  // namespace
}  // namespace divla::software
