// Texts as words.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace divla {

// Lower-case ASCII letters, digits and bytes from 128 on make words, also with hyphens and apostrophes inside; the rest
// parts them.
std::vector<std::string> SplitWords(std::string_view text);

}  // namespace divla
