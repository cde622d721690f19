// Pixels and rays against a projection by hand.
#include "sim/render/software/camera.h"

#include <gtest/gtest.h>

#include <cmath>

#include "sim/check.h"
#include "tests/sim/render/software/drawing.h"

namespace divla::software {
namespace {

constexpr const char* kCameras = R"(<geom type="sphere" size=".1"/>
<camera name="level" pos="1 2 3" xyaxes="1 0 0 0 0 1" fovy="60"/>
<camera name="turned" pos="-.3 .4 1.2" xyaxes=".6 .8 0 -.32 .24 .917" fovy="37"/>)";

TEST(CameraTest, AxesAreThoseOfTheModel) {
  World world(kCameras);
  for (const char* name : {"level", "turned"}) {
    const int id = mj_name2id(&world.Model(), mjOBJ_CAMERA, name);
    const Camera camera = MakeCamera(world.View(name), 48, 64, 64);
    const mjtNum* axes = world.Data().cam_xmat + 9 * id;  // columns: right, up, backwards
    const Vector3* found[] = {&camera.right, &camera.up, &camera.forward};
    for (std::size_t axis = 0; axis < 3; ++axis) {
      const double sign = axis == 2 ? -1 : 1;
      EXPECT_NEAR(static_cast<double>(found[axis]->x), sign * axes[axis], 1e-6) << name;
      EXPECT_NEAR(static_cast<double>(found[axis]->y), sign * axes[3 + axis], 1e-6) << name;
      EXPECT_NEAR(static_cast<double>(found[axis]->z), sign * axes[6 + axis], 1e-6) << name;
    }
    EXPECT_NEAR(camera.near, 0.01F, 1e-8F);  // znear and zfar of a model whose extent is 1
    EXPECT_NEAR(camera.far, 50.0F, 1e-5F);
  }
}

// Half a pixel above the top row's centre half the field of view is reached; columns have the same step as rows.
TEST(CameraTest, PixelCentres) {
  World world(kCameras);
  for (const auto& [height, width] : {std::pair{48, 64}, std::pair{37, 53}, std::pair{1, 1}}) {
    const int stride = 64;
    const Camera camera = MakeCamera(world.View("level"), height, width, stride);
    const double half = std::tan(30 * mjPI / 180), step = 2 * half / height;
    ASSERT_EQ(camera.x_of.size(), static_cast<std::size_t>(stride));
    ASSERT_EQ(camera.y_of.size(), static_cast<std::size_t>(height));
    for (int row = 0; row < height; ++row) {
      EXPECT_NEAR(static_cast<double>(camera.y_of[static_cast<std::size_t>(row)]), half - (row + .5) * step, 1e-6);
    }
    for (int column = 0; column < width; ++column) {
      EXPECT_NEAR(static_cast<double>(camera.x_of[static_cast<std::size_t>(column)]), (column + .5 - .5 * width) * step,
                  2e-6);
    }
    EXPECT_NEAR(static_cast<double>(camera.pixel_x), step, 1e-7);
    EXPECT_NEAR(static_cast<double>(camera.pixel_y), -step, 1e-7);
  }
}

// A small ball appears where its centre projects to.
TEST(CameraTest, ABallAppearsWhereItProjects) {
  World world(std::string(kCameras) + R"(<geom type="sphere" size=".02" pos="-1.1 1.2 .8"/>)");
  const int id = mj_name2id(&world.Model(), mjOBJ_CAMERA, "turned");
  const Picture picture = world.Draw("turned", {.height = 200, .width = 300});
  double row = 0, column = 0, count = 0;
  for (int y = 0; y < 200; ++y) {
    for (int x = 0; x < 300; ++x) {
      if (picture.geom[picture.At(y, x)] == 1) row += y, column += x, ++count;
    }
  }
  ASSERT_GT(count, 20);
  Point offset, local;
  mju_sub3(offset.data(), world.Data().geom_xpos + 3, world.Data().cam_xpos + 3 * id);
  mju_mulMatTVec3(local.data(), world.Data().cam_xmat + 9 * id, offset.data());
  const double scale = 100 / std::tan(18.5 * mjPI / 180) / -local[2];
  EXPECT_NEAR(column / count, 149.5 + scale * local[0], 0.3);
  EXPECT_NEAR(row / count, 99.5 - scale * local[1], 0.3);
}

TEST(CameraTest, OrthographicCamerasAreRefused) {
  World world(R"(<geom type="sphere" size=".1"/>
<camera name="flat" pos="0 -1 0" xyaxes="1 0 0 0 0 1" projection="orthographic" fovy="1"/>)");
  try {
    world.Draw("flat");
    FAIL();
  } catch (const InputError& error) {
    EXPECT_NE(std::string(error.what()).find("orthographic"), std::string::npos);
  }
}

}  // namespace
}  // namespace divla::software
