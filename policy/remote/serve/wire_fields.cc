#include "policy/remote/serve/wire_fields.h"

#include <fmt/format.h>

#include <cmath>
#include <limits>

#include "policy/remote/wire/ndarray.h"
#include "policy/remote/wire/utf8.h"
#include "sim/check.h"

namespace divla::serve {
namespace {

constexpr std::size_t kMostOfKey = 60;  // bytes of a client's words in our answer

[[noreturn]] void Refuse(const std::string& path, const std::string& expected, const std::string& found) {
  throw InputError(
      fmt::format("observation: key '{}': expected {}, found {}", OneLine(path, kMostOfKey), expected, found));
}

double Number(const WireValue& value, const std::string& path) {
  if (const std::int64_t* integer = value.AsInt()) return static_cast<double>(*integer);
  if (const double* real = value.AsDouble()) return *real;
  Refuse(path, "numbers", value.KindName());
}

}  // namespace

const WireValue& Field(const WireValue& map, const std::string& key, const std::string& expected) {
  const WireValue* found = map.Find(key);
  if (found == nullptr) Refuse(key, expected, "none");
  return *found;
}

const std::string& TextField(const WireValue& map, const std::string& key) {
  const WireValue& value = Field(map, key, "text");
  if (value.AsText() == nullptr) Refuse(key, "text", value.KindName());
  return *value.AsText();
}

std::vector<float> Numbers(const WireValue& value, const std::string& path, std::size_t count) {
  std::vector<double> numbers;
  const NdArray* array = value.AsNdArray();
  if (array != nullptr && ParseDtype(array->dtype).kind != 'b') {
    if (array->ElementCount() != count) Refuse(path, fmt::format("{} numbers", count), value.KindName());
    numbers = ToDoubles(*array);
  } else if (const WireValue::Array* list = value.AsArray()) {
    if (list->size() != count) Refuse(path, fmt::format("{} numbers", count), fmt::format("{}", list->size()));
    for (const WireValue& item : *list) numbers.push_back(Number(item, path));
  } else {
    Refuse(path, fmt::format("{} numbers", count), value.KindName());
  }
  std::vector<float> narrow;
  for (const double number : numbers) {
    if (!(std::abs(number) <= std::numeric_limits<float>::max())) {
      Refuse(path, "finite numbers", fmt::format("{}", number));
    }
    narrow.push_back(static_cast<float>(number));
  }
  return narrow;
}

Image Picture(const WireValue& value, const std::string& path, Layout layout) {
  const std::string expected = layout == Layout::kRowsFirst ? "uint8 [height, width, 3]" : "uint8 [3, height, width]";
  const NdArray* array = value.AsNdArray();
  const std::size_t channel_axis = layout == Layout::kRowsFirst ? 2 : 0;
  if (array == nullptr || array->dtype != "|u1" || array->shape.size() != 3 || array->shape[channel_axis] != 3) {
    Refuse(path, expected, value.KindName());
  }
  const std::int64_t height = array->shape[layout == Layout::kRowsFirst ? 0 : 1];
  const std::int64_t width = array->shape[layout == Layout::kRowsFirst ? 1 : 2];
  if (height < 1 || width < 1 || height > kMostPixels || width > kMostPixels) {
    Refuse(path, fmt::format("1 to {} pixels on a side", kMostPixels), value.KindName());
  }
  Image image{static_cast<int>(height), static_cast<int>(width), {}};
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(array->data.data());
  if (layout == Layout::kRowsFirst) {
    image.rgb.assign(bytes, bytes + image.ByteCount());
    return image;
  }
  image.rgb.resize(image.ByteCount());
  const std::size_t plane = image.ByteCount() / 3;
  for (std::size_t pixel = 0; pixel < plane; ++pixel) {
    for (std::size_t channel = 0; channel < 3; ++channel)
      image.rgb[3 * pixel + channel] = bytes[channel * plane + pixel];
  }
  return image;
}

}  // namespace divla::serve
