#include "policy/divla/text/pretokenize.h"

#include <fmt/format.h>
#include <utf8proc.h>

#include <array>
#include <cstdint>

#include "policy/divla/text/unicode_classes.h"
#include "sim/check.h"

namespace divla {
namespace {

// A character of the text with the properties that the expression asks for.
struct Character {
  std::uint32_t code{};
  std::size_t begin{};  // byte offset in the text
  bool letter{};        // \p{L}
  bool number{};        // \p{N}
  bool space{};         // \s, the White_Space property
  bool newline{};       // \r or \n
  bool Symbol() const { return !letter && !number && !space; }
};

Character Classify(std::uint32_t code, std::size_t begin) {
  Character character;
  character.code = code;
  character.begin = begin;
  character.letter = IsLetter(code);
  character.number = IsNumber(code);
  character.space = IsWhiteSpace(code);
  character.newline = code == '\r' || code == '\n';
  return character;
}

std::vector<Character> Characters(std::string_view text) {
  std::vector<Character> characters;
  std::size_t at = 0;
  while (at < text.size()) {
    utf8proc_int32_t code = 0;
    const utf8proc_ssize_t size = utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(text.data()) + at,
                                                   static_cast<utf8proc_ssize_t>(text.size() - at), &code);
    if (size <= 0) throw InputError(fmt::format("text: expected UTF-8, found a broken sequence at byte {}", at));
    characters.push_back(Classify(static_cast<std::uint32_t>(code), at));
    at += static_cast<std::size_t>(size);
  }
  return characters;
}

// The alternatives of the expression, each a function from a start to the end of its match; end == start: no match.
class Matcher {
 public:
  explicit Matcher(const std::vector<Character>& characters) : text_(characters) {}

  std::size_t Match(std::size_t start) const {
    for (const auto alternative : {&Matcher::Contraction, &Matcher::Letters, &Matcher::Digit, &Matcher::Symbols,
                                   &Matcher::WhitespaceToNewline, &Matcher::Whitespace}) {
      const std::size_t end = (this->*alternative)(start);
      if (end > start) return end;
    }
    DIVLA_CHECK(false, "every character belongs to an alternative");
  }

 private:
  // Case folding takes the long s (U+017F) for an s.
  std::uint32_t Lower(std::size_t at) const {
    if (at >= text_.size()) return 0;
    const std::uint32_t code = text_[at].code;
    if (code == 0x17F) return 's';
    return code >= 'A' && code <= 'Z' ? code + ('a' - 'A') : code;
  }

  std::size_t Contraction(std::size_t start) const {
    if (text_[start].code != '\'') return start;
    const std::uint32_t first = Lower(start + 1);
    const std::uint32_t second = Lower(start + 2);
    if (first == 's' || first == 't' || first == 'm' || first == 'd') return start + 2;
    if ((first == 'r' && second == 'e') || (first == 'v' && second == 'e') || (first == 'l' && second == 'l')) {
      return start + 3;
    }
    return start;
  }

  std::size_t Letters(std::size_t start) const {
    const Character& first = text_[start];
    std::size_t end = start;
    if (!first.letter && !first.number && !first.newline) ++end;
    const std::size_t letters = end;
    while (end < text_.size() && text_[end].letter) ++end;
    return end > letters ? end : start;
  }

  std::size_t Digit(std::size_t start) const { return text_[start].number ? start + 1 : start; }

  std::size_t Symbols(std::size_t start) const {
    std::size_t end = text_[start].code == ' ' ? start + 1 : start;
    const std::size_t symbols = end;
    while (end < text_.size() && text_[end].Symbol()) ++end;
    if (end == symbols) return start;
    while (end < text_.size() && text_[end].newline) ++end;
    return end;
  }

  std::size_t SpaceRun(std::size_t start) const {
    std::size_t end = start;
    while (end < text_.size() && text_[end].space) ++end;
    return end;
  }

  // \s*[\r\n]+ gives back whitespace until a newline is last.
  std::size_t WhitespaceToNewline(std::size_t start) const {
    std::size_t end = SpaceRun(start);
    while (end > start && !text_[end - 1].newline) --end;
    return end;
  }

