#include "harness/report/pixel_font.h"

#include <array>
#include <cstdint>

namespace divla {
namespace {

constexpr std::uint8_t kInk = 40;  // of 255

// Five rows of three pixels each; the highest bit of a row is its left pixel.
using Glyph = std::array<std::uint8_t, kGlyphHeight>;

constexpr std::array<Glyph, 26> kLetters{{
    {2, 5, 7, 5, 5}, {6, 5, 6, 5, 6}, {3, 4, 4, 4, 3}, {6, 5, 5, 5, 6}, {7, 4, 6, 4, 7}, {7, 4, 6, 4, 4},
    {3, 4, 5, 5, 3}, {5, 5, 7, 5, 5}, {7, 2, 2, 2, 7}, {1, 1, 1, 5, 2}, {5, 5, 6, 5, 5}, {4, 4, 4, 4, 7},
    {5, 7, 7, 5, 5}, {6, 5, 5, 5, 5}, {2, 5, 5, 5, 2}, {6, 5, 6, 4, 4}, {2, 5, 5, 6, 3}, {6, 5, 6, 5, 5},
    {3, 4, 2, 1, 6}, {7, 2, 2, 2, 2}, {5, 5, 5, 5, 7}, {5, 5, 5, 5, 2}, {5, 5, 7, 7, 5}, {5, 5, 2, 5, 5},
    {5, 5, 2, 2, 2}, {7, 1, 2, 4, 7},
}};
constexpr std::array<Glyph, 10> kDigits{{
    {7, 5, 5, 5, 7},
    {2, 6, 2, 2, 7},
    {6, 1, 2, 4, 7},
    {6, 1, 2, 1, 6},
    {5, 5, 7, 1, 1},
    {7, 4, 6, 1, 6},
    {3, 4, 7, 5, 7},
    {7, 1, 2, 2, 2},
    {7, 5, 7, 5, 7},
    {7, 5, 7, 1, 6},
}};

Glyph GlyphOf(char c) {
  if (c >= 'a' && c <= 'z') return kLetters[static_cast<std::size_t>(c - 'a')];
  if (c >= '0' && c <= '9') return kDigits[static_cast<std::size_t>(c - '0')];
  if (c == '_') return {0, 0, 0, 0, 7};
  if (c == '-') return {0, 0, 7, 0, 0};
  return {};
}

}  // namespace

void DrawLabel(Image& image, int x, int y, std::string_view text) {
  for (const char c : text) {
    const Glyph glyph = GlyphOf(c);
    for (int row = 0; row < kGlyphHeight; ++row) {
      for (int column = 0; column < 3; ++column) {
        const int px = x + column;
        const int py = y + row;
        if ((glyph[static_cast<std::size_t>(row)] >> (2 - column) & 1) == 0) continue;
        if (px < 0 || py < 0 || px >= image.width || py >= image.height) continue;
        for (int channel = 0; channel < 3; ++channel) {
          image.rgb[static_cast<std::size_t>(3 * (py * image.width + px) + channel)] = kInk;
        }
      }
    }
    x += kGlyphWidth;
  }
}

}  // namespace divla
