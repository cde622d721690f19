// Learns a byte-pair vocabulary from texts with counts (Sennrich et al. 2016, on bytes). Deterministic: the most
// frequent pair is merged first; among equals the one with the smaller left bytes, then right bytes.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "policy/divla/text/tokenizer.h"

namespace divla {

struct CountedText {
  std::string text;       // UTF-8
  std::int64_t count{1};  // >= 1
};

// `vocab_size` counts everything: 256 bytes, merges, special tokens; fewer come out when no pair occurs twice any more.
// Special-token text inside a text is left out of the counts. Byte and merge tokens get ids 0 .. n-1, special tokens
// follow in the order given. Throws InputError when a text is not UTF-8.
Tokenizer TrainBpe(std::span<const CountedText> texts, int vocab_size, std::span<const std::string> special_tokens);

}  // namespace divla
