// The prompt of Qwen2-VL: chat template with its default system turn, one user turn with the images and then the
// instruction, and the generation prompt; with 3-D M-RoPE positions (Wang et al. 2024, Qwen2-VL, section 2.1).
#pragma once

#include <array>
#include <span>
#include <string_view>
#include <vector>

#include "policy/divla/text/tokenizer.h"

namespace divla {

// Tokens of one image after merging 2x2 patches, row-major.
struct ImageGrid {
  int height{};  // >= 1
  int width{};   // >= 1
};

struct TokenRange {
  int begin{};
  int end{};  // one past the last
};

struct Prompt {
  std::vector<int> ids;                       // (L)
  std::array<std::vector<int>, 3> positions;  // temporal, height, width; (L) each
  int next_position{};                        // of the first generated token, on all three axes
  std::vector<TokenRange> images;             // the image tokens of each image, in order
};

// `instruction` is used verbatim (UTF-8; special-token text inside it becomes special tokens). Throws InputError when
// it holds
// <|image_pad|>, which would stand for a picture that is not there, or is not UTF-8. Thread-safe.
Prompt BuildPrompt(const Tokenizer& tokenizer, std::string_view instruction, std::span<const ImageGrid> images);

}  // namespace divla
