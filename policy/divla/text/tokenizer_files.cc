// Tokenizer::Load and Tokenizer::Save: Hugging Face's vocab.json, merges.txt, added_tokens.json.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "policy/divla/text/pretokenize.h"
#include "policy/divla/text/tokenizer.h"
#include "policy/file_io.h"
#include "sim/check.h"

namespace divla {
namespace {

using nlohmann::json;
namespace fs = std::filesystem;

constexpr int kMaxId = 10'000'000;  // keeps a broken file from asking for all memory

json ParseObject(const std::string& path) {
  json value = json::parse(ReadFile(path), nullptr, /*allow_exceptions=*/false);
  if (!value.is_object()) throw InputError(fmt::format("file {}: expected a JSON object", path));
  return value;
}

int ParseId(const std::string& path, const std::string& key, const json& value) {
  if (!value.is_number_unsigned() || value.get<std::uint64_t>() > kMaxId) {
    throw InputError(
        fmt::format("file {}: key '{}': expected an id from 0 to {}, found {}", path, key, kMaxId, value.dump()));
  }
  return value.get<int>();
}

// vocab.json: printable token -> id. Ids that nobody has stay empty strings.
std::vector<std::string> LoadVocab(const std::string& path, std::map<std::string, int>& ids) {
  std::vector<std::string> tokens;
  const json vocab = ParseObject(path);  // named: items() of a temporary would dangle
  for (const auto& [key, value] : vocab.items()) {
    const auto id = static_cast<std::size_t>(ParseId(path, key, value));
    std::string bytes;
    if (!PrintableToBytes(key, bytes) || bytes.empty()) {
      throw InputError(fmt::format("file {}: key '{}': expected characters of the GPT-2 byte table", path, key));
    }
    if (id >= tokens.size()) tokens.resize(id + 1);
    if (!tokens[id].empty()) throw InputError(fmt::format("file {}: key '{}': id {} stands twice", path, key, id));
    tokens[id] = bytes;
    ids[bytes] = static_cast<int>(id);
  }
  for (int byte = 0; byte < 256; ++byte) {
    const std::string single(1, static_cast<char>(byte));
    if (!ids.contains(single)) {
      throw InputError(
          fmt::format("file {}: key '{}': missing (the token of byte {})", path, BytesToPrintable(single), byte));
    }
  }
  return tokens;
}

// merges.txt: an optional "#version" line, then "left right" in order of rank.
std::vector<std::pair<int, int>> LoadMerges(const std::string& path, const std::map<std::string, int>& ids) {
  const std::string text = ReadFile(path);
  std::vector<std::pair<int, int>> merges;
  std::map<std::pair<int, int>, int> seen;
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
    std::string left;
    std::string right;
    const bool pair = space != std::string_view::npos && PrintableToBytes(line.substr(0, space), left) &&
                      PrintableToBytes(line.substr(space + 1), right);
    if (!pair || !ids.contains(left) || !ids.contains(right) || !ids.contains(left + right)) {
      throw InputError(
          fmt::format("file {}: line {}: expected two tokens of vocab.json whose join is one, too; found '{}'", path,
                      line_number, line));
    }
    merges.emplace_back(ids.at(left), ids.at(right));
    const auto [first, fresh] = seen.emplace(merges.back(), line_number);
    if (!fresh) {
      throw InputError(
          fmt::format("file {}: line {}: the pair stands in line {} already", path, line_number, first->second));
    }
  }
  return merges;
}

// added_tokens.json: name -> id. Without it, tokenizer_config.json: "added_tokens_decoder": {"id": {"content": name}}.
std::map<std::string, int> LoadSpecial(const std::string& folder) {
  std::map<std::string, int> special;
  const std::string path = (fs::path(folder) / "added_tokens.json").string();
  const std::string config = (fs::path(folder) / "tokenizer_config.json").string();
  if (fs::exists(path) || !fs::exists(config)) {
    const json added = ParseObject(path);
    for (const auto& [key, value] : added.items()) special[key] = ParseId(path, key, value);
    return special;
  }
  const json parsed = ParseObject(config);
  const auto decoder = parsed.find("added_tokens_decoder");
  if (decoder == parsed.end() || !decoder->is_object()) {
    throw InputError(fmt::format("file {}: key 'added_tokens_decoder': expected an object", config));
  }
  for (const auto& [key, value] : decoder->items()) {
    int id = -1;
    const auto [end, error] = std::from_chars(key.data(), key.data() + key.size(), id);
    const bool whole = error == std::errc() && end == key.data() + key.size() && id >= 0 && id <= kMaxId;
    if (!whole || !value.is_object() || !value.contains("content") || !value["content"].is_string()) {
      throw InputError(
          fmt::format("file {}: key 'added_tokens_decoder.{}': expected an id with a 'content' text", config, key));
    }
    special[value["content"].get<std::string>()] = id;
  }
  return special;
}

}  // namespace

Tokenizer Tokenizer::Load(const std::string& folder) {
  std::map<std::string, int> ids;
  std::vector<std::string> tokens = LoadVocab((fs::path(folder) / "vocab.json").string(), ids);
  const std::vector<std::pair<int, int>> merges = LoadMerges((fs::path(folder) / "merges.txt").string(), ids);
  const std::map<std::string, int> special = LoadSpecial(folder);
  std::map<int, std::string> taken;
  for (const auto& [name, id] : special) {
    const bool in_vocab = static_cast<std::size_t>(id) < tokens.size() && !tokens[static_cast<std::size_t>(id)].empty();
    if (name.empty() || in_vocab || !taken.emplace(id, name).second) {
      throw InputError(
          fmt::format("folder {}: special token '{}': expected an id of its own, found {}, which another token has",
                      folder, name, id));
    }
  }
  return {std::move(tokens), merges, special};
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
  json special = json::object();
  for (const auto& [name, id] : special_) special[name] = id;
  WriteFile((fs::path(folder) / "vocab.json").string(), vocab.dump() + "\n");
  WriteFile((fs::path(folder) / "merges.txt").string(), merges);
  WriteFile((fs::path(folder) / "added_tokens.json").string(), special.dump(1) + "\n");
}

}  // namespace divla
