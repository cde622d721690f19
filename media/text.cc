#include "media/text.h"

#include <fmt/format.h>
#include <ft2build.h>
#include <utf8proc.h>

#include <utility>

#include "sim/check.h"
// FreeType's own way of naming its headers.
#include FT_FREETYPE_H
#include FT_OUTLINE_H

namespace divla {
namespace {

constexpr const char* kFontFile = DIVLA_FONT_FILE;
constexpr std::string_view kEllipsis = "\xE2\x80\xA6";
constexpr char32_t kReplacement = 0xFFFD;
constexpr FT_Int32 kLoad = FT_LOAD_NO_BITMAP | FT_LOAD_TARGET_LIGHT;  // light: letters keep their widths
constexpr long kQuarter = 16;                                         // of a pixel, in FreeType's 26.6 numbers

// Calls visit(character, its bytes) for each character of a text.
void ForEachCharacter(std::string_view text, const auto& visit) {
  while (!text.empty()) {
    utf8proc_int32_t point = 0;
    const auto read = utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                                       static_cast<utf8proc_ssize_t>(text.size()), &point);
    const std::size_t bytes = read > 0 ? static_cast<std::size_t>(read) : 1;
    auto character = read > 0 ? static_cast<char32_t>(point) : kReplacement;
    if (utf8proc_category(static_cast<utf8proc_int32_t>(character)) == UTF8PROC_CATEGORY_CC) character = U' ';
    visit(character, text.substr(0, bytes));
    text.remove_prefix(bytes);
  }
}

// Whether a byte is not the first one of its character.
bool IsInside(char byte) { return (static_cast<unsigned char>(byte) & 0xC0U) == 0x80U; }

std::uint8_t Blend(std::uint8_t under, std::uint8_t over, int cover) {
  return static_cast<std::uint8_t>((under * (255 - cover) + over * cover + 127) / 255);
}

}  // namespace

class Font::Face {
 public:
  explicit Face(int size) {
    Require(FT_Init_FreeType(&library_));
    if (const FT_Error error = FT_New_Face(library_, kFontFile, 0, &face_); error != 0) {
      FT_Done_FreeType(library_);
      Require(error);
    }
    FT_Set_Pixel_Sizes(face_, 0, static_cast<FT_UInt>(size));
  }
  ~Face() {
    FT_Done_Face(face_);
    FT_Done_FreeType(library_);
  }
  Face(const Face&) = delete;
  Face& operator=(const Face&) = delete;

  int Ascent() const { return static_cast<int>((face_->size->metrics.ascender + 63) / 64); }
  int LineHeight() const { return static_cast<int>((face_->size->metrics.height + 63) / 64); }

  // Calls visit(left edge) with each letter loaded, and answers where the next one would stand; in 1/64 pixels.
  long Walk(std::string_view text, const auto& visit) const {
    long pen = 0;
    FT_UInt last = 0;
    ForEachCharacter(text, [&](char32_t character, std::string_view) {
      const FT_UInt glyph = FT_Get_Char_Index(face_, character);
      FT_Vector kerning{};
      if (FT_Get_Kerning(face_, last, glyph, FT_KERNING_UNFITTED, &kerning) == 0) pen += kerning.x;
      last = glyph;
      if (FT_Load_Glyph(face_, glyph, kLoad) != 0) return;
      visit(pen);
      pen += face_->glyph->linearHoriAdvance >> 10;  // 16.16
    });
    return pen;
  }

  // The loaded letter as coverage, moved right by `fraction` / 64 of a pixel. Null: it cannot be drawn.
  FT_GlyphSlot Render(long fraction) const {
    if (face_->glyph->format == FT_GLYPH_FORMAT_OUTLINE) FT_Outline_Translate(&face_->glyph->outline, fraction, 0);
    return FT_Render_Glyph(face_->glyph, FT_RENDER_MODE_NORMAL) == 0 ? face_->glyph : nullptr;
  }

 private:
  static void Require(FT_Error error) {
    if (error == 0) return;
    throw MachineError(fmt::format("font {}: cannot be read (FreeType's error {}); it is in Debian's fonts-dejavu-core",
                                   kFontFile, error));
  }

  FT_Library library_{};
  FT_Face face_{};
};

Font::Font(int size) {
  DIVLA_CHECK(size >= 8 && size <= 200, "a font of 8 to 200 pixels");
  face_ = std::make_unique<Face>(size);
}

Font::~Font() = default;

int Font::LineHeight() const { return face_->LineHeight(); }

int Font::Width(std::string_view text) const {
  return static_cast<int>((face_->Walk(text, [](long) {}) + 63) / 64);
}

std::vector<std::string> Font::Wrap(std::string_view text, int width, int most) const {
  DIVLA_CHECK(width > 0 && most >= 1, "room for a line");
  std::vector<std::string> lines;
  std::string line, word;
  const auto put = [&](const std::string& more) {  // onto this line, or the next
    const std::string longer = line.empty() ? more : line + " " + more;
    if (line.empty() || Width(longer) <= width) {
      line = longer;
    } else {
      lines.push_back(std::exchange(line, more));
    }
  };
  const auto end_word = [&] {
    if (!word.empty()) put(std::exchange(word, {}));
  };
  ForEachCharacter(text, [&](char32_t character, std::string_view bytes) {
    if (character == U' ') return end_word();
    if (!word.empty() && Width(word + std::string(bytes)) > width) end_word();
    word += bytes;
  });
  end_word();
  if (!line.empty()) lines.push_back(line);
  if (lines.size() <= static_cast<std::size_t>(most)) return lines;
  lines.resize(static_cast<std::size_t>(most));
  std::string& last = lines.back();
  while (!last.empty() && Width(last + std::string(kEllipsis)) > width) {
    while (last.size() > 1 && IsInside(last.back())) last.pop_back();  // a whole character
    last.pop_back();
  }
  last += kEllipsis;
  return lines;
}

void Font::Draw(std::string_view text, int x, int y, TextColour colour, Image& picture) const {
  face_->Walk(text, [&](long pen) {
    const long place = (pen + kQuarter / 2) / kQuarter * kQuarter;
    const FT_GlyphSlot glyph = face_->Render(place % 64);
    if (glyph == nullptr) return;
    const FT_Bitmap& bitmap = glyph->bitmap;
    const int left = x + static_cast<int>(place / 64) + glyph->bitmap_left;
    const int top = y + face_->Ascent() - glyph->bitmap_top;
    for (int row = 0; row < static_cast<int>(bitmap.rows); ++row) {
      for (int column = 0; column < static_cast<int>(bitmap.width); ++column) {
        const int px = left + column, py = top + row;
        if (px < 0 || py < 0 || px >= picture.width || py >= picture.height) continue;
        const int cover = bitmap.buffer[row * bitmap.pitch + column];
        std::uint8_t* pixel = &picture.rgb[(static_cast<std::size_t>(py) * static_cast<std::size_t>(picture.width) +
                                            static_cast<std::size_t>(px)) *
                                           3];
        for (std::size_t channel = 0; channel < 3; ++channel) {
          pixel[channel] = Blend(pixel[channel], colour[channel], cover);
        }
      }
    }
  });
}

}  // namespace divla
