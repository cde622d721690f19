// Labels in pictures: a small bitmap font of our own, so that a contact sheet needs no font library.
#pragma once

#include <string_view>

#include "sim/image.h"

namespace divla {

inline constexpr int kGlyphWidth = 4;   // pixels from one letter to the next
inline constexpr int kGlyphHeight = 5;  // pixels

// Writes `text` in dark grey with the top left corner at (x, y). Small letters, digits, '_' and '-'; anything else is a
// gap. What falls outside the picture is cut off.
void DrawLabel(Image& image, int x, int y, std::string_view text);

}  // namespace divla
