#include "policy/remote/wire/utf8.h"

#include <utf8proc.h>

namespace divla {
namespace {

// The character at the front of `text` (not empty): its bytes, 0 when they are no UTF-8.
std::size_t FirstCharacter(std::string_view text, utf8proc_int32_t* code) {
  const utf8proc_ssize_t size = utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                                                 static_cast<utf8proc_ssize_t>(text.size()), code);
  return size > 0 ? static_cast<std::size_t>(size) : 0;
}

}  // namespace

bool IsUtf8(std::string_view text) {
  while (!text.empty()) {
    utf8proc_int32_t code{};
    const std::size_t size = FirstCharacter(text, &code);
    if (size == 0) return false;
    text.remove_prefix(size);
  }
  return true;
}

std::string OneLine(std::string_view text, std::size_t max_bytes) {
  std::string line;
  while (!text.empty()) {
    utf8proc_int32_t code{};
    const std::size_t size = FirstCharacter(text, &code);
    const bool printable = size > 0 && utf8proc_category(code) != UTF8PROC_CATEGORY_CC;
    const std::string_view shown =
        printable ? text.substr(0, size) : std::string_view(code == '\n' && size > 0 ? " " : "?");
    if (line.size() + shown.size() > max_bytes) return line + " ...";
    line += shown;
    text.remove_prefix(size > 0 ? size : 1);
  }
  return line;
}

}  // namespace divla
