// Which points a light reaches, against mj_ray towards the light.
#include <gtest/gtest.h>

#include <cmath>

#include "tests/sim/render/software/drawing.h"

namespace divla::software {
namespace {

// Two rows of upright and tilted shapes on a plane. Meshes are left to the other test: their smooth normals shade them
// before their shadow does.
constexpr const char* kRows = R"(<geom type="plane" size="0 0 1"/>
<geom type="cylinder" size=".08 .1" pos="-.4 -.2 .2"/><geom type="capsule" size=".06 .1" pos="-.1 -.2 .2"/>
<geom type="box" size=".1 .06 .1" pos=".2 -.2 .1"/><geom type="sphere" size=".09" pos=".5 -.2 .3"/>
<geom type="cylinder" size=".08 .1" pos="-.4 .2 .2" euler="30 40 0"/>
<geom type="capsule" size=".06 .1" pos="-.1 .2 .2" euler="80 10 0"/>
<geom type="box" size=".1 .06 .1" pos=".2 .2 .2" euler="20 30 10"/>
<geom type="ellipsoid" size=".12 .05 .08" pos=".5 .2 .2" euler="20 30 10"/>
<camera name="down" pos="0 0 2" xyaxes="1 0 0 0 1 0" fovy="40"/>
<camera name="front" pos="0 -1.5 1.1" xyaxes="1 0 0 0 .6 .8" fovy="45"/>)";

// A light of colour `diffuse` and nothing else.
std::string LightXml(const std::string& where, const std::string& diffuse) {
  return "<light " + where + " exponent='0' ambient='0 0 0' specular='0 0 0' diffuse='" + diffuse + "'/>";
}

// How many pixels were looked at, by what mj_ray says of them.
struct Count {
  int lit{}, dark{};
};

// Does something stand between a point and light `index`? `gap` is how far from the point the ray starts.
bool Covered(World& world, int index, const Point& point, double gap) {
  const mjModel& model = world.Model();
  const mjData& data = world.Data();
  World::Ray ray{point, {}};
  const bool spot = model.light_type[index] == mjLIGHT_SPOT;
  for (std::size_t k = 0; k < 3; ++k) {
    const std::size_t at = 3 * static_cast<std::size_t>(index) + k;
    ray.direction[k] = spot ? data.light_xpos[at] - point[k] : -data.light_xdir[at];
  }
  const double length = mju_normalize3(ray.direction.data());
  for (std::size_t k = 0; k < 3; ++k) ray.from[k] += gap * ray.direction[k];
  double distance = 0;
  return world.Cast(ray, &distance) >= 0 && (!spot || distance + gap < length);
}

// Whether the lights reach what a pixel shows, as mj_ray says. Empty near the border of a shadow, outside a spot
// light's cone and where the surface turns away.
std::vector<bool> Reached(World& world, const World::Ray& view, int lights) {
  double distance = 0;
  if (world.Cast(view, &distance) < 0) return {};
  Point point, unit = view.direction, normal;
  mju_normalize3(unit.data());
  mj_ray(&world.Model(), &world.Data(), view.from.data(), unit.data(), nullptr, 1, -1, nullptr, normal.data());
  for (std::size_t k = 0; k < 3; ++k) point[k] = view.from[k] + distance * view.direction[k] + 1e-5 * normal[k];
  std::vector<bool> reached;
  for (int light = 0; light < lights; ++light) {
    Point towards;
    for (std::size_t k = 0; k < 3; ++k) {
      const std::size_t at = 3 * static_cast<std::size_t>(light) + k;
      towards[k] = world.Model().light_type[light] == mjLIGHT_SPOT ? world.Data().light_xpos[at] - point[k]
                                                                   : -world.Data().light_xdir[at];
    }
    mju_normalize3(towards.data());
    if (mju_dot3(towards.data(), normal.data()) < 0.1) return {};
    const double cosine = -mju_dot3(towards.data(), world.Data().light_xdir + 3 * light);
    const double cutoff = world.Model().light_cutoff[light] * mjPI / 180;
    if (world.Model().light_type[light] == mjLIGHT_SPOT && cosine < std::cos(cutoff) + 0.01) return {};
    const bool covered = Covered(world, light, point, 0);
    for (std::size_t k = 0; k < 6; ++k) {
      Point beside = point;
      beside[k % 3] += k < 3 ? 2e-3 : -2e-3;
      if (Covered(world, light, beside, 4e-3) != covered) return {};
    }
    reached.push_back(!covered);
  }
  return reached;
}

// Light i shines in channel i alone, so each channel says whether its light arrives.
Count CompareWithRays(World& world, const std::string& camera, int lights) {
  const Drawing how{.height = 121, .width = 161};
  const Picture picture = world.Draw(camera, how);
  Count count;
  for (int row = 1; row + 1 < how.height; ++row) {
    for (int column = 1; column + 1 < how.width; ++column) {
      const std::vector<bool> reached =
          Reached(world, world.PixelRay(camera, how.height, how.width, row, column), lights);
      for (std::size_t light = 0; light < reached.size(); ++light) {
        const bool lit = picture.Color(row, column)[light] > 0;
        EXPECT_EQ(lit, reached[light]) << camera << " row " << row << " column " << column << " light " << light;
        ++(reached[light] ? count.lit : count.dark);
      }
    }
  }
  return count;
}

// The light from straight above is exactly parallel to the axes of the upright shapes.
TEST(ShadowTest, DirectionalLightsAsMjRaySays) {
  for (const char* where : {"type='directional' dir='0 0 -1'", "type='directional' dir='.4 .3 -1'"}) {
    World world(kRows + LightXml(where, "1 0 0"));
    for (const char* camera : {"down", "front"}) {
      const Count count = CompareWithRays(world, camera, 1);
      EXPECT_GT(count.lit, 8000) << where << camera;
      EXPECT_GT(count.dark, 150) << where << camera;
    }
  }
}

TEST(ShadowTest, SpotLightsAsMjRaySays) {
  for (const char* where :
       {"type='spot' pos='.1 -.1 1.5' dir='0 0 -1' cutoff='80'", "type='spot' pos='.05 0 .25' dir='0 0 -1' cutoff='85'",
        "type='spot' pos='1.5 .5 1' dir='-1 0 -.5' cutoff='80'"}) {
    SCOPED_TRACE(where);
    World world(kRows + LightXml(where, "1 0 0"));
    const Count count = CompareWithRays(world, "down", 1);
    EXPECT_GT(count.lit, 2000) << where;
    EXPECT_GT(count.dark, 150) << where;
  }
}

TEST(ShadowTest, TwoLightsCastTheirOwn) {
  World world(kRows + LightXml("type='directional' dir='.4 .3 -1'", "1 0 0") +
              LightXml("type='spot' pos='-1 .5 1.5' dir='.8 -.4 -1' cutoff='80'", "0 1 0"));
  const Count count = CompareWithRays(world, "front", 2);
  EXPECT_GT(count.lit, 10000);
  EXPECT_GT(count.dark, 500);
}

TEST(ShadowTest, OnlyCastersOfLightsThatCast) {
  const std::string sun = LightXml("name='sun' type='directional' dir='.4 .3 -1' castshadow='false'", "1 0 0");
  World world(kRows + sun);
  const Picture without = world.Draw("down");
  EXPECT_EQ(world.Draw("down", {.shadows = false}).color, without.color);
  world.Model().light_castshadow[0] = 1;
  EXPECT_NE(world.Draw("down").color, without.color);
  EXPECT_EQ(world.Draw("down", {.shadows = false}).color, without.color);
}

}  // namespace
}  // namespace divla::software
