// Where each shape shows which part of a texture. Ambient light alone, of strength 1: a pixel shows the texture itself.
#include <gtest/gtest.h>

#include <cmath>

#include "tests/sim/render/software/drawing.h"

namespace divla::software {
namespace {

constexpr const char* kFlat = R"(<headlight ambient="1 1 1" diffuse="0 0 0" specular="0 0 0"/>)";

// Left half red, right half green; the upper half bright, the lower half dark.
void FillQuarters(World& world, int size) {
  for (int row = 0; row < size; ++row) {
    for (int column = 0; column < size; ++column) {
      const int bright = row < size / 2 ? 240 : 120;
      world.SetTexel(0, row, column, column < size / 2 ? std::array{bright, 0, 0} : std::array{0, bright, 0});
    }
  }
}

constexpr std::array<int, 3> kUpperLeft{240, 0, 0}, kUpperRight{0, 240, 0}, kLowerLeft{120, 0, 0},
    kLowerRight{0, 120, 0};

// Cameras 2 m from the middle; a square of 1 m fills the middle half of the picture (field of view 2 atan(1/2)).
constexpr const char* kSixCameras = R"(
<camera name="+x" pos="2 0 0" xyaxes="0 1 0 0 0 1" fovy="53.13010235"/>
<camera name="-x" pos="-2 0 0" xyaxes="0 -1 0 0 0 1" fovy="53.13010235"/>
<camera name="+y" pos="0 2 0" xyaxes="-1 0 0 0 0 1" fovy="53.13010235"/>
<camera name="-y" pos="0 -2 0" xyaxes="1 0 0 0 0 1" fovy="53.13010235"/>
<camera name="+z" pos="0 0 2" xyaxes="1 0 0 0 1 0" fovy="53.13010235"/>
<camera name="-z" pos="0 0 -2" xyaxes="1 0 0 0 -1 0" fovy="53.13010235"/>)";

// The picture's top is towards +y and its left towards -x, as in MuJoCo's documentation of the plane.
TEST(MappingTest, PlaneCarriesTheWholePicture) {
  World world(std::string(kSixCameras) + "<geom type='plane' size='.5 .5 1' material='t'/>", BlankTexture(64, 64),
              kFlat);
  FillQuarters(world, 64);
  const Picture picture = world.Draw("+z");
  ExpectColor(picture.Color(24, 24), kUpperLeft, "upper left");
  ExpectColor(picture.Color(24, 40), kUpperRight, "upper right");
  ExpectColor(picture.Color(40, 24), kLowerLeft, "lower left");
  ExpectColor(picture.Color(40, 40), kLowerRight, "lower right");
}

TEST(MappingTest, BoxCarriesTheWholePictureOnEachFaceUpright) {
  World world(std::string(kSixCameras) + "<geom type='box' size='.5 .5 .5' material='t'/>", BlankTexture(64, 64),
              kFlat);
  FillQuarters(world, 64);
  for (const char* camera : {"+x", "-x", "+y", "-y"}) {
    const Picture picture = world.Draw(camera);
    EXPECT_GT(picture.Color(24, 24)[0] + picture.Color(24, 24)[1], 200) << camera;  // the bright half is up
    EXPECT_LT(picture.Color(40, 24)[0] + picture.Color(40, 24)[1], 140) << camera;
    EXPECT_NE(picture.Color(24, 24)[0] > 60, picture.Color(24, 40)[0] > 60) << camera;  // two colours side by side
  }
  // Half of a face is one half of the picture: the border is in the middle column.
  const Picture front = world.Draw("-y");
  ExpectColor(front.Color(24, 30), kUpperLeft, "left of the middle");
  ExpectColor(front.Color(24, 33), kUpperRight, "right of the middle");
}

// How often the colour changes along the middle row.
int Changes(const Picture& picture, int row) {
  int changes = 0;
  for (int column = 1; column < picture.width; ++column) {
    const bool red = picture.Color(row, column)[0] > picture.Color(row, column)[1];
    const bool red_before = picture.Color(row, column - 1)[0] > picture.Color(row, column - 1)[1];
    const bool shown = picture.geom[picture.At(row, column)] == 0 && picture.geom[picture.At(row, column - 1)] == 0;
    if (shown && red != red_before) ++changes;
  }
  return changes;
}

TEST(MappingTest, RepeatsAsAsked) {
  for (const int times : {1, 2, 3}) {
    const std::string repeat = "<material name='r' texture='t' texrepeat='" + std::to_string(times) + " 1'/>";
    World world(std::string(kSixCameras) + "<geom type='plane' size='.5 .5 1' material='r'/>",
                BlankTexture(64, 64) + repeat, kFlat);
    FillQuarters(world, 64);
    EXPECT_EQ(Changes(world.Draw("+z", {.height = 128, .width = 128}), 50), 2 * times - 1) << times;
  }
}

// texuniform on a box: a repetition every 2 / texrepeat metres, whatever the size (as MuJoCo's OpenGL draws it).
TEST(MappingTest, UniformRepeatsByLength) {
  for (const auto& [half, repetitions] : {std::pair{"0.25", 2}, std::pair{"0.5", 4}}) {
    World world(std::string(kSixCameras) + "<geom type='box' size='" + half + " .5 .5' material='r'/>",
                BlankTexture(64, 64) + "<material name='r' texture='t' texrepeat='8 1' texuniform='true'/>", kFlat);
    FillQuarters(world, 64);
    EXPECT_EQ(Changes(world.Draw("-y", {.height = 256, .width = 256}), 120), 2 * repetitions - 1) << half;
  }
}

TEST(MappingTest, RoundShapesWrapThePictureOnce) {
  for (const char* shape : {"type='sphere' size='.5'", "type='ellipsoid' size='.5 .5 .6'",
                            "type='cylinder' size='.5 .5'", "type='capsule' size='.3 .4'"}) {
    World world(std::string(kSixCameras) + "<geom " + shape + " material='t'/>", BlankTexture(64, 64), kFlat);
    FillQuarters(world, 64);
    // u grows from +x over +y: 0 to 1/2 (red) on the side of +y, the other half on the side of -y. v goes downwards.
    const Picture plus = world.Draw("+y"), minus = world.Draw("-y");
    ExpectColor(plus.Color(26, 32), kUpperLeft, shape);
    ExpectColor(plus.Color(37, 32), kLowerLeft, shape);
    ExpectColor(minus.Color(26, 32), kUpperRight, shape);
    ExpectColor(minus.Color(37, 32), kLowerRight, shape);
    EXPECT_EQ(Changes(world.Draw("+x"), 26), 1) << shape;  // the seam
  }
}

// Six flat colours, each seen from its own side. Order of the faces: +x -x +y -y +z -z (OpenGL 1.3, 3.8.6).
constexpr std::array<int, 3> kFaces[6] = {{250, 0, 0},   {0, 250, 0},   {0, 0, 250},
                                          {250, 250, 0}, {0, 250, 250}, {120, 60, 30}};
void FillFaces(World& world, int size) {
  ASSERT_EQ(world.Model().tex_height[0], 6 * size);
  for (int row = 0; row < 6 * size; ++row) {
    for (int column = 0; column < size; ++column) world.SetTexel(0, row, column, kFaces[row / size]);
  }
}
// Two colours, so that MuJoCo stores six faces.
std::string BlankCube(const std::string& type) {
  return "<texture name='t' type='" + type + "' builtin='gradient' rgb1='1 0 0' rgb2='0 1 0' width='16' height='16'/>";
}

TEST(MappingTest, CubeShowsEachFaceOnItsSide) {
  for (const char* shape : {"type='box' size='.5 .4 .3'", "type='sphere' size='.5'", "type='cylinder' size='.4 .5'",
                            "type='ellipsoid' size='.5 .3 .4'"}) {
    for (const char* uniform : {"false", "true"}) {
      World world(std::string(kSixCameras) + "<geom " + shape + " material='c'/>",
                  BlankCube("cube") + "<material name='c' texture='t' texuniform='" + uniform + "'/>", kFlat);
      FillFaces(world, 16);
      int face = 0;
      for (const char* camera : {"+x", "-x", "+y", "-y", "+z", "-z"}) {
        ExpectColor(world.Draw(camera).Color(31, 32), kFaces[face++], std::string(shape) + camera);
      }
    }
  }
}

// MuJoCo turns the sky's cube so that its +y is up: +x +x, +z for OpenGL's +y, -y for its +z.
TEST(MappingTest, SkyLooksTheSameWay) {
  World world(std::string(kSixCameras) + "<geom type='sphere' size='.001'/>", BlankCube("skybox"), kFlat);
  FillFaces(world, 16);
  const std::pair<const char*, int> seen[] = {{"-x", 0}, {"+x", 1}, {"-z", 2}, {"+z", 3}, {"+y", 4}, {"-y", 5}};
  for (const auto& [camera, face] : seen) {
    const Picture picture = world.Draw(camera);
    EXPECT_EQ(picture.geom[picture.At(10, 20)], -1);
    ExpectColor(picture.Color(10, 20), kFaces[face], camera);
  }
}

TEST(MappingTest, WithoutASkyTheBackgroundIsBlack) {
  World world(std::string(kSixCameras) + "<geom type='sphere' size='.001'/>", "", kFlat);
  EXPECT_EQ(world.Draw("+x").Color(5, 5), (std::array{0, 0, 0}));
}

// Black and white texels one by one become grey where many of them share a pixel; seen near, both appear.
TEST(MappingTest, FarTexturesTendToTheirMean) {
  World world(R"(<geom type='plane' size='.5 .5 1' material='t'/>
<camera name='near' pos='.01 .02 .03' xyaxes='1 0 0 0 1 0' fovy='40'/><camera name='far' pos='0 0 6' xyaxes='1 0 0 0 1 0' fovy='5'/>)",
              BlankTexture(96, 96), kFlat);
  for (int i = 0; i < 96 * 96; ++i) {
    const int v = (i / 96 + i % 96) % 2 * 255;
    world.SetTexel(0, i / 96, i % 96, {v, v, v});
  }
  const Picture near = world.Draw("near"), far = world.Draw("far", {.height = 20, .width = 20});
  int low = 255, high = 0;
  for (int i = 0; i < 64 * 64; ++i)
    low = std::min(low, near.Color(i / 64, i % 64)[1]), high = std::max(high, near.Color(i / 64, i % 64)[1]);
  EXPECT_LT(low, 20);
  EXPECT_GT(high, 235);
  for (const int row : {3, 10, 16}) {
    for (const int column : {4, 9, 15}) EXPECT_NEAR(far.Color(row, column)[1], 128, 3) << row << " " << column;
  }
}

