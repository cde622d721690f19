// Textures: the conversion to linear light and the mip chains.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "tests/sim/render/software/drawing.h"

namespace divla::software {
namespace {

std::array<int, 3> Unpacked(std::int32_t texel) { return {texel & 1023, texel >> 10 & 1023, texel >> 20 & 1023}; }

// Within the border, which lies at row and column -1 and beyond the last.
std::int32_t TexelAt(const Texture& texture, int level, int row, int column, int face = 0) {
  const int stride = texture.width[level] + 2, size = stride * (texture.height[level] + 2);
  return texture.texels[texture.offset[level] + face * size + (row + 1) * stride + column + 1];
}

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
      const auto texel = Unpacked(TexelAt(texture, 0, v / 16, v % 16));
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
    offset += (widths[level] + 2) * (heights[level] + 2);
  }
  // Each texel of a level is the mean of four of the level before, up to rounding.
  for (int level = 1; level < 4; ++level) {
    for (int y = 0; y < heights[level]; ++y) {
      for (int x = 0; x < widths[level]; ++x) {
        double mean[3]{};
        for (const int k : {0, 1, 2, 3}) {
          const int from_y = 2 * y + k / 2, from_x = 2 * x + k % 2;
          const auto texel = Unpacked(TexelAt(texture, level - 1, from_y, from_x));
          for (std::size_t c = 0; c < 3; ++c) mean[c] += 0.25 * texel[c];
        }
        const auto texel = Unpacked(TexelAt(texture, level, y, x));
        for (std::size_t c = 0; c < 3; ++c) EXPECT_NEAR(texel[c], mean[c], 0.5) << level << " " << y << " " << x;
      }
    }
  }
}

// Row, column of what a texel of the border repeats.
TEST(TextureTest, ABorderHasTheOppositeSide) {
  World world(kBall, BlankTexture(6, 3));
  for (int row = 0; row < 3; ++row) {
    for (int column = 0; column < 6; ++column) world.SetTexel(0, row, column, {row * 50, column * 40, 9});
  }
  const Texture& texture = *world.GetAssets().FindTexture(0);
  for (int level = 0; level < texture.levels; ++level) {
    const int height = texture.height[level], width = texture.width[level];
    for (int row = -1; row <= height; ++row) {
      for (int column = -1; column <= width; ++column) {
        const int inner_row = (row + height) % height, inner_column = (column + width) % width;
        EXPECT_EQ(TexelAt(texture, level, row, column), TexelAt(texture, level, inner_row, inner_column))
            << level << " " << row << " " << column;
      }
    }
  }
  EXPECT_NE(TexelAt(texture, 0, 1, -1), TexelAt(texture, 0, 1, 0));
}

TEST(TextureTest, ABorderOfACubesFaceRepeatsIt) {
  World world(kBall,
              "<texture name='t' type='cube' builtin='gradient' rgb1='1 .2 0' rgb2='0 .4 1' width='8' height='8'/>"
              "<material name='t' texture='t'/>");
  const Texture& texture = *world.GetAssets().FindTexture(0);
  ASSERT_EQ(texture.width[0], 8);
  for (int face = 0; face < 6; ++face) {
    for (int row = -1; row <= 8; ++row) {
      for (int column = -1; column <= 8; ++column) {
        EXPECT_EQ(TexelAt(texture, 0, row, column, face),
                  TexelAt(texture, 0, std::clamp(row, 0, 7), std::clamp(column, 0, 7), face))
            << face << " " << row << " " << column;
      }
    }
  }
  EXPECT_NE(TexelAt(texture, 0, 0, 3, 0), TexelAt(texture, 0, 7, 3, 0));
}

}  // namespace
}  // namespace divla::software
