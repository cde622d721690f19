#include "tasks/vqa/answer.h"

#include <algorithm>

namespace divla {
namespace {

bool IsWordByte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || static_cast<unsigned char>(c) >= 0x80;
}

bool StandsAt(const std::vector<std::string>& words, std::size_t at, const std::vector<std::string>& phrase) {
  return at + phrase.size() <= words.size() &&
         std::equal(phrase.begin(), phrase.end(), words.begin() + static_cast<std::ptrdiff_t>(at));
}

struct Phrase {
  std::vector<std::string> words;
  bool accepted{};
};

}  // namespace

std::vector<std::string> SplitWords(std::string_view text) {
  std::vector<std::string> words;
  std::string word;
  for (std::size_t i = 0; i <= text.size(); ++i) {
    char c = i < text.size() ? text[i] : ' ';
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    const bool joint = (c == '-' || c == '\'') && !word.empty();
    if (IsWordByte(c) || joint) {
      word += c;
      continue;
    }
    while (!word.empty() && !IsWordByte(word.back())) word.pop_back();
    if (!word.empty()) words.push_back(word);
    word.clear();
  }
  return words;
}

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
