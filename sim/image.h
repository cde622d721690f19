// A picture as a policy gets it. Standard types only: every folder may include this.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace divla {

// RGB, 8 bits a channel, row-major, top row first; rgb.size() == height * width * 3.
struct Image {
  int height{};  // pixels
  int width{};   // pixels
  std::vector<std::uint8_t> rgb;

  std::size_t ByteCount() const { return static_cast<std::size_t>(height) * static_cast<std::size_t>(width) * 3; }
  bool operator==(const Image&) const = default;
};

}  // namespace divla
