// What the readers of vocab.json + merges.txt and of tokenizer.json share.
#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "policy/divla/text/tokenizer.h"

namespace divla {

// The vocabulary and its merges as they are read. `where` of the functions names file and key in errors.
class TokenizerParts {
 public:
  // `vocab`: printable token -> id. Ids that nobody has stay empty strings. `added` may stand in `vocab`, too, and
  // then need not be made of GPT-2's characters. Throws InputError.
  TokenizerParts(const std::string& where, const nlohmann::json& vocab, const std::map<std::string, AddedToken>& added);

  // The next pair in order of rank; `place` ("line 3") is for errors.
  void AddMerge(const std::string& where, const std::string& place, std::string_view left, std::string_view right);

  const std::vector<std::string>& Tokens() const { return tokens_; }
  Tokenizer Finish(const std::string& where, std::map<std::string, AddedToken> added) &&;

 private:
  std::vector<std::string> tokens_;
  std::unordered_map<std::string, int> ids_;  // only looked up in
  std::vector<std::pair<int, int>> merges_;
  std::unordered_map<std::uint64_t, std::string> places_;  // of the merges
};

int ParseTokenId(const std::string& where, const std::string& key, const nlohmann::json& value);

// {"content": "<|im_end|>", "special": true, "normalized": ..., "lstrip": ..., "rstrip": ..., "single_word": ...};
// flags may be absent (false). Throws InputError, also for single_word.
std::pair<std::string, AddedToken> ParseAddedToken(const std::string& where, const std::string& key, int id,
                                                   const nlohmann::json& value);

// A whole tokenizer.json.
Tokenizer LoadTokenizerJson(const std::string& path);

}  // namespace divla
