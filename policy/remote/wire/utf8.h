// Whether bytes are text.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace divla {

// Well-formed UTF-8: no overlong forms, no surrogates, nothing above U+10FFFF. Empty text is.
bool IsUtf8(std::string_view text);

// For a message or a terminal: at most `max_bytes` of it and " ..." behind when it was longer, control characters and
// broken UTF-8 as '?', so the result is one line of UTF-8 whatever the peer sent.
std::string OneLine(std::string_view text, std::size_t max_bytes);

}  // namespace divla
