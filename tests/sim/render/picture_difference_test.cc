#include "sim/render/picture_difference.h"

#include <gtest/gtest.h>

namespace divla {
namespace {

Image Grey(int height, int width, std::uint8_t value) {
  Image image{height, width, {}};
  image.rgb.assign(image.ByteCount(), value);
  return image;
}

TEST(PictureDifferenceTest, NumbersByHand) {
  const Image a = Grey(2, 5, 100);
  Image b = a;
  b.rgb[0] = 130;  // 30 in one channel of one pixel
  b.rgb[4] = 92;   // 8 in one of another: not over 8
  const PictureDifference difference = ComparePictures(a, b);
  // Mean square (900 + 64) / 30 = 32.1333; 10 log10(65025 / 32.1333) = 33.0612 dB.
  EXPECT_NEAR(difference.psnr, 33.0612, 1e-4);
  EXPECT_NEAR(difference.mean_absolute, 38.0 / 30.0, 1e-12);
  EXPECT_NEAR(difference.share_over_8, 0.1, 1e-12);
  EXPECT_EQ(ComparePictures(b, a).psnr, difference.psnr);
}

TEST(PictureDifferenceTest, Extremes) {
  EXPECT_EQ(ComparePictures(Grey(3, 3, 7), Grey(3, 3, 7)).psnr, kEqualPsnr);
  EXPECT_EQ(ComparePictures(Grey(3, 3, 7), Grey(3, 3, 7)).share_over_8, 0.0);
  EXPECT_EQ(ComparePictures(Grey(3, 3, 0), Grey(3, 3, 255)).psnr, 0.0);
  EXPECT_EQ(ComparePictures(Grey(3, 3, 0), Grey(3, 3, 255)).share_over_8, 1.0);
}

TEST(PictureDifferenceTest, ThePictureIsFourTimesTheDifferenceAndCut) {
  const Image a = Grey(1, 2, 100);
  Image b = a;
  b.rgb = {100, 99, 110, 36, 37, 255};
  EXPECT_EQ(DifferencePicture(a, b).rgb, (std::vector<std::uint8_t>{0, 4, 40, 255, 252, 255}));
}

TEST(PictureDifferenceDeathTest, RefusesAnotherSize) {
  EXPECT_DEATH(ComparePictures(Grey(2, 3, 0), Grey(3, 2, 0)), "one size");
}

}  // namespace
}  // namespace divla
