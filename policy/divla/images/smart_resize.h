// The size to which Qwen2-VL scales a picture before it cuts patches (Wang et al. 2024, Qwen2-VL, section 2.1; the
// function `smart_resize` of transformers 5 and 4.45).
#pragma once

#include <cstdint>

namespace divla {

struct ImageSize {
  int height{};  // pixels
  int width{};   // pixels
  bool operator==(const ImageSize&) const = default;
};

// Both sides become multiples of `factor` (patch times merge, 28; >= 1), the nearest one, halves to the even multiple
// as Python rounds. Then, where the area is past `max_pixels` (or short of `min_pixels`), both are scaled by the same
// number and rounded down (up) to multiples. Follows transformers 5: a side shorter than `factor` is fine (4.45 refused
// it), and a side is never scaled down below `factor` (4.45 let it become 0).
// Throws InputError when one side is over 200 times the other, or when the result would be empty: 5 lets a side that
// rounds to 0 pass where min_pixels is 0. Sides >= 1 (DIVLA_CHECK). Pure and thread-safe.
ImageSize SmartResize(ImageSize image, int factor, std::int64_t min_pixels, std::int64_t max_pixels);

}  // namespace divla
