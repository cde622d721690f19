// Reads fields of a client's message. Each throws InputError with key, expected and found.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "policy/remote/wire/value.h"
#include "sim/image.h"

namespace divla::serve {

const WireValue& Field(const WireValue& map, const std::string& key, const std::string& expected);
const std::string& TextField(const WireValue& map, const std::string& key);

// `count` finite numbers: an array of numpy with that many elements, whatever its shape, or a list.
std::vector<float> Numbers(const WireValue& value, const std::string& path, std::size_t count);

enum class Layout { kRowsFirst, kChannelsFirst };  // [H, W, 3] or [3, H, W]
// uint8, at most kMostPixels on a side.
Image Picture(const WireValue& value, const std::string& path, Layout layout);
inline constexpr int kMostPixels = 4096;

}  // namespace divla::serve
