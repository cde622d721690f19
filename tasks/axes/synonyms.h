// Held-out synonyms, assets/language/synonyms.json:
//   {"format": "divla-synonyms", "version": 1, "synonyms": {"pick up": ["grab"], "cube": ["block"], ...}}
// No text of training says one of them (tests/tasks/training_text_test.cc).
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace divla {

struct Synonym {
  std::string phrase;               // lower case, whole words
  std::vector<std::string> others;  // at least one
};

// Longest phrases first. Throws InputError with file and key.
std::vector<Synonym> ReadSynonyms(const std::filesystem::path& file);

// The shipped list, read once (thread-safe).
const std::vector<Synonym>& Synonyms();

}  // namespace divla
