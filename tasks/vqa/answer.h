// Does a free text answer a question? Whole words, any case: punctuation is a gap between words.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tasks/vqa/question.h"

namespace divla {

// True when the words of `phrase` stand in `text` one after the other.
bool SaysPhrase(std::string_view text, std::string_view phrase);

// True when the text says one of the accepted phrases and none of the wrong ones. Longer phrases are found first and
// their words are used up, so "silver pot" does not also say "pot", and "toy red car" is not taken for "car".
bool AnswersRightly(const Question& question, std::string_view text);

}  // namespace divla
