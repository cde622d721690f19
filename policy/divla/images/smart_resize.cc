#include "policy/divla/images/smart_resize.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "sim/check.h"

namespace divla {
namespace {

constexpr int kMaxAspect = 200;

// The multiple of `factor` nearest to `side`; of two equally near the even one.
std::int64_t RoundToMultiple(int side, int factor) {
  std::int64_t multiple = side / factor;
  const std::int64_t twice_rest = 2 * static_cast<std::int64_t>(side % factor);
  if (twice_rest > factor || (twice_rest == factor && multiple % 2 == 1)) ++multiple;
  return multiple * factor;
}

}  // namespace

ImageSize SmartResize(ImageSize image, int factor, std::int64_t min_pixels, std::int64_t max_pixels) {
  DIVLA_CHECK(image.height >= 1 && image.width >= 1 && factor >= 1, "an image has pixels");
  const auto [shorter, longer] = std::minmax(image.height, image.width);
  if (longer > static_cast<std::int64_t>(kMaxAspect) * shorter) {
    throw InputError(fmt::format("image: expected no side over {} times the other, found {} x {} pixels", kMaxAspect,
                                 image.height, image.width));
  }
  std::int64_t height = RoundToMultiple(image.height, factor);
  std::int64_t width = RoundToMultiple(image.width, factor);
  // The order of these operations in double precision is the reference's; another order could round elsewhere.
  const double area = static_cast<double>(image.height) * image.width;
  if (height * width > max_pixels) {
    const double beta = std::sqrt(area / static_cast<double>(max_pixels));
    const auto scaled = [&](int side) {
      return std::max<std::int64_t>(factor, static_cast<std::int64_t>(std::floor(side / beta / factor)) * factor);
    };
    height = scaled(image.height);
    width = scaled(image.width);
  } else if (height * width < min_pixels) {
    const double beta = std::sqrt(static_cast<double>(min_pixels) / area);
    const auto scaled = [&](int side) { return static_cast<std::int64_t>(std::ceil(side * beta / factor)) * factor; };
    height = scaled(image.height);
    width = scaled(image.width);
  }
  if (height < 1 || width < 1) {
    throw InputError(
        fmt::format("image: expected sides that round to {} pixels or more (or a larger min_pixels), found {} x {}",
                    factor, image.height, image.width));
  }
  return {static_cast<int>(height), static_cast<int>(width)};
}

}  // namespace divla
