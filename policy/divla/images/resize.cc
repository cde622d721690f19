#include "policy/divla/images/resize.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include "sim/check.h"

namespace divla {
namespace {

constexpr int kPrecisionBits = 32 - 8 - 2;  // 8 for the value, 2 for overshoot and sign
constexpr std::int32_t kHalf = 1 << (kPrecisionBits - 1);

double Cubic(double x) {
  constexpr double a = -0.5;
  x = std::abs(x);
  if (x < 1.0) return ((a + 2.0) * x - (a + 3.0)) * x * x + 1;
  if (x < 2.0) return (((x - 5) * x + 8) * x - 4) * a;
  return 0.0;
}

// Where each output pixel takes its inputs from, and with which weights.
struct Taps {
  int most{};                         // weights for each output pixel, the rest of a row being 0
  std::vector<int> first;             // (out) first input pixel
  std::vector<int> count;             // (out) input pixels
  std::vector<std::int32_t> weights;  // (out, most), 1 is 2^22
};

// Weights in double precision, normalised to sum 1, then rounded away from zero at halves. The order of operations
// decides the last bits, so it is kept.
Taps MakeTaps(int in, int out) {
  const double scale = static_cast<double>(in) / out;
  const double stretch = std::max(scale, 1.0);
  const double support = 2.0 * stretch;
  const double inverse = 1.0 / stretch;
  Taps taps;
  taps.most = static_cast<int>(std::ceil(support)) * 2 + 1;
  taps.weights.assign(static_cast<std::size_t>(out) * static_cast<std::size_t>(taps.most), 0);
  std::vector<double> row(static_cast<std::size_t>(taps.most));
  for (int x = 0; x < out; ++x) {
    const double center = (x + 0.5) * scale;
    const int first = std::max(static_cast<int>(center - support + 0.5), 0);
    const int count = std::min(static_cast<int>(center + support + 0.5), in) - first;
    double sum = 0.0;
    for (int i = 0; i < count; ++i) {
      const double weight = Cubic((i + first - center + 0.5) * inverse);
      row[static_cast<std::size_t>(i)] = weight;
      sum += weight;
    }
    std::int32_t* const weights = taps.weights.data() + static_cast<std::ptrdiff_t>(x) * taps.most;
    for (int i = 0; i < count; ++i) {
      double weight = row[static_cast<std::size_t>(i)];
      if (sum != 0.0) weight /= sum;
      weights[i] = static_cast<std::int32_t>((weight < 0 ? -0.5 : 0.5) + weight * (1 << kPrecisionBits));
    }
    taps.first.push_back(first);
    taps.count.push_back(count);
  }
  return taps;
}

std::uint8_t Clip(std::int32_t sum) { return static_cast<std::uint8_t>(std::clamp(sum >> kPrecisionBits, 0, 255)); }

// One row of `in` pixels becomes one of `out`.
void ResizeRow(const std::uint8_t* source, const Taps& taps, int out, std::uint8_t* target) {
  for (int x = 0; x < out; ++x) {
    const auto index = static_cast<std::size_t>(x);
    const std::uint8_t* pixel = source + static_cast<std::ptrdiff_t>(taps.first[index]) * 3;
    const std::int32_t* weights = taps.weights.data() + static_cast<std::ptrdiff_t>(x) * taps.most;
    std::int32_t red = kHalf;
    std::int32_t green = kHalf;
    std::int32_t blue = kHalf;
    for (int i = 0; i < taps.count[index]; ++i, pixel += 3) {
      red += pixel[0] * weights[i];
      green += pixel[1] * weights[i];
      blue += pixel[2] * weights[i];
    }
    target[0] = Clip(red);
    target[1] = Clip(green);
    target[2] = Clip(blue);
    target += 3;
  }
}

// Columns are summed row by row, so that the inner loop runs along memory.
void ResizeColumns(const Image& source, const Taps& taps, Image& target) {
  const auto stride = static_cast<std::size_t>(source.width) * 3;
  std::vector<std::int32_t> sums(stride);
  for (int y = 0; y < target.height; ++y) {
    std::fill(sums.begin(), sums.end(), kHalf);
    const auto index = static_cast<std::size_t>(y);
    for (int i = 0; i < taps.count[index]; ++i) {
      const std::uint8_t* const row = source.rgb.data() + static_cast<std::size_t>(taps.first[index] + i) * stride;
      const std::int32_t weight =
          taps.weights[index * static_cast<std::size_t>(taps.most) + static_cast<std::size_t>(i)];
      for (std::size_t x = 0; x < stride; ++x) sums[x] += row[x] * weight;
    }
    std::uint8_t* const out = target.rgb.data() + index * stride;
    for (std::size_t x = 0; x < stride; ++x) out[x] = Clip(sums[x]);
  }
}

Image Blank(int height, int width) {
  Image image{height, width, {}};
  image.rgb.resize(image.ByteCount());
  return image;
}

Image ResizeWidth(const Image& image, int width) {
  if (width == image.width) return image;
  const Taps taps = MakeTaps(image.width, width);
  Image result = Blank(image.height, width);
  for (int y = 0; y < image.height; ++y) {
    const auto row = static_cast<std::size_t>(y);
    ResizeRow(image.rgb.data() + row * static_cast<std::size_t>(image.width) * 3, taps, width,
              result.rgb.data() + row * static_cast<std::size_t>(width) * 3);
  }
  return result;
}

Image ResizeHeight(const Image& image, int height) {
  if (height == image.height) return image;
  Image result = Blank(height, image.width);
  ResizeColumns(image, MakeTaps(image.height, height), result);
  return result;
}

// Because of the rounding between the passes their order shows in the result.
bool ColumnsFirst(const Image& image, ImageSize size) {
  return size.height < image.height && 2 * (image.width - size.width) < image.height - size.height;
}

}  // namespace

Image ResizeBicubic(const Image& image, ImageSize size) {
  DIVLA_CHECK(image.height >= 1 && image.width >= 1 && image.rgb.size() == image.ByteCount(), "a picture has pixels");
  DIVLA_CHECK(size.height >= 1 && size.width >= 1, "a picture has pixels");
  if (ColumnsFirst(image, size)) return ResizeWidth(ResizeHeight(image, size.height), size.width);
  return ResizeHeight(ResizeWidth(image, size.width), size.height);
}

}  // namespace divla
