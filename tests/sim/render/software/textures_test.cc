// Textures: the conversion to linear light and the mip chains.
#include <gtest/gtest.h>

#include <cmath>

#include "tests/sim/render/software/drawing.h"

namespace divla::software {
namespace {

std::array<int, 3> Unpacked(std::int32_t texel) { return {texel & 1023, texel >> 10 & 1023, texel >> 20 & 1023}; }

constexpr const char* kBall = "<geom type='sphere' size='1' material='t'/>";

TEST(TextureTest, SrgbIsTheFormula) {
  for (const bool srgb : {true, false}) {
    World world(kBall, BlankTexture(16, 16, srgb ? "colorspace='sRGB'" : "colorspace='linear'"));
    for (int v = 0; v < 256; ++v) world.SetTexel(0, v / 16, v % 16, {v, 255 - v, 7});
    const Texture& texture = *world.GetAssets().FindTexture(0);
    for (int v = 0; v < 256; ++v) {
      const auto light = [srgb](int byte) {
        const double c = byte / 255.0;
        return 1023 * (!srgb ? c : c <= 0.04045 ? c / 12.92 : std::pow((c + 0.055) / 1.055, 2.4));
      };
      const auto texel = Unpacked(texture.texels[v]);
      EXPECT_NEAR(texel[0], light(v), 0.5001) << v;
      EXPECT_NEAR(texel[1], light(255 - v), 0.5001) << v;
      EXPECT_NEAR(texel[2], light(7), 0.5001) << v;
    }
  }
}

TEST(TextureTest, MipChainAverages) {
  World world(kBall, BlankTexture(24, 10));  // no powers of two
  for (int row = 0; row < 10; ++row) {
    for (int column = 0; column < 24; ++column) world.SetTexel(0, row, column, {row * 25, column * 10, 200});
  }
  const Texture& texture = *world.GetAssets().FindTexture(0);
  ASSERT_EQ(texture.levels, 5);
  const int widths[] = {24, 12, 6, 3, 1}, heights[] = {10, 5, 2, 1, 1};
  int offset = 0;
  for (int level = 0; level < 5; ++level) {
    EXPECT_EQ(texture.width[level], widths[level]);
    EXPECT_EQ(texture.height[level], heights[level]);
    EXPECT_EQ(texture.offset[level], offset);
    offset += widths[level] * heights[level];
  }
  // Each texel of a level is the mean of four of the level before, up to rounding.
  for (int level = 1; level < 4; ++level) {
    for (int y = 0; y < heights[level]; ++y) {
      for (int x = 0; x < widths[level]; ++x) {
        double mean[3]{};
        for (const int k : {0, 1, 2, 3}) {
          const int from_y = 2 * y + k / 2, from_x = 2 * x + k % 2;
          const auto texel = Unpacked(texture.texels[texture.offset[level - 1] + from_y * widths[level - 1] + from_x]);
          for (std::size_t c = 0; c < 3; ++c) mean[c] += 0.25 * texel[c];
        }
        const auto texel = Unpacked(texture.texels[texture.offset[level] + y * widths[level] + x]);
        for (std::size_t c = 0; c < 3; ++c) EXPECT_NEAR(texel[c], mean[c], 0.5) << level << " " << y << " " << x;
      }
    }
  }
}

}  // namespace
}  // namespace divla::software
