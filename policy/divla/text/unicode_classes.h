// The classes of characters that Qwen2's expression asks for, as the regular-expression engine of Hugging Face's
// tokenizers library (0.23, Oniguruma) has them: Unicode 16. Tables of our own, because a system's Unicode library may
// be older (utf8proc 2.8 knows Unicode 15: 5,004 letters and digits fewer) or newer. All pure and thread-safe.
#pragma once

#include <cstdint>

namespace divla {

bool IsLetter(std::uint32_t code);      // \p{L}
bool IsNumber(std::uint32_t code);      // \p{N}
bool IsWhiteSpace(std::uint32_t code);  // \s: the White_Space property; U+0085 is in it; U+180E, U+200B, U+FEFF are not

}  // namespace divla
