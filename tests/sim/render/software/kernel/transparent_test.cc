// Transparent geoms: how much they hide, in which order, and their outlines.
#include <gtest/gtest.h>

#include <cmath>

#include "tests/sim/render/software/drawing.h"

namespace divla::software {
namespace {

// Ambient light alone: every geom shows its own colour.
constexpr const char* kFlat = R"(<headlight ambient="1 1 1" diffuse="0 0 0" specular="0 0 0"/>)";
constexpr const char* kTop = R"(<camera name="top" pos="0 0 2" xyaxes="1 0 0 0 1 0" fovy="45"/>)";
constexpr const char* kWhite = R"(<geom type="plane" size="0 0 1" rgba="1 1 1 1"/>)";

std::array<double, 3> Over(const std::array<double, 3>& under, const std::array<double, 3>& color, double alpha) {
  std::array<double, 3> mixed;
  for (std::size_t k = 0; k < 3; ++k) mixed[k] = under[k] + alpha * (color[k] - under[k]);
  return mixed;
}
void ExpectMixed(const std::array<int, 3>& found, const std::array<double, 3>& expected) {
  for (std::size_t k = 0; k < 3; ++k) EXPECT_NEAR(found[k], 255 * expected[k], 2) << k;
}

TEST(TransparentTest, OneLayerIsBlendedTwice) {
  for (const double alpha : {0.1, 0.4, 0.9}) {
    World world(std::string(kTop) + kWhite + "<geom type='box' size='.2 .2 .1' pos='0 0 .5' rgba='.2 .4 .6 " +
                    std::to_string(alpha) + "'/>",
                "", kFlat);
    const Picture picture = world.Draw("top");
    const double hidden = 1 - (1 - alpha) * (1 - alpha);
    ExpectMixed(picture.Color(32, 32), Over({1, 1, 1}, {.2, .4, .6}, hidden));
    EXPECT_EQ(picture.Color(3, 3), (std::array{255, 255, 255}));
    EXPECT_EQ(picture.geom[picture.At(32, 32)], 0);  // the plane: transparent geoms leave no depth
    EXPECT_NEAR(picture.depth[picture.At(32, 32)], 2.0F, 1e-5F);
  }
}

TEST(TransparentTest, NearToFarAndBack) {
  const std::string red = "<geom type='sphere' size='.2' rgba='1 0 0 .3' pos='0 0 ",
                    blue = "<geom type='sphere' size='.2' rgba='0 0 1 .6' pos='0 0 ";
  const std::array<double, 3> white{1, 1, 1}, r{1, 0, 0}, b{0, 0, 1};
  // Whatever the order in the model.
  for (const bool swapped : {false, true}) {
    World red_near(
        std::string(kTop) + kWhite + (swapped ? blue + ".3'/>" + red + "1'/>" : red + "1'/>" + blue + ".3'/>"), "",
        kFlat);
    ExpectMixed(red_near.Draw("top").Color(32, 32), Over(Over(Over(Over(white, r, .3), b, .6), b, .6), r, .3));
    World blue_near(
        std::string(kTop) + kWhite + (swapped ? blue + "1'/>" + red + ".3'/>" : red + ".3'/>" + blue + "1'/>"), "",
        kFlat);
    ExpectMixed(blue_near.Draw("top").Color(32, 32), Over(Over(Over(Over(white, b, .6), r, .3), r, .3), b, .6));
  }
}

TEST(TransparentTest, HiddenBehindWhatIsSolid) {
  const std::string solid = "<geom type='box' size='.2 .2 .1' pos='0 0 1' rgba='.5 .5 .5 1'/>";
  World with(std::string(kTop) + kWhite + solid + "<geom type='sphere' size='.1' pos='0 0 .5' rgba='1 0 0 .5'/>", "",
             kFlat);
  World without(std::string(kTop) + kWhite + solid, "", kFlat);
  for (const bool antialias : {false, true}) {
    EXPECT_EQ(with.Draw("top", {.antialias = antialias}).color, without.Draw("top", {.antialias = antialias}).color);
  }
}

// The glass plate's shadow falls on the plane; the solid plate's shadow does not fall on the glass.
TEST(TransparentTest, ShadowsAreCastButNotReceived) {
  const std::string sun = "<light type='directional' dir='0 .5 -1' diffuse='1 1 1' ambient='0 0 0' specular='0 0 0'/>";
  const std::string plate = "<geom type='box' size='.15 .15 .01' pos='0 -.5 .5' rgba='1 1 1 ";
  World world(std::string(kTop) + kWhite + sun + plate + ".5'/>");
  const Picture picture = world.Draw("top");
  const auto row_of = [](double y) { return static_cast<int>(31.5 - y * 32 / (2 * std::tan(mjPI / 8))); };
  EXPECT_EQ(picture.Color(row_of(-.25), 32)[0], 0);  // y = -.5 + .5 * .5
  EXPECT_GT(picture.Color(row_of(.3), 32)[0], 200);
  // Glass on the ground, right where the shadow of a solid plate falls: as bright as without it.
  const std::string glass = "<geom type='box' size='.05 .05 .005' pos='0 -.25 .005' rgba='1 1 1 .5'/>";
  World shaded(std::string(kTop) + kWhite + sun + plate + "1'/>" + glass);
  World open(std::string(kTop) + kWhite + sun + glass);
  const int row = row_of(-.25);
  EXPECT_EQ(shaded.Draw("top").Color(row, 12)[0], open.Draw("top").Color(row, 12)[0]);
  const double sunny = 1 / std::sqrt(1.25);
  EXPECT_NEAR(shaded.Draw("top").Color(row, 32)[0], 255 * .75 * sunny, 2);  // the ground below is dark
  EXPECT_NEAR(open.Draw("top").Color(row, 32)[0], 255 * (.25 + .75) * sunny, 2);
}

// From below a plane is a veil of 0.3 times its opacity, drawn over what is above it.
TEST(TransparentTest, APlaneFromBehindIsAVeil) {
  World world(
      "<camera name='below' pos='0 0 -2' xyaxes='1 0 0 0 -1 0' fovy='45'/><geom type='plane' size='0 0 1' rgba='1 1 1 "
      "1'/>"
      "<geom type='box' size='.3 .3 .1' pos='0 0 .5' rgba='0 1 0 1'/>",
      "", kFlat);
  const Picture picture = world.Draw("below");
  EXPECT_EQ(picture.geom[picture.At(32, 32)], 1);
  ExpectMixed(picture.Color(32, 32), Over({0, 1, 0}, {1, 1, 1}, 1 - .7 * .7));
}

// Depth and key as if the glass were solid, once asked for.
TEST(TransparentTest, CountsAsSolidInDepthAndKeyWhenAsked) {
  World world(std::string(kTop) + kWhite + "<geom type='box' size='.2 .2 .1' pos='0 0 .5' rgba='.2 .4 .6 .4'/>", "",
              kFlat);
  PreparedFrame frame;
  world.Prepare("top", {}, frame);
  const Picture without = World::Draw(frame, InstructionSet::kSse4),
                with = World::Draw(frame, InstructionSet::kSse4, true);
  EXPECT_EQ(with.color, without.color);
  EXPECT_EQ(with.geom[with.At(32, 32)], 1);
  EXPECT_NEAR(with.depth[with.At(32, 32)], 1.4F, 1e-5F);
  EXPECT_EQ(with.geom[with.At(2, 2)], 0);
}

TEST(TransparentTest, OutlinesAreSmooth) {
  World world(
      std::string(kTop) + kWhite + "<geom type='box' size='.3 .3 .1' pos='0 0 .5' euler='0 0 20' rgba='0 0 0 .5'/>", "",
      kFlat);
  const Picture hard = world.Draw("top"), smooth = world.Draw("top", {.antialias = true});
  int between = 0;
  for (int row = 0; row < 64; ++row) {
    for (int column = 0; column < 64; ++column) {
      const int v = hard.Color(row, column)[0], s = smooth.Color(row, column)[0];
      EXPECT_TRUE(v == 255 || (v >= 63 && v <= 65)) << v;
      EXPECT_GE(s, 63);
      between += s > 70 && s < 250 ? 1 : 0;
    }
  }
  EXPECT_GT(between, 40);
  EXPECT_EQ(smooth.Color(32, 32), hard.Color(32, 32));
}

}  // namespace
}  // namespace divla::software
