#include "tasks/axes/text.h"

#include <algorithm>

#include "tasks/words.h"

namespace divla {
namespace {

char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }
bool IsInside(char c) {
  const char lower = Lower(c);
  return (lower >= 'a' && lower <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '\'';
}

}  // namespace

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
  const std::vector<std::string> a = SplitWords(from);
  const std::vector<std::string> b = SplitWords(to);
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
