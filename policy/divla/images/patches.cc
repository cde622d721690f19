#include "policy/divla/images/patches.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>

#include "policy/divla/images/resize.h"
#include "sim/check.h"

namespace divla {
namespace {

// The float of each value of each channel: there are only 256, and a table keeps the reference's double precision.
using ValueTable = std::array<std::array<float, 256>, 3>;

ValueTable MakeTable(const ImageConfig& config) {
  ValueTable table;
  for (std::size_t channel = 0; channel < 3; ++channel) {
    const auto mean = static_cast<float>(config.mean[channel]);
    const auto deviation = static_cast<float>(config.std[channel]);
    for (std::size_t value = 0; value < 256; ++value) {
      auto number = static_cast<float>(value);
      if (config.do_rescale) number = static_cast<float>(static_cast<double>(value) * config.rescale_factor);
      if (config.do_normalize) {
        number -= mean;
        number /= deviation;
      }
      table[channel][value] = number;
    }
  }
  return table;
}

// `image` itself where it has the size; else a resized one, kept in `storage`.
const Image& Resized(const Image& image, ImageSize size, Image& storage) {
  if (ImageSize{image.height, image.width} == size) return image;
  storage = ResizeBicubic(image, size);
  return storage;
}

std::size_t RowSize(const ImageConfig& config) {
  const auto patch = static_cast<std::size_t>(config.patch_size);
  return 3 * static_cast<std::size_t>(config.temporal_patch_size) * patch * patch;
}

// One patch whose first pixel is `pixels`; `stride` bytes a row of the picture.
void WritePatch(const std::uint8_t* pixels, std::size_t stride, const ImageConfig& config, const ValueTable& table,
                float* out) {
  const auto patch = static_cast<std::size_t>(config.patch_size);
  for (std::size_t channel = 0; channel < 3; ++channel) {
    const std::array<float, 256>& values = table[channel];
    float* const frame = out;
    for (std::size_t row = 0; row < patch; ++row) {
      const std::uint8_t* pixel = pixels + row * stride + channel;
      for (std::size_t column = 0; column < patch; ++column) *out++ = values[pixel[column * 3]];
    }
    for (int time = 1; time < config.temporal_patch_size; ++time) out = std::copy_n(frame, patch * patch, out);
  }
}

void CheckImage(const Image& image) {
  DIVLA_CHECK(image.height >= 1 && image.width >= 1 && image.rgb.size() == image.ByteCount(), "a picture has pixels");
}

}  // namespace

ImageSize PatchedSize(ImageSize image, const ImageConfig& config) {
  const int factor = config.patch_size * config.merge_size;
  if (config.do_resize) return SmartResize(image, factor, config.min_pixels, config.max_pixels);
  if (image.height % factor != 0 || image.width % factor != 0) {
    throw InputError(fmt::format("image: expected sides that are multiples of {} (do_resize is false), found {} x {}",
                                 factor, image.height, image.width));
  }
  return image;
}

void WritePatches(const Image& image, const ImageConfig& config, std::span<float> values) {
  CheckImage(image);
  const ImageSize size = PatchedSize({image.height, image.width}, config);
  Image storage;
  const Image& source = Resized(image, size, storage);
  const ValueTable table = MakeTable(config);
  const int rows = size.height / config.patch_size;
  const int columns = size.width / config.patch_size;
  const std::size_t row_size = RowSize(config);
  DIVLA_CHECK(values.size() == static_cast<std::size_t>(rows) * static_cast<std::size_t>(columns) * row_size,
              "memory for all patches");
  const auto stride = static_cast<std::size_t>(size.width) * 3;
  const auto patch = static_cast<std::size_t>(config.patch_size);
  float* out = values.data();
  for (int block_row = 0; block_row < rows; block_row += config.merge_size) {
    for (int block_column = 0; block_column < columns; block_column += config.merge_size) {
      for (int row = block_row; row < block_row + config.merge_size; ++row) {
        for (int column = block_column; column < block_column + config.merge_size; ++column) {
          const std::size_t first =
              static_cast<std::size_t>(row) * patch * stride + static_cast<std::size_t>(column) * patch * 3;
          WritePatch(source.rgb.data() + first, stride, config, table, out);
          out += row_size;
        }
      }
    }
  }
}

ImagePatches MakePatches(const Image& image, const ImageConfig& config) {
  CheckImage(image);
  const ImageSize size = PatchedSize({image.height, image.width}, config);
  ImagePatches patches{.grid_height = size.height / config.patch_size,
                       .grid_width = size.width / config.patch_size,
                       .row_size = static_cast<int>(RowSize(config)),
                       .values = {}};
  patches.values.resize(static_cast<std::size_t>(patches.grid_height) * static_cast<std::size_t>(patches.grid_width) *
                        RowSize(config));
  WritePatches(image, config, patches.values);
  return patches;
}

void WritePlanes(const Image& image, const ImageConfig& config, std::span<float> planes) {
  CheckImage(image);
  DIVLA_CHECK(config.side >= 1, "a square has a side");
  const auto side = static_cast<std::size_t>(config.side);
  DIVLA_CHECK(planes.size() == 3 * side * side, "memory for three planes");
  if (!config.do_resize && (image.height != config.side || image.width != config.side)) {
    throw InputError(fmt::format("image: expected {} x {} pixels (do_resize is false), found {} x {}", config.side,
                                 config.side, image.height, image.width));
  }
  Image storage;
  const Image& source = Resized(image, {config.side, config.side}, storage);
  const ValueTable table = MakeTable(config);
  for (std::size_t channel = 0; channel < 3; ++channel) {
    float* const plane = planes.data() + channel * side * side;
    for (std::size_t i = 0; i < side * side; ++i) plane[i] = table[channel][source.rgb[i * 3 + channel]];
  }
}

std::vector<float> MakePlanes(const Image& image, const ImageConfig& config) {
  const auto side = static_cast<std::size_t>(std::max(config.side, 0));
  std::vector<float> planes(3 * side * side);
  WritePlanes(image, config, planes);
  return planes;
}

}  // namespace divla