// A square mesh whose corners bring (u, v) of their own: turned by a quarter against the plane's own mapping.
TEST(MappingTest, MeshesBringTheirCoordinates) {
  World world(std::string(kSixCameras) + "<geom type='mesh' mesh='m' material='t' contype='0' conaffinity='0'/>",
              BlankTexture(64, 64) +
                  R"(<mesh name='m' inertia='shell' vertex='-.5 -.5 0 .5 -.5 0 .5 .5 0 -.5 .5 0' face='0 1 2 0 2 3'
texcoord='0 1 0 0 1 0 1 1'/>)",
              kFlat);
  FillQuarters(world, 64);
  const Picture picture = world.Draw("+z");
  // (u, v) = (y + 1/2, 1/2 - x) in the square; v from MuJoCo's files counts downwards.
  ExpectColor(picture.Color(40, 24), kLowerLeft, "-x -y");
  ExpectColor(picture.Color(40, 40), kUpperLeft, "+x -y");
  ExpectColor(picture.Color(24, 24), kLowerRight, "-x +y");
  ExpectColor(picture.Color(24, 40), kUpperRight, "+x +y");
}

// Between two texels the colour is that of both, mixed by distance, and the picture wraps around.
TEST(MappingTest, NeighbouringTexelsAreMixed) {
  World world(R"(<geom type='plane' size='.5 .5 1' material='t'/>
<camera name='top' pos='0 0 2' xyaxes='1 0 0 0 1 0' fovy='28.0724869'/>)",
              BlankTexture(3, 1), kFlat);  // the plane fills the picture exactly
  for (const auto& [column, value] : {std::pair{0, 0}, std::pair{1, 120}, std::pair{2, 240}}) {
    world.SetTexel(0, 0, column, {value, value, value});
  }
  const Picture picture = world.Draw("top", {.height = 60, .width = 60});
  for (int column = 0; column < 60; ++column) {
    const double at = (column + 0.5) / 20 - 0.5, low = std::floor(at), share = at - low;
    const auto value = [](double texel) { return texel < 0 || texel > 2 ? (texel < 0 ? 240.0 : 0.0) : 120 * texel; };
    EXPECT_NEAR(picture.Color(30, column)[0], value(low) + share * (value(low + 1) - value(low)), 1.5) << column;
  }
}

}  // namespace
}  // namespace divla::software
