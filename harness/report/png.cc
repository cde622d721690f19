#include "harness/report/png.h"

#include <fmt/format.h>
#include <png.h>

#include <algorithm>

#include "sim/check.h"

namespace divla {

namespace {

// libpng's simplified reader and writer keep memory of their own until told to let go.
struct PngImage {
  png_image control{};
  PngImage() { control.version = PNG_IMAGE_VERSION; }
  ~PngImage() { png_image_free(&control); }
  PngImage(const PngImage&) = delete;
  PngImage& operator=(const PngImage&) = delete;
};

}  // namespace

std::vector<std::byte> EncodePng(const Image& image) {
  DIVLA_CHECK(image.height > 0 && image.width > 0 && image.rgb.size() == image.ByteCount(), "a picture of no size");
  PngImage png;
  png.control.width = static_cast<png_uint_32>(image.width);
  png.control.height = static_cast<png_uint_32>(image.height);
  png.control.format = PNG_FORMAT_RGB;
  // The upper bound costs a little memory; asking libpng for the exact size would compress twice.
  png_alloc_size_t size = PNG_IMAGE_PNG_SIZE_MAX(png.control);
  std::vector<std::byte> bytes(size);
  const int written =
      png_image_write_to_memory(&png.control, bytes.data(), &size, /*convert_to_8_bit=*/0, image.rgb.data(),
                                /*row_stride=*/0, /*colormap=*/nullptr);
  DIVLA_CHECK(written != 0, png.control.message);
  bytes.resize(size);
  return bytes;
}

Image DecodePng(std::span<const std::byte> bytes, const std::string& where) {
  PngImage png;
  const auto fail = [&](const char* found) {
    throw InputError(fmt::format("{}: expected a PNG picture, found {}", where, found));
  };
  if (png_image_begin_read_from_memory(&png.control, bytes.data(), bytes.size()) == 0) fail(png.control.message);
  constexpr png_uint_32 kMaxPixels = 64'000'000;
  if (png.control.height > kMaxPixels / png.control.width) fail("more than 64 million pixels");
  png.control.format = PNG_FORMAT_RGB;
  Image image{.height = static_cast<int>(png.control.height), .width = static_cast<int>(png.control.width), .rgb = {}};
  image.rgb.resize(image.ByteCount());
  const png_color black{0, 0, 0};
  if (png_image_finish_read(&png.control, &black, image.rgb.data(), /*row_stride=*/0, /*colormap=*/nullptr) == 0) {
    fail(png.control.message);
  }
  return image;
}

Image HalfSize(const Image& image) {
  Image half{.height = std::max(1, image.height / 2), .width = std::max(1, image.width / 2), .rgb = {}};
  half.rgb.reserve(half.ByteCount());
  const auto pixel = [&](int y, int x, int channel) {
    const int row = std::min(y, image.height - 1);
    const int column = std::min(x, image.width - 1);
    return image.rgb[static_cast<std::size_t>((row * image.width + column) * 3 + channel)];
  };
  for (int y = 0; y < half.height; ++y) {
    for (int x = 0; x < half.width; ++x) {
      for (int channel = 0; channel < 3; ++channel) {
        const int sum = pixel(2 * y, 2 * x, channel) + pixel(2 * y, 2 * x + 1, channel) +
                        pixel(2 * y + 1, 2 * x, channel) + pixel(2 * y + 1, 2 * x + 1, channel);
        half.rgb.push_back(static_cast<std::uint8_t>((sum + 2) / 4));
      }
    }
  }
  return half;
}

}  // namespace divla
