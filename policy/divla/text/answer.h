// The answer of a DiVLA policy as tokens: the reasoning, then two location tokens (row, column) for each view in which
// the embodiment writes where the object is, then "Next action:". <|im_end|> comes after it and is not part of it here.
// The trainer writes the same order (train/batch.cc).
#pragma once

#include <array>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "policy/divla/text/tokenizer.h"
#include "policy/policy.h"

namespace divla {

// An object that is out of view in a camera, or that `forced` says nothing of, gets bins 0, 0. Throws InputError when
// the text is not UTF-8 or writes a special token.
std::vector<int> AnswerTokens(const Tokenizer& tokenizer, const ForcedReasoning& forced,
                              std::span<const std::string> location_views);

// What the location tokens of an answer say, by view: the middle of their bins. A view whose bins are 0, 0 (out of
// view) is left out; an answer with another number of location tokens than two for each view says nothing.
std::map<std::string, std::array<float, 2>> AnswerPixels(const Tokenizer& tokenizer, std::span<const int> answer,
                                                         std::span<const std::string> location_views);

}  // namespace divla
