#include "policy/divla/text/tokenizer_parts.h"

#include <fmt/format.h>

#include <cstdint>

#include "policy/divla/text/pretokenize.h"
#include "sim/check.h"

namespace divla {
namespace {

using nlohmann::json;

constexpr int kMaxId = 10'000'000;  // keeps a broken file from asking for all memory

bool Flag(const std::string& where, const std::string& key, const json& token, const char* name) {
  const auto found = token.find(name);
  if (found == token.end()) return false;
  if (!found->is_boolean()) {
    throw InputError(
        fmt::format("file {}: key '{}.{}': expected true or false, found {}", where, key, name, found->dump()));
  }
  return found->get<bool>();
}

}  // namespace

int ParseTokenId(const std::string& where, const std::string& key, const json& value) {
  if (!value.is_number_unsigned() || value.get<std::uint64_t>() > kMaxId) {
    throw InputError(
        fmt::format("file {}: key '{}': expected an id from 0 to {}, found {}", where, key, kMaxId, value.dump()));
  }
  return value.get<int>();
}

std::pair<std::string, AddedToken> ParseAddedToken(const std::string& where, const std::string& key, int id,
                                                   const json& value) {
  const auto content = value.is_object() ? value.find("content") : value.end();
  if (!value.is_object() || content == value.end() || !content->is_string() ||
      content->get_ref<const std::string&>().empty()) {
    throw InputError(fmt::format("file {}: key '{}': expected an id with a 'content' text", where, key));
  }
  if (Flag(where, key, value, "single_word")) {
    throw InputError(
        fmt::format("file {}: key '{}.single_word': expected false (tokens that match whole words only are not "
                    "supported), found true",
                    where, key));
  }
  return {content->get<std::string>(), AddedToken{.id = id,
                                                  .special = Flag(where, key, value, "special"),
                                                  .normalized = Flag(where, key, value, "normalized"),
                                                  .strips_left = Flag(where, key, value, "lstrip"),
                                                  .strips_right = Flag(where, key, value, "rstrip")}};
}

TokenizerParts::TokenizerParts(const std::string& where, const json& vocab,
                               const std::map<std::string, AddedToken>& added) {
  ids_.reserve(vocab.size());
  std::string bytes;
  for (const auto& [key, value] : vocab.items()) {
    const int id = ParseTokenId(where, key, value);
    const auto index = static_cast<std::size_t>(id);
    if (!PrintableToBytes(key, bytes) || bytes.empty()) {
      const auto same = added.find(key);
      if (same != added.end() && same->second.id == id) continue;
      throw InputError(fmt::format("file {}: key '{}': expected characters of the GPT-2 byte table", where, key));
    }
    if (index >= tokens_.size()) tokens_.resize(index + 1);
    if (!tokens_[index].empty()) {
      throw InputError(fmt::format("file {}: key '{}': id {} stands twice", where, key, id));
    }
    tokens_[index] = bytes;
    ids_.emplace(bytes, id);
  }
  for (int byte = 0; byte < 256; ++byte) {
    const std::string single(1, static_cast<char>(byte));
    if (!ids_.contains(single)) {
      throw InputError(
          fmt::format("file {}: key '{}': missing (the token of byte {})", where, BytesToPrintable(single), byte));
    }
  }
}

void TokenizerParts::AddMerge(const std::string& where, const std::string& place, std::string_view left,
                              std::string_view right) {
  std::string left_bytes;
  std::string right_bytes;
  const bool printable = PrintableToBytes(left, left_bytes) && PrintableToBytes(right, right_bytes);
  const auto first = printable ? ids_.find(left_bytes) : ids_.end();
  const auto second = printable ? ids_.find(right_bytes) : ids_.end();
  if (first == ids_.end() || second == ids_.end() || !ids_.contains(left_bytes + right_bytes)) {
    throw InputError(
        fmt::format("file {}: {}: expected two tokens of the vocabulary whose join is one, too; found '{} {}'", where,
                    place, left, right));
  }
  merges_.emplace_back(first->second, second->second);
  const auto pair = static_cast<std::uint64_t>(first->second) << 32 | static_cast<std::uint32_t>(second->second);
  const auto [earlier, fresh] = places_.emplace(pair, place);
  if (!fresh) {
    throw InputError(fmt::format("file {}: {}: the pair stands in {} already", where, place, earlier->second));
  }
}

Tokenizer TokenizerParts::Finish(const std::string& where, std::map<std::string, AddedToken> added) && {
  std::map<int, std::string> taken;
  for (const auto& [name, token] : added) {
    const auto id = static_cast<std::size_t>(token.id);
    const bool in_vocab = id < tokens_.size() && !tokens_[id].empty() && BytesToPrintable(tokens_[id]) != name;
    if (name.empty() || in_vocab || !taken.emplace(token.id, name).second) {
      throw InputError(
          fmt::format("{}: special token '{}': expected an id of its own, found {}, which another token has", where,
                      name, token.id));
    }
  }
  return {std::move(tokens_), std::move(merges_), std::move(added)};
}

}  // namespace divla
