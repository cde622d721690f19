#include "tasks/axes/text.h"

#include <algorithm>
#include <cctype>

namespace divla {
namespace {

bool IsInside(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '\''; }
char Lower(char c) { return static_cast<char>(std::tolower(static_cast<unsigned char>(c))); }

}  // namespace

std::vector<std::string> WordsOf(const std::string& text) {
  std::vector<std::string> words;
  bool open = false;
  for (const char c : text) {
    if (!IsInside(c)) {
      open = false;
      continue;
    }
    if (!open) words.emplace_back();
    words.back() += Lower(c);
    open = true;
  }
  return words;
}

int EditDistance(const std::vector<std::string>& from, const std::vector<std::string>& to) {
  std::vector<int> row(to.size() + 1);
  for (std::size_t j = 0; j < row.size(); ++j) row[j] = static_cast<int>(j);
  for (std::size_t i = 1; i <= from.size(); ++i) {
    int diagonal = row[0];
    row[0] = static_cast<int>(i);
    for (std::size_t j = 1; j <= to.size(); ++j) {
      const int substituted = diagonal + (from[i - 1] == to[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, substituted});
    }
  }
  return row.back();
}

double WordDistance(const std::string& from, const std::string& to) {
  const std::vector<std::string> a = WordsOf(from);
  const std::vector<std::string> b = WordsOf(to);
  const std::size_t longest = std::max(a.size(), b.size());
  return longest == 0 ? 0.0 : static_cast<double>(EditDistance(a, b)) / static_cast<double>(longest);
}

std::size_t FindPhrase(const std::string& text, const std::string& phrase, std::size_t first) {
  for (std::size_t i = first; i + phrase.size() <= text.size(); ++i) {
    const bool begins = i == 0 || !IsInside(text[i - 1]);
    const std::size_t end = i + phrase.size();
    const bool ends = end == text.size() || !IsInside(text[end]);
    if (begins && ends &&
        std::equal(phrase.begin(), phrase.end(), text.begin() + static_cast<std::ptrdiff_t>(i),
                   [](char a, char b) { return Lower(a) == Lower(b); })) {
      return i;
    }
  }
  return std::string::npos;
}

std::string ReplaceFirstPhrase(const std::string& text, const std::vector<std::string>& phrases,
                               const std::string& replacement) {
  for (const std::string& phrase : phrases) {
    std::string result = text;
    std::size_t at = FindPhrase(result, phrase);
    if (at == std::string::npos) continue;
    while (at != std::string::npos) {
      result.replace(at, phrase.size(), replacement);
      at = FindPhrase(result, phrase, at + replacement.size());
    }
    return result;
  }
  return text;
}

std::size_t DrawOfFifth(Rng& rng, std::size_t count, int level) {
  const auto fifth = static_cast<std::size_t>(level);
  const std::size_t low = (fifth - 1) * count / 5;
  const std::size_t high = std::max(low + 1, (fifth * count + 4) / 5);
  return low + static_cast<std::size_t>(rng.Int(static_cast<int>(high - low)));
}

}  // namespace divla
