#include "harness/command_words.h"

#include <algorithm>

namespace divla {
namespace {

bool IsPlain(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("_-./:=,+@%").find(c) != std::string_view::npos;
}

std::string Quoted(const std::string& word) {
  if (!word.empty() && std::all_of(word.begin(), word.end(), IsPlain)) return word;
  std::string quoted = "'";
  for (const char c : word) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
}

}  // namespace

std::string ShellCommand(const std::vector<std::string>& words) {
  std::string text;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i > 0) text += ' ';
    text += i == 0 && words[i] == "divla" ? "./divla" : Quoted(words[i]);
  }
  return text;
}

std::vector<std::string> WithoutOption(const std::vector<std::string>& words, const std::string& name) {
  std::vector<std::string> rest;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (words[i] == name) {
      ++i;  // its value
    } else if (!words[i].starts_with(name + "=")) {
      rest.push_back(words[i]);
    }
  }
  return rest;
}

std::vector<std::string> WithoutFlag(const std::vector<std::string>& words, const std::string& name) {
  std::vector<std::string> rest;
  std::copy_if(words.begin(), words.end(), std::back_inserter(rest), [&](const std::string& w) { return w != name; });
  return rest;
}

std::vector<std::string> WithOption(const std::vector<std::string>& words, const std::string& name,
                                    const std::string& value) {
  std::vector<std::string> changed = words;
  for (std::size_t i = 0; i < changed.size(); ++i) {
    if (changed[i] == name && i + 1 < changed.size()) {
      changed[i + 1] = value;
      return changed;
    }
    if (changed[i].starts_with(name + "=")) {
      changed[i] = name + "=" + value;
      return changed;
    }
  }
  changed.push_back(name);
  changed.push_back(value);
  return changed;
}

std::vector<std::string> WithFlag(const std::vector<std::string>& words, const std::string& name) {
  std::vector<std::string> changed = WithoutFlag(words, name);
  changed.push_back(name);
  return changed;
}

}  // namespace divla
