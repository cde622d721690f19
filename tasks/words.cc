#include "tasks/words.h"

namespace divla {
namespace {

bool IsWordByte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || static_cast<unsigned char>(c) >= 0x80;
}

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

}  // namespace divla
