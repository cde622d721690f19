#include "tasks/vqa/answer.h"

#include <algorithm>

#include "tasks/words.h"

namespace divla {
namespace {

bool StandsAt(const std::vector<std::string>& words, std::size_t at, const std::vector<std::string>& phrase) {
  return at + phrase.size() <= words.size() &&
         std::equal(phrase.begin(), phrase.end(), words.begin() + static_cast<std::ptrdiff_t>(at));
}

struct Phrase {
  std::vector<std::string> words;
  bool accepted{};
};

}  // namespace

bool SaysPhrase(std::string_view text, std::string_view phrase) {
  const std::vector<std::string> words = SplitWords(text);
  const std::vector<std::string> wanted = SplitWords(phrase);
  if (wanted.empty()) return false;
  for (std::size_t at = 0; at < words.size(); ++at) {
    if (StandsAt(words, at, wanted)) return true;
  }
  return false;
}

bool AnswersRightly(const Question& question, std::string_view text) {
  std::vector<Phrase> phrases;
  for (const std::string& phrase : question.accepted) phrases.push_back({SplitWords(phrase), true});
  for (const std::string& phrase : question.wrong) phrases.push_back({SplitWords(phrase), false});
  std::stable_sort(phrases.begin(), phrases.end(),
                   [](const Phrase& a, const Phrase& b) { return a.words.size() > b.words.size(); });
  std::vector<std::string> words = SplitWords(text);
  bool right = false;
  for (const Phrase& phrase : phrases) {
    if (phrase.words.empty()) continue;
    for (std::size_t at = 0; at < words.size(); ++at) {
      if (!StandsAt(words, at, phrase.words)) continue;
      if (!phrase.accepted) return false;
      right = true;
      // Used up: an empty word is no word of any phrase.
      std::fill_n(words.begin() + static_cast<std::ptrdiff_t>(at), phrase.words.size(), std::string());
    }
  }
  return right;
}

}  // namespace divla
