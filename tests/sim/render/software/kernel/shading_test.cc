// Lighting against the formulas of OpenGL 1.5 (section 2.14.1), worked out here in double precision.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "tests/sim/render/software/drawing.h"

namespace divla::software {
namespace {

constexpr const char* kTop = R"(<camera name="top" pos="0 0 2" xyaxes="1 0 0 0 1 0" fovy="45"/>)";
constexpr const char* kPlane = R"(<geom type="plane" size="0 0 1" rgba=".5 .8 1 1"/>)";
constexpr const char* kNoShadow = " castshadow='false' ";

int Byte(double value) { return static_cast<int>(std::clamp(value, 0.0, 1.0) * 255 + 0.5); }

// Where the pixel's ray meets the world.
Point PointAt(World& world, const Picture& picture, int row, int column) {
  const World::Ray ray = world.PixelRay("top", picture.height, picture.width, row, column);
  double distance = 0;
  world.Cast(ray, &distance);
  Point p;
  for (std::size_t k = 0; k < 3; ++k) p[k] = ray.from[k] + distance * ray.direction[k];
  return p;
}

TEST(ShadingTest, DirectionalLightOnAPlane) {
  for (const char* shadow : {"true", "false"}) {
    World world(std::string(kTop) + kPlane + "<light type='directional' dir='.6 0 -.8' ambient='.1 .2 .3' " +
                "diffuse='.5 .6 .7' specular='0 0 0' castshadow='" + shadow + "'/>");
    const Picture picture = world.Draw("top");
    const std::array<int, 3> expected{Byte(.5 * (.1 + .8 * .5)), Byte(.8 * (.2 + .8 * .6)), Byte(.3 + .8 * .7)};
    for (const auto& [row, column] : {std::pair{5, 9}, std::pair{32, 32}, std::pair{60, 3}}) {
      for (std::size_t k = 0; k < 3; ++k) EXPECT_NEAR(picture.Color(row, column)[k], expected[k], 1);
    }
  }
}

TEST(ShadingTest, DirectionalLightOnASphere) {
  World world(std::string(kTop) + "<geom type='sphere' size='.7' rgba='1 1 1 1'/><light type='directional' " +
              "dir='-1 .5 -1' diffuse='.9 .9 .9' specular='0 0 0'/>");
  const Picture picture = world.Draw("top");
  int dark = 0, bright = 0;
  for (int row = 0; row < 64; row += 3) {
    for (int column = 0; column < 64; column += 3) {
      if (picture.geom[picture.At(row, column)] != 0) continue;
      const Point p = PointAt(world, picture, row, column);
      const double cosine = (p[0] - 0.5 * p[1] + p[2]) / 0.7 / 1.5;
      EXPECT_NEAR(picture.Color(row, column)[1], Byte(0.9 * std::max(cosine, 0.0)), 1) << row << " " << column;
      ++(cosine > 0 ? bright : dark);
    }
  }
  EXPECT_GT(bright, 100);
  EXPECT_GT(dark, 5);
}

TEST(ShadingTest, SpotLightsConeAndAttenuation) {
  World world(std::string(kTop) +
              "<geom type='plane' size='0 0 1' rgba='1 1 1 1'/><light type='spot' pos='.2 .1 1.2' " +
              "dir='-.2 0 -1' cutoff='25' exponent='12' attenuation='.5 .3 .2' diffuse='.9 .9 .9' specular='0 0 0' " +
              "ambient='.05 .05 .05'/>");
  const Picture picture = world.Draw("top", {.height = 100, .width = 100});
  int lit = 0, dark = 0;
  for (int row = 0; row < 100; row += 3) {
    for (int column = 0; column < 100; column += 3) {
      const Point p = PointAt(world, picture, row, column);
      const double x = .2 - p[0], y = .1 - p[1], z = 1.2, distance = std::sqrt(x * x + y * y + z * z);
      const double cosine = (.2 * x + z) / distance / std::sqrt(1.04), edge = std::cos(25 * mjPI / 180);
      if (std::fabs(cosine - edge) < 1e-3) continue;
      const double strength =
          cosine < edge ? 0 : std::pow(cosine, 12) / (.5 + .3 * distance + .2 * distance * distance);
      EXPECT_NEAR(picture.Color(row, column)[0], Byte(strength * (.05 + .9 * z / distance)), 1) << row << " " << column;
      ++(strength > 0 ? lit : dark);
    }
  }
  EXPECT_GT(lit, 100);
  EXPECT_GT(dark, 100);
}

TEST(ShadingTest, HighlightByBlinn) {
  for (const double shininess : {0.0625, 0.25, 0.9375}) {
    World world(std::string(kTop) +
                    "<geom type='sphere' size='.7' material='m'/><light type='directional' dir='-1 .5 -2' " +
                    "diffuse='0 0 0' specular='.9 .6 .3'" + kNoShadow + "/>",
                "<material name='m' rgba='.1 .1 .1 1' specular='.8' shininess='" + std::to_string(shininess) + "'/>");
    const Picture picture = world.Draw("top", {.height = 96, .width = 96});
    int bright = 0;
    for (int row = 0; row < 96; row += 2) {
      for (int column = 0; column < 96; column += 2) {
        if (picture.geom[picture.At(row, column)] != 0) continue;
        const Point p = PointAt(world, picture, row, column);
        Point normal{p[0] / .7, p[1] / .7, p[2] / .7}, light{1, -.5, 2}, eye{-p[0], -p[1], 2 - p[2]}, half;
        mju_normalize3(light.data());
        mju_normalize3(eye.data());
        mju_add3(half.data(), light.data(), eye.data());
        mju_normalize3(half.data());
        const bool facing = mju_dot3(normal.data(), light.data()) > 0;
        const double shine =
            facing ? .8 * std::pow(std::max(0.0, mju_dot3(normal.data(), half.data())), 128 * shininess) : 0;
        EXPECT_NEAR(picture.Color(row, column)[0], Byte(.9 * shine), 1) << shininess << " " << row << " " << column;
        EXPECT_NEAR(picture.Color(row, column)[2], Byte(.3 * shine), 1) << shininess << " " << row << " " << column;
        if (shine > .1) ++bright;
      }
    }
    EXPECT_GT(bright, 5) << shininess;
  }
}

TEST(ShadingTest, EmissionIsTheGeomsOwnColour) {
  World world(std::string(kTop) + "<geom type='plane' size='0 0 1' material='m'/><light type='directional' " +
                  "dir='0 0 -1' diffuse='.25 .25 .25' specular='0 0 0'/>",
              "<material name='m' rgba='.2 .4 .8 1' emission='.5'/>");
  ExpectColor(world.Draw("top").Color(20, 20), {Byte(.2 * .75), Byte(.4 * .75), Byte(.8 * .75)}, "plane");
}

// The sum of the lights is limited to 1 before the texture: over-exposed grey stays grey.
TEST(ShadingTest, LimitedBeforeTheTexture) {
  const std::string light = "<light type='directional' dir='0 0 -1' diffuse='.8 .8 .8' specular='0 0 0'";
  for (const auto& [shadow, expected] :
       {std::pair{"false", 102}, std::pair{"true", Byte(1.6 * .4)}}) {  // each light with a shadow is a sum of its own
    const std::string one = light + " castshadow='" + shadow + "'/>";
    World world(std::string(kTop) +
                    "<geom type='plane' size='1 1 1' material='t'/><geom type='sphere' size='.01' pos='.5 .5 .1'/>" +
                    one + one,
                BlankTexture(4, 4));
    for (int i = 0; i < 16; ++i) world.SetTexel(0, i / 4, i % 4, {102, 102, 102});
    EXPECT_NEAR(world.Draw("top").Color(40, 24)[0], expected, 1) << shadow;
  }
}

// A shadow takes the whole of its light, the ambient part too, and nothing of the others.
TEST(ShadingTest, AShadowTakesTheAmbientPart) {
  World world(std::string(kTop) +
              "<geom type='plane' size='0 0 1' rgba='1 1 1 1'/><geom type='box' size='.2 .2 .1' pos='.4 0 .5'/>" +
              "<light type='directional' dir='-1 0 -1' ambient='.3 .3 .3' diffuse='.2 .2 .2' specular='0 0 0'/>" +
              "<light type='directional' dir='0 0 -1' ambient='0 0 0' diffuse='.25 .25 .25' specular='0 0 0'" +
              kNoShadow + "/>");
  const Picture picture = world.Draw("top");
  const std::size_t x = 30;  // x = -.05: the box's shadow spans -.4 to .1
  EXPECT_NEAR(picture.Color(32, static_cast<int>(x))[0], Byte(.25), 1);
  EXPECT_NEAR(picture.Color(5, 10)[0], Byte(.25 + .3 + .2 * std::sqrt(.5)), 1);
}

// Where a surface turns away from a light with a shadow it is in its own: the ambient part is gone there too.
TEST(ShadingTest, TheFarSideIsInItsOwnShadow) {
  for (const auto& [shadow, expected] : {std::pair{"true", 0}, std::pair{"false", Byte(.3)}}) {
    World world(std::string(kTop) + "<geom type='sphere' size='.7' rgba='1 1 1 1'/><light type='directional' " +
                "dir='-1 0 -.3' ambient='.3 .3 .3' diffuse='.5 .5 .5' specular='0 0 0' castshadow='" + shadow + "'/>");
    const Picture picture = world.Draw("top");
    ASSERT_EQ(picture.geom[picture.At(32, 12)], 0);
    EXPECT_NEAR(picture.Color(32, 12)[0], expected, 1) << shadow;  // the side of -x
    EXPECT_GT(picture.Color(32, 50)[0], 100) << shadow;
  }
}

// Every shape's normals by Lambert's law, with the normal that mj_ray finds.
TEST(ShadingTest, NormalsOfEveryShape) {
  World world(std::string(kTop) + R"(<geom type="cylinder" size=".15 .1" pos="-.5 .3 0" euler="50 20 0"/>
<geom type="capsule" size=".1 .12" pos="0 .3 0" euler="70 20 0"/><geom type="box" size=".1 .15 .1" pos=".5 .3 0" euler="30 20 10"/>
<geom type="ellipsoid" size=".2 .1 .15" pos="-.5 -.3 0" euler="30 20 10"/><geom type="mesh" mesh="wedge" pos="0 -.3 0" euler="20 -30 40"/>
<light type="directional" dir=".3 -.4 -1.2" diffuse="1 1 1" specular="0 0 0" castshadow="false"/>)",
              "<mesh name='wedge' vertex='-.2 -.2 0 .2 -.2 0 0 .25 0 0 0 .2'/><material name='m' rgba='1 1 1 1'/>");
  for (int i = 0; i < 5; ++i) {
    for (int k = 0; k < 3; ++k) world.Model().geom_rgba[4 * i + k] = 1;
  }
  const Picture picture = world.Draw("top", {.height = 160, .width = 160});
  std::array<int, 5> checked{};
  for (int row = 0; row < 160; ++row) {
    for (int column = 0; column < 160; ++column) {
      const World::Ray ray = world.PixelRay("top", 160, 160, row, column);
      const int geom = world.Cast(ray);
      if (geom < 0 || picture.geom[picture.At(row, column)] != geom) continue;
      Point unit = ray.direction, normal;
      mju_normalize3(unit.data());
      mj_ray(&world.Model(), &world.Data(), ray.from.data(), unit.data(), nullptr, 1, -1, nullptr, normal.data());
      const double cosine = (-.3 * normal[0] + .4 * normal[1] + 1.2 * normal[2]) / 1.3;
      EXPECT_NEAR(picture.Color(row, column)[0], Byte(cosine), 1) << geom << " " << row << " " << column;
      ++checked[static_cast<std::size_t>(geom)];
    }
  }
  for (const int count : checked) EXPECT_GT(count, 200);
}

TEST(ShadingTest, WithoutLightsThereIsALittle) {
  World world(std::string(kTop) + kPlane);
  ExpectColor(world.Draw("top").Color(9, 9), {Byte(.3 * .5), Byte(.3 * .8), Byte(.3)}, "plane");
}

}  // namespace
}  // namespace divla::software
