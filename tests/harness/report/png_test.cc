// Tests for harness/report/png.cc.
#include "harness/report/png.h"

#include <gtest/gtest.h>

#include "sim/check.h"
#include "tests/harness/report/sample_run.h"

namespace divla {
namespace {

TEST(PngTest, ComesBackAsItWas) {
  for (const auto& [height, width] : {std::pair{1, 1}, {3, 7}, {240, 320}}) {
    Image image{.height = height, .width = width, .rgb = {}};
    for (std::size_t i = 0; i < image.ByteCount(); ++i) image.rgb.push_back(static_cast<std::uint8_t>(i * 37 % 251));
    const std::vector<std::byte> bytes = EncodePng(image);
    EXPECT_EQ(DecodePng(bytes, "test"), image) << height << "x" << width;
    EXPECT_EQ(EncodePng(image), bytes) << "the same picture, other bytes";
  }
}

TEST(PngTest, CompressesAPictureOfAScene) {
  EXPECT_LT(EncodePng(testing::SamplePicture(1, false)).size(), std::size_t{320 * 240 * 3 / 4});
}

TEST(PngTest, RefusesDamagedBytesAtEveryLength) {
  const std::vector<std::byte> bytes = EncodePng(testing::SamplePicture(2, false));
  for (std::size_t length = 0; length < bytes.size(); length += 97) {
    EXPECT_THROW(DecodePng(std::span(bytes).first(length), "frames/x.png"), InputError) << length;
  }
  try {
    DecodePng(std::span(bytes).first(20), "frames/x.png");
    FAIL() << "read a picture of 20 bytes";
  } catch (const InputError& error) {
    EXPECT_EQ(std::string(error.what()).find("frames/x.png: expected a PNG picture, found "), 0U) << error.what();
  }
}

TEST(HalfSizeTest, TakesTheMeanOfFour) {
  const Image image{.height = 2, .width = 2, .rgb = {0, 10, 255, 2, 10, 255, 4, 10, 255, 8, 11, 255}};
  EXPECT_EQ(HalfSize(image), (Image{.height = 1, .width = 1, .rgb = {4, 10, 255}}));
  EXPECT_EQ(HalfSize({.height = 1, .width = 1, .rgb = {1, 2, 3}}), (Image{.height = 1, .width = 1, .rgb = {1, 2, 3}}));
  const Image half = HalfSize(testing::SamplePicture(3, true));
  EXPECT_EQ(half.height, 120);
  EXPECT_EQ(half.width, 160);
  EXPECT_EQ(half.rgb.size(), half.ByteCount());
}

}  // namespace
}  // namespace divla
