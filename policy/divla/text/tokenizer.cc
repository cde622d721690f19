#include "policy/divla/text/tokenizer.h"

#include <fmt/format.h>

#include <algorithm>
#include <queue>
#include <tuple>

#include "policy/divla/text/pretokenize.h"
#include "sim/check.h"

namespace divla {

std::string LocationToken(int bin) {
  DIVLA_CHECK(bin >= 0 && bin < kLocationBins, "location bin out of range");
  return fmt::format("<loc_{:03d}>", bin);
}

int LocationBin(double fraction) {
  const double clipped = std::clamp(fraction, 0.0, 1.0);
  return std::min(static_cast<int>(clipped * kLocationBins), kLocationBins - 1);
}

std::vector<std::string> SpecialTokens() {
  std::vector<std::string> names;
  for (const std::string_view name : {kEndOfText, kImStart, kImEnd, kVisionStart, kVisionEnd, kImagePad}) {
    names.emplace_back(name);
  }
  for (int bin = 0; bin < kLocationBins; ++bin) names.push_back(LocationToken(bin));
  return names;
}

Tokenizer::Tokenizer(std::vector<std::string> tokens, const std::vector<std::pair<int, int>>& merges,
                     std::map<std::string, int> special)
    : tokens_(std::move(tokens)), merge_list_(merges), byte_ids_(256, -1) {
  std::map<std::string, int, std::less<>> ids;
  for (int id = 0; id < static_cast<int>(tokens_.size()); ++id) {
    const std::string& token = tokens_[static_cast<std::size_t>(id)];
    if (token.empty()) continue;  // a hole, filled by a special token or by nothing
    DIVLA_CHECK(ids.emplace(token, id).second, "two ids for one token");
    if (token.size() == 1) byte_ids_[static_cast<unsigned char>(token[0])] = id;
  }
  DIVLA_CHECK(std::count(byte_ids_.begin(), byte_ids_.end(), -1) == 0, "a byte without a token");
  const auto has_token = [&](int id) {
    return id >= 0 && id < static_cast<int>(tokens_.size()) && !tokens_[static_cast<std::size_t>(id)].empty();
  };
  for (const auto& [left, right] : merge_list_) {
    DIVLA_CHECK(has_token(left) && has_token(right), "merge of unknown tokens");
    const auto merged = ids.find(tokens_[static_cast<std::size_t>(left)] + tokens_[static_cast<std::size_t>(right)]);
    DIVLA_CHECK(merged != ids.end(), "merge without a result");
    const int rank = static_cast<int>(merges_.size());
    DIVLA_CHECK(merges_.emplace(std::pair(left, right), Merge{rank, merged->second}).second, "merge twice");
  }
  vocab_size_ = static_cast<int>(tokens_.size());
  for (const auto& [name, id] : special) {
    DIVLA_CHECK(!name.empty() && id >= 0 && !has_token(id), "special token with a taken id: " + name);
    DIVLA_CHECK(special_by_id_.emplace(id, name).second, "two special tokens with one id: " + name);
    special_.emplace(name, id);
    vocab_size_ = std::max(vocab_size_, id + 1);
  }
}

std::vector<int> Tokenizer::Encode(std::string_view text) const {
  std::vector<int> ids;
  std::size_t plain = 0;  // start of the text that is not encoded yet
  std::size_t at = 0;
  while (at < text.size()) {
    std::size_t longest = 0;
    int id = -1;
    // Names that start with the same byte are neighbours in the sorted map.
    for (auto name = special_.lower_bound(text.substr(at, 1)); name != special_.end() && name->first[0] == text[at];
         ++name) {
      if (name->first.size() > longest && text.substr(at).starts_with(name->first)) {
        longest = name->first.size();
        id = name->second;
      }
    }
    if (longest == 0) {
      ++at;
      continue;
    }
    EncodePlain(text.substr(plain, at - plain), ids);
    ids.push_back(id);
    at += longest;
    plain = at;
  }
  EncodePlain(text.substr(plain), ids);
  return ids;
}

void Tokenizer::EncodePlain(std::string_view text, std::vector<int>& ids) const {
  if (text.empty()) return;
  const std::string normal = NormalizeNfc(text);
  for (const std::string_view word : PreTokenize(normal)) EncodeWord(word, ids);
}

// The pair of lowest rank is merged first, the leftmost among equals. Symbols form a linked list, candidate pairs a
// heap, so a word of n bytes costs n log n; stale candidates are recognised by their symbols.
void Tokenizer::EncodeWord(std::string_view word, std::vector<int>& ids) const {
  struct Symbol {
    int id{};
    int previous{};
    int next{};
  };
  std::vector<Symbol> symbols(word.size());
  const int count = static_cast<int>(word.size());
  for (int i = 0; i < count; ++i) {
    const auto byte = static_cast<unsigned char>(word[static_cast<std::size_t>(i)]);
    symbols[static_cast<std::size_t>(i)] = {byte_ids_[byte], i - 1, i + 1 < count ? i + 1 : -1};
  }
  const auto symbol = [&](int index) -> Symbol& { return symbols[static_cast<std::size_t>(index)]; };

  using Candidate = std::tuple<int, int, int, int>;  // rank, left symbol, its id, its neighbour's id
  std::priority_queue<Candidate, std::vector<Candidate>, std::greater<>> heap;
  const auto offer = [&](int left) {
    if (left < 0 || symbol(left).next < 0) return;
    const int right_id = symbol(symbol(left).next).id;
    const auto merge = merges_.find({symbol(left).id, right_id});
    if (merge != merges_.end()) heap.push({merge->second.rank, left, symbol(left).id, right_id});
  };
  for (int i = 0; i < count; ++i) offer(i);
  while (!heap.empty()) {
    const auto [rank, left, left_id, right_id] = heap.top();
    heap.pop();
    if (symbol(left).id != left_id || symbol(left).next < 0) continue;
    const int right = symbol(left).next;
    if (symbol(right).id != right_id) continue;
    symbol(left).id = merges_.at({left_id, right_id}).merged;
    symbol(left).next = symbol(right).next;
    symbol(right).id = -1;  // dead
    if (symbol(left).next >= 0) symbol(symbol(left).next).previous = left;
    offer(symbol(left).previous);
    offer(left);
  }
  for (int i = 0; i >= 0; i = symbol(i).next) ids.push_back(symbol(i).id);
}

std::string Tokenizer::Decode(std::span<const int> ids, bool skip_special) const {
  std::string bytes;
  for (const int id : ids) {
    const auto special = special_by_id_.find(id);
    if (special != special_by_id_.end()) {
      if (!skip_special) bytes += special->second;
    } else if (id >= 0 && id < static_cast<int>(tokens_.size())) {
      bytes += tokens_[static_cast<std::size_t>(id)];
    }
  }
  return ReplaceInvalidUtf8(bytes);
}

std::string Tokenizer::DecodeGrounded(std::span<const int> ids) const {
  std::vector<int> kept;
  for (const int id : ids) {
    if (!IsSpecial(id) || LocationOf(id)) kept.push_back(id);
  }
  return Decode(kept, /*skip_special=*/false);
}

int Tokenizer::TokenId(std::string_view special) const {
  const auto found = special_.find(special);
  if (found == special_.end()) throw InputError(fmt::format("tokenizer: special token '{}' is missing", special));
  return found->second;
}

bool Tokenizer::HasSpecial(std::string_view special) const { return special_.contains(special); }

bool Tokenizer::IsSpecial(int id) const { return special_by_id_.contains(id); }

std::optional<int> Tokenizer::LocationOf(int id) const {
  const auto found = special_by_id_.find(id);
  if (found == special_by_id_.end() || !found->second.starts_with("<loc_")) return std::nullopt;
  for (int bin = 0; bin < kLocationBins; ++bin) {
    if (found->second == LocationToken(bin)) return bin;
  }
  return std::nullopt;
}

int Tokenizer::VocabSize() const { return vocab_size_; }

}  // namespace divla
