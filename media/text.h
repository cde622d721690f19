// Text in pictures: antialiased, any language that the font has (DejaVu Sans: Latin, Greek, Cyrillic and more; a box for
// other characters). By FreeType; the same text gives the same pixels with one FreeType and font file.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "sim/image.h"

namespace divla {

using TextColour = std::array<std::uint8_t, 3>;  // red, green, blue

// A font in one size. Texts are UTF-8: a byte that is none is drawn as U+FFFD, a line break or other control character
// as a space. An object belongs to one thread at a time.
class Font {
 public:
  // `size`: pixels from one line's letters to the next's, without the gap; 8 to 200. Throws MachineError naming the font
  // file when it cannot be read.
  explicit Font(int size);
  ~Font();
  Font(const Font&) = delete;
  Font& operator=(const Font&) = delete;

  int LineHeight() const;                  // pixels from line to line
  int Width(std::string_view text) const;  // pixels, rounded up
  // `text` in lines of at most `width` pixels, broken at spaces, or within a word that is longer than a line; at most
  // `most` lines, the last with an ellipsis when there is more. No line for an empty text.
  std::vector<std::string> Wrap(std::string_view text, int width, int most) const;
  // One line whose top left corner is at (x, y); what lies outside the picture is left out.
  void Draw(std::string_view text, int x, int y, TextColour colour, Image& picture) const;

 private:
  class Face;
  std::unique_ptr<Face> face_;
};

}  // namespace divla
