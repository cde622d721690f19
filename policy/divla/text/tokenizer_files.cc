// Tokenizer::Load and Tokenizer::Save: Hugging Face's vocab.json, merges.txt, added_tokens.json, tokenizer_config.json.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "policy/divla/text/pretokenize.h"
#include "policy/divla/text/tokenizer.h"
#include "policy/divla/text/tokenizer_parts.h"
#include "policy/file_io.h"
#include "sim/check.h"

namespace divla {
namespace {

using nlohmann::json;
namespace fs = std::filesystem;

json ParseObject(const std::string& path) {
  json value = json::parse(ReadFile(path), nullptr, /*allow_exceptions=*/false);
  if (!value.is_object()) throw InputError(fmt::format("file {}: expected a JSON object", path));
  return value;
}

// merges.txt: an optional "#version" line, then "left right" in order of rank.
void LoadMerges(const std::string& path, TokenizerParts& parts) {
  const std::string text = ReadFile(path);
  int line_number = 0;
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    std::string_view line(text.data() + at, end - at);
    at = end + 1;
    ++line_number;
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.empty() || (line_number == 1 && line.starts_with("#version"))) continue;
    const std::size_t space = line.find(' ');
    const std::string place = fmt::format("line {}", line_number);
    if (space == std::string_view::npos) {
      throw InputError(fmt::format("file {}: {}: expected two tokens, found '{}'", path, place, line));
    }
    parts.AddMerge(path, place, line.substr(0, space), line.substr(space + 1));
  }
}

// tokenizer_config.json: "added_tokens_decoder": {"id": {"content": name, flags}}. Without it, added_tokens.json:
// name -> id.
std::map<std::string, AddedToken> LoadAdded(const std::string& folder) {
  std::map<std::string, AddedToken> added;
  const std::string path = (fs::path(folder) / "added_tokens.json").string();
  const std::string config = (fs::path(folder) / "tokenizer_config.json").string();
  const bool has_names = fs::exists(path);
  const json parsed = fs::exists(config) ? ParseObject(config) : json::object();
  const auto decoder = parsed.find("added_tokens_decoder");
  if (decoder == parsed.end() && (has_names || parsed.empty())) {
    const json names = ParseObject(path);
    for (const auto& [key, value] : names.items()) added[key] = {.id = ParseTokenId(path, key, value)};
    return added;
  }
  if (decoder == parsed.end() || !decoder->is_object()) {
    throw InputError(fmt::format("file {}: key 'added_tokens_decoder': expected an object", config));
  }
  for (const auto& [key, value] : decoder->items()) {
    const std::string where = "added_tokens_decoder." + key;
    int id = -1;
    const auto [end, error] = std::from_chars(key.data(), key.data() + key.size(), id);
    if (error != std::errc() || end != key.data() + key.size() || id < 0) {
      throw InputError(fmt::format("file {}: key '{}': expected an id with a 'content' text", config, where));
    }
    const auto [name, token] =
        ParseAddedToken(config, where, ParseTokenId(config, where, static_cast<unsigned>(id)), value);
    if (!added.emplace(name, token).second) {
      throw InputError(
          fmt::format("file {}: key '{}': expected every token once, found '{}' again", config, where, name));
    }
  }
  return added;
}

}  // namespace

Tokenizer Tokenizer::Load(const std::string& folder) {
  const std::string whole = (fs::path(folder) / "tokenizer.json").string();
  if (fs::exists(whole)) return LoadTokenizerJson(whole);
  const std::string vocab = (fs::path(folder) / "vocab.json").string();
  const json ids = ParseObject(vocab);
  std::map<std::string, AddedToken> added = LoadAdded(folder);
  TokenizerParts parts(vocab, ids, added);
  LoadMerges((fs::path(folder) / "merges.txt").string(), parts);
  return std::move(parts).Finish("folder " + folder, std::move(added));
}

void Tokenizer::Save(const std::string& folder) const {
  json vocab = json::object();
  for (std::size_t id = 0; id < tokens_.size(); ++id) {
    if (!tokens_[id].empty()) vocab[BytesToPrintable(tokens_[id])] = id;
  }
  std::string merges = "#version: 0.2\n";
  for (const auto& [left, right] : merge_list_) {
    merges += BytesToPrintable(tokens_[static_cast<std::size_t>(left)]) + ' ' +
              BytesToPrintable(tokens_[static_cast<std::size_t>(right)]) + '\n';
  }
  json names = json::object();
  json flags = json::object();
  bool plain = true;
  for (const auto& [name, token] : added_) {
    names[name] = token.id;
    flags[std::to_string(token.id)] = {{"content", name},
                                       {"special", token.special},
                                       {"normalized", token.normalized},
                                       {"lstrip", token.strips_left},
                                       {"rstrip", token.strips_right},
                                       {"single_word", false}};
    plain = plain && token == AddedToken{.id = token.id};
  }
  WriteFile((fs::path(folder) / "vocab.json").string(), vocab.dump() + "\n");
  WriteFile((fs::path(folder) / "merges.txt").string(), merges);
  WriteFile((fs::path(folder) / "added_tokens.json").string(), names.dump(1) + "\n");
  if (!plain) {
    const json config = {{"tokenizer_class", "Qwen2Tokenizer"}, {"added_tokens_decoder", flags}};
    WriteFile((fs::path(folder) / "tokenizer_config.json").string(), config.dump(1) + "\n");
  }
}

}  // namespace divla
