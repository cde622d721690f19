#include "tasks/vqa/colour_words.h"

#include <algorithm>

namespace divla {
namespace {

// Each row: the catalogue's word, then other words that a person looking at the object could use for it.
const std::vector<std::vector<std::string>>& Table() {
  static const std::vector<std::vector<std::string>> table{
      {"red"},
      {"dark red", "red", "maroon"},
      {"green"},
      {"dark green", "green"},
      {"lime", "green", "light green"},
      {"teal", "turquoise", "green", "blue"},
      {"blue"},
      {"light blue", "blue"},
      {"navy", "blue", "dark blue"},
      {"cyan", "turquoise", "light blue", "blue"},
      {"yellow"},
      {"orange"},
      {"peach", "orange"},
      {"golden", "gold", "yellow"},
      {"gold", "golden", "yellow"},
      {"white"},
      {"cream", "white", "beige"},
      {"beige", "tan", "cream"},
      {"tan", "beige", "brown"},
      {"brown"},
      {"light brown", "brown", "tan"},
      {"copper", "brown", "orange"},
      {"black"},
      {"grey", "gray"},
      {"dark grey", "dark gray", "grey", "gray", "black"},
      {"silver", "grey", "gray"},
      {"pink"},
      {"magenta", "pink", "purple"},
      {"purple", "violet"},
  };
  return table;
}

}  // namespace

std::vector<std::string> ColourNames(const std::string& colour) {
  for (const std::vector<std::string>& names : Table()) {
    if (names.front() == colour) return names;
  }
  return {};
}

std::vector<std::string> OtherColourNames(const std::string& colour) {
  const std::vector<std::string> right = ColourNames(colour);
  std::vector<std::string> others;
  for (const std::vector<std::string>& names : Table()) {
    for (const std::string& name : names) {
      const bool known = std::find(others.begin(), others.end(), name) != others.end();
      if (!known && std::find(right.begin(), right.end(), name) == right.end()) others.push_back(name);
    }
  }
  return others;
}

}  // namespace divla
