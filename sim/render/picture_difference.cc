#include "sim/render/picture_difference.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "sim/check.h"

namespace divla {
namespace {

constexpr int kGain = 4;

void CheckSizes(const Image& a, const Image& b) {
  DIVLA_CHECK(a.height > 0 && a.width > 0 && a.height == b.height && a.width == b.width, "pictures of one size");
  DIVLA_CHECK(a.rgb.size() == a.ByteCount() && b.rgb.size() == b.ByteCount(), "whole pictures");
}

int AbsoluteDifference(const Image& a, const Image& b, std::size_t i) {
  return std::abs(static_cast<int>(a.rgb[i]) - static_cast<int>(b.rgb[i]));
}

}  // namespace

PictureDifference ComparePictures(const Image& a, const Image& b) {
  CheckSizes(a, b);
  std::int64_t sum = 0, squares = 0, far = 0;
  for (std::size_t pixel = 0; pixel < a.rgb.size(); pixel += 3) {
    int most = 0;
    for (std::size_t i = pixel; i < pixel + 3; ++i) {
      const int difference = AbsoluteDifference(a, b, i);
      sum += difference;
      squares += static_cast<std::int64_t>(difference) * difference;
      most = std::max(most, difference);
    }
    far += most > 8 ? 1 : 0;
  }
  const auto count = static_cast<double>(a.rgb.size());
  const double mean_square = static_cast<double>(squares) / count;
  return {squares == 0 ? kEqualPsnr : 10.0 * std::log10(255.0 * 255.0 / mean_square), static_cast<double>(sum) / count,
          3.0 * static_cast<double>(far) / count};
}

Image DifferencePicture(const Image& a, const Image& b) {
  CheckSizes(a, b);
  Image image{a.height, a.width, {}};
  image.rgb.reserve(a.rgb.size());
  for (std::size_t i = 0; i < a.rgb.size(); ++i) {
    image.rgb.push_back(static_cast<std::uint8_t>(std::min(255, kGain * AbsoluteDifference(a, b, i))));
  }
  return image;
}

}  // namespace divla
