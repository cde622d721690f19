// Words and texts, as the axes of language handle them.
#pragma once

#include <string>
#include <vector>

#include "sim/rng.h"

namespace divla {

// Fewest insertions, deletions and substitutions that turn one sequence into the other (Levenshtein 1966).
int EditDistance(const std::vector<std::string>& from, const std::vector<std::string>& to);

// Edit distance by words, over the longer text's word count: 0 the same words, 1 none in common.
double WordDistance(const std::string& from, const std::string& to);

// Where the phrase stands in the text as whole words, whatever the case; npos where it does not.
std::size_t FindPhrase(const std::string& text, const std::string& phrase, std::size_t first = 0);

// Replaces every occurrence of the first of `phrases` that occurs at all. The text as it is when none does.
std::string ReplaceFirstPhrase(const std::string& text, const std::vector<std::string>& phrases,
                               const std::string& replacement);

// An index into a sorted list of `count` (at least 1): one of its `level`-th fifth, rounded to whole entries so that no
// fifth is empty and none begins before the one below it.
std::size_t DrawOfFifth(Rng& rng, std::size_t count, int level);

}  // namespace divla
