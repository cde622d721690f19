// The words with which every answer ends, before its end token (released DiVLA code; divla.md 1.3).
#pragma once

#include <string>
#include <string_view>

namespace divla {

// As a DiVLA checkpoint writes them, parted from the reasoning or its location tokens.
inline constexpr std::string_view kSpacedNextAction = " Next action:";
// As the released policies do.
inline constexpr std::string_view kNextAction = kSpacedNextAction.substr(1);

// The answer's text without them and the spaces before them: the reasoning.
inline std::string WithoutNextAction(std::string text) {
  if (text.ends_with(kNextAction)) text.resize(text.size() - kNextAction.size());
  while (!text.empty() && text.back() == ' ') text.pop_back();
  return text;
}

}  // namespace divla
