// Smooth outlines: which pixels change, and how close they come to the share that a geom covers.
#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "tests/sim/render/software/drawing.h"

namespace divla::software {
namespace {

constexpr const char* kFlat = R"(<headlight ambient="1 1 1" diffuse="0 0 0" specular="0 0 0"/>)";
constexpr const char* kTop = R"(<camera name="top" pos="0 0 2" xyaxes="1 0 0 0 1 0" fovy="45"/>)";
// A white, turned box on black.
constexpr const char* kBox = R"(<geom type="box" size=".43 .31 .1" euler="0 0 17" rgba="1 1 1 1"/>)";

bool AtOutline(const Picture& picture, int row, int column) {
  for (const auto& [down, right] : {std::pair{1, 0}, std::pair{-1, 0}, std::pair{0, 1}, std::pair{0, -1}}) {
    const int y = row + down, x = column + right;
    if (y < 0 || x < 0 || y >= picture.height || x >= picture.width) continue;
    if (picture.key[picture.At(y, x)] != picture.key[picture.At(row, column)]) return true;
  }
  return false;
}

TEST(AntialiasTest, OutlinesTakeTheShareThatIsCovered) {
  World world(std::string(kTop) + kBox, "", kFlat);
  const Picture picture = world.Draw("top", {.antialias = true});
  int outline = 0, between = 0;
  double error = 0, sum = 0, exact = 0;
  for (int row = 0; row < 64; ++row) {
    for (int column = 0; column < 64; ++column) {
      int inside = 0;
      for (int k = 0; k < 256; ++k) {
        inside +=
            world.Cast(world.PixelRay("top", 64, 64, row + (k / 16 - 7.5) / 16, column + (k % 16 - 7.5) / 16)) == 0;
      }
      const double covered = inside / 256.0, shown = picture.Color(row, column)[0] / 255.0;
      sum += shown;
      exact += covered;
      if (!AtOutline(picture, row, column)) {
        EXPECT_TRUE(shown == 0 || shown == 1) << row << " " << column;
        continue;
      }
      ++outline;
      between += shown > 0 && shown < 1 ? 1 : 0;
      error += std::fabs(shown - covered);
      EXPECT_NEAR(shown, covered, 0.4) << row << " " << column;
      EXPECT_NEAR(std::fmod(shown * 4 + 0.02, 1.0), 0.02, 0.02) << shown;  // quarters: four points a pixel
    }
  }
  EXPECT_GT(outline, 150);
  EXPECT_GT(between, outline / 3);
  EXPECT_LT(error / outline, 0.1);    // without smoothing it is 0.25
  EXPECT_NEAR(sum / exact, 1, 0.01);  // neither thinner nor thicker
}

// Everything but the pixels at an outline stays as it is, depth and key everywhere.
TEST(AntialiasTest, TheRestStaysAsItIs) {
  World world(AllShapesBodies(), AllShapesAssets());
  // Transparent geoms have smooth outlines of their own, tested elsewhere.
  for (int i = 0; i < world.Model().nmat; ++i) world.Model().mat_rgba[4 * i + 3] = 1;
  for (const char* camera : {"front", "side", "low", "away"}) {
    const Picture hard = world.Draw(camera, {.height = 97, .width = 131});
    const Picture smooth = world.Draw(camera, {.height = 97, .width = 131, .antialias = true});
    EXPECT_EQ(smooth.depth, hard.depth);
    EXPECT_EQ(smooth.key, hard.key);
    int changed = 0;
    for (int row = 0; row < 97; ++row) {
      for (int column = 0; column < 131; ++column) {
        if (AtOutline(hard, row, column)) {
          changed += smooth.Color(row, column) != hard.Color(row, column) ? 1 : 0;
        } else {
          ASSERT_EQ(smooth.Color(row, column), hard.Color(row, column)) << camera << row << " " << column;
        }
      }
    }
    EXPECT_GT(changed, 100) << camera;
  }
}

// Smoothing takes colours from the picture before it, not from pixels already smoothed: a mirrored scene gives the
// mirrored picture, though rows are worked from left to right. (The four points are not symmetric: upright edges whose
// points fall on the same side are compared.)
TEST(AntialiasTest, ReadsTheHardPictureOnly) {
  const std::string bars = R"(<geom type="box" size=".011 .6 .1" pos=".003 0 0" rgba="1 0 0 1"/>
<geom type="box" size=".011 .6 .1" pos=".031 0 0" rgba="0 1 0 1"/><geom type="box" size=".011 .6 .1" pos=".06 0 0" rgba="0 0 1 1"/>)";
  World world(std::string(kTop) + bars, "", kFlat);
  const Picture hard = world.Draw("top"), smooth = world.Draw("top", {.antialias = true});
  for (int column = 1; column < 63; ++column) {
    // Each channel of a smooth pixel is a mean of four colours of the hard picture nearby.
    for (std::size_t k = 0; k < 3; ++k) {
      int low = 255, high = 0;
      for (const int x : {column - 1, column, column + 1}) {
        low = std::min(low, hard.Color(32, x)[k]);
        high = std::max(high, hard.Color(32, x)[k]);
      }
      EXPECT_GE(smooth.Color(32, column)[k], low);
      EXPECT_LE(smooth.Color(32, column)[k], high);
    }
  }
}

// The four points of each pixel, drawn as four hard pictures whose rays are moved there, say what the smooth picture must
// show: of each point the colour that its surface has in the pixel or first in a neighbour; then the mean. Points whose
// surface no pixel nearby shows are left out. A crowd of small things, of which many share a pixel's neighbourhood.
TEST(AntialiasTest, IsTheMeanOfFourPoints) {
  constexpr int kAround[9][2] = {{0, 0}, {-1, 0}, {1, 0}, {0, -1}, {0, 1}, {-1, -1}, {1, -1}, {-1, 1}, {1, 1}};
  std::string crowd = R"(<camera name="top" pos=".1 -.2 2" xyaxes="1 .2 0 -.2 1 .1" fovy="45"/>)";
  for (int i = 0; i < 200; ++i) {
    const char* const shapes[] = {"box", "capsule", "cylinder", "ellipsoid", "sphere"};
    const auto digit = [i](int prime) { return std::to_string(i * prime % 97 / 97.0); };
    crowd += "<body pos='" + digit(31) + " " + digit(53) + " " + digit(71) + "'><geom type='" + shapes[i % 5] +
             "' pos='-.5 -.5 -.2' size='.03 .02 .04' euler='" + std::to_string(i * 37 % 180) + " 20 0' rgba='" +
             digit(11) + " " + digit(17) + " " + digit(23) + " 1'/></body>";
  }
  World world(crowd, "", kFlat);
  for (const InstructionSet set : SupportedSets()) {
    const Drawing how{.height = 61, .width = 75, .antialias = true, .set = set};
    PreparedFrame prepared;
    world.Prepare("top", how, prepared);
    const Picture smooth = World::Draw(prepared, set);
    Frame& frame = prepared.Get();
    frame.antialias = false;
    const Picture hard = World::Draw(prepared, set);
    const std::vector<float> xs(frame.x_of, frame.x_of + frame.stride), ys(frame.y_of, frame.y_of + frame.height);
    std::vector<Picture> points;
    for (int k = 0; k < 4; ++k) {
      std::vector<float> x = xs, y = ys;
      for (float& at : x) at += frame.sample_x[k];
      for (float& at : y) at += frame.sample_y[k];
      frame.x_of = x.data(), frame.y_of = y.data();
      points.push_back(World::Draw(prepared, set));
    }
    int compared = 0, many = 0;
    for (int row = 0; row < how.height; ++row) {
      for (int column = 0; column < how.width; ++column) {
        if (!AtOutline(hard, row, column)) continue;
        std::array<int, 3> sum{2, 2, 2};  // 2 of 4: rounds
        int found = 0;
        std::set<std::int32_t> surfaces;
        for (const Picture& point : points) {
          bool open = true;
          for (const auto& [right, down] : kAround) {
            const int y = row + down, x = column + right;
            if (y < 0 || x < 0 || y >= how.height || x >= how.width) continue;
            surfaces.insert(hard.key[hard.At(y, x)]);
            if (!open || hard.key[hard.At(y, x)] != point.key[point.At(row, column)]) continue;
            open = false;
            ++found;
            for (std::size_t c = 0; c < 3; ++c) sum[c] += hard.Color(y, x)[c];
          }
        }
        if (found < 4) continue;
        ++compared;
        many += surfaces.size() > 4 ? 1 : 0;
        const std::array<int, 3> mean{sum[0] / 4, sum[1] / 4, sum[2] / 4};
        ASSERT_EQ(smooth.Color(row, column), mean) << ToString(set) << " row " << row << " column " << column;
      }
    }
    EXPECT_GT(compared, 700) << ToString(set);  // more than one batch of the kernel's
    EXPECT_GT(many, 50) << ToString(set);
  }
}

// A picture's border is no outline; one pixel has none.
TEST(AntialiasTest, BordersOfThePicture) {
  World world(std::string(kTop) + R"(<geom type="plane" size="0 0 1" rgba="1 1 1 1"/>)", "", kFlat);
  for (const auto& [height, width] : {std::pair{1, 1}, std::pair{1, 17}, std::pair{5, 1}, std::pair{16, 16}}) {
    const Picture picture = world.Draw("top", {.height = height, .width = width, .antialias = true});
    for (const std::int32_t color : picture.color) EXPECT_EQ(color, 0xffffff);
  }
}

}  // namespace
}  // namespace divla::software
