// The steps before byte-pair merging, as Qwen2 has them, and GPT-2's printable names for bytes. All pure and
// thread-safe.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace divla {

// Unicode normal form C by the tables of Unicode 9, as the tokenizers library has it (0.23). Throws InputError when
// `text` is not UTF-8.
std::string NormalizeNfc(std::string_view text);

// Splits UTF-8 text into words by Qwen2's expression; the words joined are the text again. Alternatives, first match
// wins:
//   (?i:'s|'t|'re|'ve|'m|'ll|'d) | [^\r\n\p{L}\p{N}]?\p{L}+ | \p{N} | ?[^\s\p{L}\p{N}]+[\r\n]* | \s*[\r\n]+ | \s+(?!\S)
//   | \s+
// (the fourth one starts with an optional space).
std::vector<std::string_view> PreTokenize(std::string_view text);

// GPT-2's table: every byte has a printable character, so that vocabularies are readable text files.
std::string BytesToPrintable(std::string_view bytes);
// The inverse; false when `text` holds a character that stands for no byte.
bool PrintableToBytes(std::string_view text, std::string& bytes);

// Broken sequences become U+FFFD, one for each maximal broken part (as Python's errors="replace").
std::string ReplaceInvalidUtf8(std::string_view bytes);

}  // namespace divla
