// The answer of a DiVLA policy as tokens: the reasoning, then two location tokens (row, column) for each view in which
// the embodiment writes where the object is, then "Next action:". <|im_end|> comes after it and is not part of it here.
// The trainer and a forced reasoning compose it here alike. The released policies, which write no locations, do not
// (hf/hf_policy.cc).
#pragma once

#include <array>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "policy/divla/text/tokenizer.h"

namespace divla {

// The tokens of a text that somebody puts into a policy's mouth. Throws InputError when it is not UTF-8 or writes a
// special token: that would end or bend the answer without a word.
std::vector<int> PlainTokens(const Tokenizer& tokenizer, const std::string& text);

// text: the reasoning's tokens. pixels: by view, where the object is, (u, v) as fractions of the side; one that is out of
// view (null) or that it says nothing of gets bins 0, 0.
std::vector<int> AnswerTokens(const Tokenizer& tokenizer, std::span<const int> text,
                              const std::map<std::string, std::optional<std::array<float, 2>>>& pixels,
                              std::span<const std::string> location_views);

// What the location tokens of an answer say, by view: the middle of their bins. A view whose bins are 0, 0 (out of
// view) is left out; an answer with another number of location tokens than two for each view says nothing.
std::map<std::string, std::array<float, 2>> AnswerPixels(const Tokenizer& tokenizer, std::span<const int> answer,
                                                         std::span<const std::string> location_views);

}  // namespace divla
