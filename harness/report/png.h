// Pictures as PNG bytes, for the frames of a run folder and for report.html. By libpng; no time stamp and no text
// chunk, so the same picture gives the same bytes with one libpng and zlib. Thread-safe.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "sim/image.h"

namespace divla {

// `image` must be at least 1x1 with rgb.size() == ByteCount().
std::vector<std::byte> EncodePng(const Image& image);

// Any PNG comes back as 8-bit RGB, transparency on black. Throws InputError ("<where>: expected a PNG picture, found
// ...") for damaged bytes and for pictures of more than 64 million pixels.
Image DecodePng(std::span<const std::byte> bytes, const std::string& where);

// The picture at half the height and width (rounded down, at least 1x1), each pixel the rounded mean of four.
Image HalfSize(const Image& image);

}  // namespace divla
