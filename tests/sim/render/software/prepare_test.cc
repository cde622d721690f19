// What reaches the kernels: rectangles, order, casters and lights.
#include "sim/render/software/prepare.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "sim/check.h"
#include "sim/render/software/prepare_geom.h"
#include "tests/sim/render/software/drawing.h"

namespace divla::software {
namespace {

constexpr const char* kFront = R"(<camera name="front" pos="0 -2 0" xyaxes="1 0 0 0 0 1" fovy="45"/>)";

// A geom's rectangle leaves out no pixel that it covers: drawn over the whole picture it looks the same.
TEST(PrepareTest, RectanglesAreConservative) {
  // Besides, long geoms that pass the camera "front" closely and go on behind it.
  World world(AllShapesBodies() + R"(<geom type="box" size=".02 3 .02" pos=".1 -1 1.1"/>
<geom type="capsule" size=".03 2" pos="-.2 -1.5 1.1" euler="80 20 0"/><geom type="cylinder" size=".05 2" pos="0 -1.6 1.2" euler="60 0 30"/>
<geom type="ellipsoid" size=".1 2 .05" pos=".1 -1.5 .98"/>)",
              AllShapesAssets());
  for (const char* camera : {"front", "side", "low", "away"}) {
    PreparedFrame prepared;
    world.Prepare(camera, {.height = 90, .width = 120, .antialias = true}, prepared);
    const Picture picture = World::Draw(prepared, InstructionSet::kSse4);
    Frame& frame = prepared.Get();
    std::vector<Geom> geoms(frame.geoms, frame.geoms + frame.geom_count);
    std::vector<std::int32_t> opaque;
    int area = 0;
    for (std::int32_t i = 0; i < frame.geom_count; ++i) {
      Geom& geom = geoms[static_cast<std::size_t>(i)];
      area += (geom.x1 - geom.x0) * (geom.y1 - geom.y0);
      geom.x0 = geom.y0 = 0, geom.x1 = 120, geom.y1 = 90;
      if (!IsTransparent(geom)) opaque.push_back(i);  // those found to be off screen too
    }
    EXPECT_LT(area, frame.geom_count * 120 * 90 / 3) << camera;  // the rectangles do leave out most
    frame.geoms = geoms.data();
    frame.opaque = opaque.data();
    frame.opaque_count = static_cast<std::int32_t>(opaque.size());
    EXPECT_TRUE(World::Draw(prepared, InstructionSet::kSse4) == picture) << camera;
  }
}

TEST(PrepareTest, RectangleOfABox) {
  World world(std::string(kFront) + "<geom type='box' size='.1 .1 .2' pos='.3 0 -.1'/>");
  PreparedFrame prepared;
  world.Prepare("front", {.height = 100, .width = 100}, prepared);
  const Geom& geom = prepared.Get().geoms[0];
  // The front face, 1.9 m away, is the largest: x from .2 to .4, z from -.3 to .1; the back face at 2.1 m reaches
  // further in.
  const double scale = 50 / std::tan(22.5 * mjPI / 180);
  EXPECT_NEAR(geom.x0, 50 + scale * .2 / 2.1, 2.5);
  EXPECT_NEAR(geom.x1, 50 + scale * .4 / 1.9, 2.5);
  EXPECT_NEAR(geom.y0, 50 - scale * .1 / 1.9, 2.5);
  EXPECT_NEAR(geom.y1, 50 + scale * .3 / 1.9, 2.5);
  EXPECT_LE(geom.x0, 50 + scale * .2 / 2.1);
  EXPECT_GE(geom.x1, 50 + scale * .4 / 1.9);
}

TEST(PrepareTest, WhatIsOutOfViewIsNotDrawnButCasts) {
  World world(std::string(kFront) +
              "<geom type='box' size='.1 .1 .1' pos='0 -4 0'/><geom type='box' size='.1 .1 .1' pos='9 0 0'/>" +
              "<geom type='sphere' size='.1'/><geom type='plane' size='0 0 1' pos='0 0 -1'/>" +
              "<geom type='sphere' size='.1' rgba='1 1 1 0'/><site type='box' size='.1 .1 .1' pos='0 0 .5'/>");
  PreparedFrame prepared;
  world.Prepare("front", {}, prepared);
  const Frame& frame = prepared.Get();
  std::vector<std::int32_t> drawn, casting;
  for (int i = 0; i < frame.opaque_count; ++i) drawn.push_back(frame.geoms[frame.opaque[i]].model_id);
  EXPECT_EQ(drawn, (std::vector<std::int32_t>{2, 3, -1}));  // -1: the site
  ASSERT_EQ(frame.mask_words, 1);
  PreparedFrame again;
  world.Prepare("front", {}, again);
  for (int i = 0; i < 3; ++i) casting.push_back(frame.geoms[frame.casters[i]].model_id);
  EXPECT_EQ(casting, (std::vector<std::int32_t>{0, 1, 2}));  // neither the plane nor what is invisible
}

TEST(PrepareTest, TransparentOnesNearestFirstPlanesLast) {
  const std::string glass = " rgba='1 1 1 .5' ";
  World world(std::string(kFront) + "<geom type='plane' size='1 1 1' pos='0 0 -.5'" + glass + "/>" +
              "<geom type='sphere' size='.1' pos='0 1 0'" + glass + "/><geom type='sphere' size='.1' pos='0 -.5 0'" +
              glass + "/>" + "<geom type='sphere' size='.1' pos='0 0 0'" + glass +
              "/><geom type='sphere' size='.1' pos='0 0 .5' rgba='1 1 1 .996'/>" +
              // The centre is far but the radius around it comes near.
              "<geom type='box' size='.01 1.9 .01' pos='0 1 .3'" + glass + "/>");
  PreparedFrame prepared;
  world.Prepare("front", {}, prepared);
  const Frame& frame = prepared.Get();
  std::vector<std::int32_t> order;
  for (int i = 0; i < frame.transparent_count; ++i) order.push_back(frame.geoms[frame.transparent[i]].model_id);
  EXPECT_EQ(order, (std::vector<std::int32_t>{5, 2, 3, 1, 0}));
  ASSERT_EQ(frame.opaque_count, 1);  // 0.996 counts as solid
}

TEST(PrepareTest, LightsAreCountedAndLimited) {
  std::string lights;
  for (int i = 0; i < 10; ++i)
    lights += "<light type='directional' dir='0 0 -1' diffuse='." + std::to_string(i) + " 0 0'/>";
  World world(std::string(kFront) + "<geom type='sphere' size='.1'/>" + lights, "",
              "<headlight ambient='.4 .4 .4' diffuse='.1 .1 .1' specular='0 0 0'/>");
  PreparedFrame prepared;
  world.Prepare("front", {}, prepared);
  const Frame& frame = prepared.Get();
  ASSERT_EQ(frame.light_count, kMaxLights);
  EXPECT_EQ(frame.lights[0].ambient[0], .4F);  // the headlight comes first and casts no shadow
  EXPECT_EQ(frame.lights[0].shadow, -1);
  for (int i = 1; i < kMaxLights; ++i) {
    EXPECT_NEAR(frame.lights[i].diffuse[0], .1F * static_cast<float>(i - 1), 1e-6F);
    EXPECT_EQ(frame.lights[i].shadow, i <= kMaxShadowLights ? i - 1 : -1);
  }
  PreparedFrame without;
  world.Prepare("front", {.shadows = false}, without);
  for (int i = 0; i < kMaxLights; ++i) EXPECT_EQ(without.Get().lights[i].shadow, -1);
}

TEST(PrepareTest, CosineOfTheCutoff) {
  for (const double degrees : {0.0, 1.0, 30.0, 45.0, 75.0, 89.0}) {
    World world(std::string(kFront) + "<geom type='sphere' size='.1'/><light type='spot' cutoff='" +
                std::to_string(degrees) + "'/>");
    PreparedFrame prepared;
    world.Prepare("front", {}, prepared);
    EXPECT_NEAR(static_cast<double>(prepared.Get().lights[0].cos_cutoff), std::cos(degrees * mjPI / 180), 1e-7)
        << degrees;
  }
}

TEST(PrepareTest, HeightFieldsAreRefused) {
  World world(std::string(kFront) + "<geom type='hfield' hfield='h'/>",
              "<hfield name='h' nrow='3' ncol='3' size='1 1 1 .1'/>");
  EXPECT_THROW(world.Draw("front"), InputError);
}

}  // namespace
}  // namespace divla::software
