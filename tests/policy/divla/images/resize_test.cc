// Tests for policy/divla/images/resize.cc: what must hold for any picture; reference_test.cc has Pillow's own output.
#include "policy/divla/images/resize.h"

#include <gtest/gtest.h>

#include "sim/rng.h"

namespace divla {
namespace {

Image Noise(int height, int width) {
  Rng rng(StreamKey{.seed = 5, .stream = "resize-test"});
  Image image{height, width, {}};
  for (std::size_t i = 0; i < image.ByteCount(); ++i) image.rgb.push_back(static_cast<std::uint8_t>(rng.Int(256)));
  return image;
}

Image Transposed(const Image& image) {
  Image result{image.width, image.height, std::vector<std::uint8_t>(image.ByteCount())};
  const auto at = [](const Image& of, int y, int x) { return static_cast<std::size_t>((y * of.width + x) * 3); };
  for (int y = 0; y < image.height; ++y) {
    for (int x = 0; x < image.width; ++x) {
      for (std::size_t c = 0; c < 3; ++c) result.rgb[at(result, x, y) + c] = image.rgb[at(image, y, x) + c];
    }
  }
  return result;
}

TEST(ResizeBicubic, OneColourStaysAndTheSameSizeIsTheSamePicture) {
  const Image noise = Noise(7, 9);
  EXPECT_EQ(ResizeBicubic(noise, {7, 9}), noise);
  for (const std::uint8_t value : std::vector<std::uint8_t>{0, 1, 127, 255}) {
    const Image flat{5, 6, std::vector<std::uint8_t>(90, value)};
    for (const ImageSize size : {ImageSize{1, 1}, ImageSize{13, 3}, ImageSize{64, 91}}) {
      const Image resized = ResizeBicubic(flat, size);
      EXPECT_EQ(resized.rgb, std::vector<std::uint8_t>(resized.ByteCount(), value));
    }
  }
}

// Both passes do the same thing, so one pass of a picture on its side is the other pass.
TEST(ResizeBicubic, RowsAndColumnsAreTreatedAlike) {
  for (const int out : {1, 3, 20, 50}) {
    const Image noise = Noise(11, 31);
    EXPECT_EQ(ResizeBicubic(Transposed(noise), {out, 11}), Transposed(ResizeBicubic(noise, {11, out}))) << out;
  }
}

TEST(ResizeBicubic, RoundsBetweenPassesInPillowsOrder) {
  const Image noise = Noise(40, 40);
  const auto rows_first = [&](ImageSize size) { return ResizeBicubic(ResizeBicubic(noise, {40, size.width}), size); };
  const auto columns_first = [&](ImageSize size) {
    return ResizeBicubic(ResizeBicubic(noise, {size.height, 40}), size);
  };
  for (const ImageSize size : {ImageSize{17, 23}, ImageSize{50, 60}, ImageSize{20, 30}}) {
    EXPECT_EQ(ResizeBicubic(noise, size), rows_first(size));
    EXPECT_NE(ResizeBicubic(noise, size), columns_first(size));
  }
  for (const ImageSize size : {ImageSize{17, 29}, ImageSize{39, 50}, ImageSize{20, 31}}) {
    EXPECT_EQ(ResizeBicubic(noise, size), columns_first(size));
    EXPECT_NE(ResizeBicubic(noise, size), rows_first(size));
  }
}

// By hand: doubling 0 255 puts samples at -0.25, 0.25, 0.75, 1.25; with the kernel's weights outside the row left out
// and the rest normalised, the second output is 255 * (0.2265625 / (0.8671875 + 0.2265625)) = 52.8.
TEST(ResizeBicubic, FollowsTheKernelAtTheBorder) {
  const Image row{1, 2, {0, 0, 0, 255, 255, 255}};
  const Image wide = ResizeBicubic(row, {1, 4});
  EXPECT_EQ(wide.rgb[3], 53);
  EXPECT_EQ(wide.rgb[6], 255 - 53);
  EXPECT_EQ(wide.rgb[0], 0);  // would be below, and is clipped
  EXPECT_EQ(wide.rgb[9], 255);
}

}  // namespace
}  // namespace divla