  // \s+(?!\S)|\s+ leaves the last space to the word that follows, unless it is the only one.
  std::size_t Whitespace(std::size_t start) const {
    const std::size_t end = SpaceRun(start);
    return end < text_.size() && end - start >= 2 ? end - 1 : end;
  }

  const std::vector<Character>& text_;
};

std::string EncodeUtf8(std::uint32_t code) {
  std::array<utf8proc_uint8_t, 4> bytes{};
  const auto size = utf8proc_encode_char(static_cast<utf8proc_int32_t>(code), bytes.data());
  return {reinterpret_cast<const char*>(bytes.data()), static_cast<std::size_t>(size)};
}

// Bytes that are printable in Latin-1 stand for themselves; the others take the code points from 256 on, in order.
std::array<std::uint32_t, 256> PrintableCodes() {
  std::array<std::uint32_t, 256> codes{};
  std::uint32_t next = 256;
  for (std::uint32_t byte = 0; byte < 256; ++byte) {
    const bool printable = (byte >= '!' && byte <= '~') || (byte >= 0xA1 && byte <= 0xAC) || byte >= 0xAE;
    codes[byte] = printable ? byte : next++;
  }
  return codes;
}

}  // namespace

std::vector<std::string_view> PreTokenize(std::string_view text) {
  const std::vector<Character> characters = Characters(text);
  const Matcher matcher(characters);
  std::vector<std::string_view> words;
  std::size_t at = 0;
  while (at < characters.size()) {
    const std::size_t end = matcher.Match(at);
    const std::size_t first = characters[at].begin;
    const std::size_t last = end < characters.size() ? characters[end].begin : text.size();
    words.push_back(text.substr(first, last - first));
    at = end;
  }
  return words;
}

std::string BytesToPrintable(std::string_view bytes) {
  static const std::array<std::uint32_t, 256> codes = PrintableCodes();
  std::string text;
  for (const char byte : bytes) text += EncodeUtf8(codes[static_cast<unsigned char>(byte)]);
  return text;
}

bool PrintableToBytes(std::string_view text, std::string& bytes) {
  // By code point, all of which are below 512; -1: stands for no byte.
  static const std::array<int, 512> table = [] {
    std::array<int, 512> result{};
    result.fill(-1);
    const std::array<std::uint32_t, 256> codes = PrintableCodes();
    for (std::size_t byte = 0; byte < codes.size(); ++byte) result[codes[byte]] = static_cast<int>(byte);
    return result;
  }();
  bytes.clear();
  std::size_t at = 0;
  while (at < text.size()) {
    utf8proc_int32_t code = 0;
    const utf8proc_ssize_t size = utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(text.data()) + at,
                                                   static_cast<utf8proc_ssize_t>(text.size() - at), &code);
    const bool inside = size > 0 && static_cast<std::size_t>(code) < table.size();
    const int byte = inside ? table[static_cast<std::size_t>(code)] : -1;
    if (byte < 0) return false;
    bytes += static_cast<char>(byte);
    at += static_cast<std::size_t>(size);
  }
  return true;
}

std::string ReplaceInvalidUtf8(std::string_view bytes) {
  const auto byte_at = [&](std::size_t at) -> unsigned { return static_cast<unsigned char>(bytes[at]); };
  std::string text;
  std::size_t at = 0;
  while (at < bytes.size()) {
    const unsigned lead = byte_at(at);
    const std::size_t size = lead < 0x80   ? 1
                             : lead < 0xC2 ? 0
                             : lead < 0xE0 ? 2
                             : lead < 0xF0 ? 3
                             : lead < 0xF5 ? 4
                                           : 0;
    // The second byte has a narrower range after some leads: no overlong forms, no surrogates, nothing past U+10FFFF.
    const unsigned low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
    const unsigned high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
    std::size_t good = 1;
    while (good < size && at + good < bytes.size() && byte_at(at + good) >= (good == 1 ? low : 0x80) &&
           byte_at(at + good) <= (good == 1 ? high : 0xBF)) {
      ++good;
    }
    if (size > 0 && good == size) {
      text += bytes.substr(at, good);
    } else {
      text += "\xEF\xBF\xBD";
    }
    at += good;
  }
  return text;
}

}  // namespace divla
