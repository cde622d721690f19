#include "policy/divla/text/tokenizer.h"

#include <fmt/format.h>
#include <utf8proc.h>

#include <algorithm>
#include <queue>
#include <tuple>
#include <unordered_map>

#include "policy/divla/text/pretokenize.h"
#include "policy/divla/text/unicode_classes.h"
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

namespace {

std::map<std::string, AddedToken> AsAdded(const std::map<std::string, int>& special) {
  std::map<std::string, AddedToken> added;
  for (const auto& [name, id] : special) added[name] = {.id = id};
  return added;
}

// The White_Space that ends `text`, in bytes.
std::size_t SpaceAtEnd(std::string_view text) {
  std::size_t begin = text.size();
  while (begin > 0) {
    std::size_t start = begin - 1;
    while (start > 0 && (text[start] & 0xC0) == 0x80) --start;
    utf8proc_int32_t code = 0;
    utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(text.data()) + start,
                     static_cast<utf8proc_ssize_t>(begin - start), &code);
    if (code < 0 || !IsWhiteSpace(static_cast<std::uint32_t>(code))) break;
    begin = start;
  }
  return text.size() - begin;
}

std::size_t SpaceAtStart(std::string_view text) {
  std::size_t end = 0;
  while (end < text.size()) {
    utf8proc_int32_t code = 0;
    const utf8proc_ssize_t size = utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(text.data()) + end,
                                                   static_cast<utf8proc_ssize_t>(text.size() - end), &code);
    if (size <= 0 || !IsWhiteSpace(static_cast<std::uint32_t>(code))) break;
    end += static_cast<std::size_t>(size);
  }
  return end;
}

}  // namespace

Tokenizer::Tokenizer(std::vector<std::string> tokens, std::vector<std::pair<int, int>> merges,
                     const std::map<std::string, int>& special)
    : Tokenizer(std::move(tokens), std::move(merges), AsAdded(special)) {}

Tokenizer::Tokenizer(std::vector<std::string> tokens, std::vector<std::pair<int, int>> merges,
                     std::map<std::string, AddedToken> added)
    : tokens_(std::move(tokens)), merge_list_(std::move(merges)), merges_(merge_list_.size()), byte_ids_(256, -1) {
  std::unordered_map<std::string_view, int> ids;  // only looked up in
  ids.reserve(tokens_.size());
  for (int id = 0; id < static_cast<int>(tokens_.size()); ++id) {
    const std::string& token = tokens_[static_cast<std::size_t>(id)];
    if (token.empty()) continue;  // a hole, filled by an added token or by nothing
    DIVLA_CHECK(ids.emplace(token, id).second, "two ids for one token");
    if (token.size() == 1) byte_ids_[static_cast<unsigned char>(token[0])] = id;
  }
  DIVLA_CHECK(std::count(byte_ids_.begin(), byte_ids_.end(), -1) == 0, "a byte without a token");
  const auto has_token = [&](int id) {
    return id >= 0 && id < static_cast<int>(tokens_.size()) && !tokens_[static_cast<std::size_t>(id)].empty();
  };
  int rank = 0;
  std::string joined;
  for (const auto& [left, right] : merge_list_) {
    DIVLA_CHECK(has_token(left) && has_token(right), "merge of unknown tokens");
    joined = tokens_[static_cast<std::size_t>(left)];
    joined += tokens_[static_cast<std::size_t>(right)];
    const auto merged = ids.find(joined);
    DIVLA_CHECK(merged != ids.end(), "merge without a result");
    DIVLA_CHECK(merges_.Insert(left, right, {rank++, merged->second}), "merge twice");
  }
  vocab_size_ = static_cast<int>(tokens_.size());
  for (const auto& [name, token] : added) {
    const bool own_id = token.id >= 0 &&
                        (!has_token(token.id) || BytesToPrintable(tokens_[static_cast<std::size_t>(token.id)]) == name);
    DIVLA_CHECK(!name.empty() && own_id, "added token with a taken id: " + name);
    DIVLA_CHECK(added_by_id_.emplace(token.id, name).second, "two added tokens with one id: " + name);
    added_.emplace(name, token);
    if (token.normalized) {
      normal_patterns_.push_back({NormalizeNfc(name), token});
    } else {
      raw_patterns_.push_back({name, token});
    }
    vocab_size_ = std::max(vocab_size_, token.id + 1);
  }
  std::stable_sort(normal_patterns_.begin(), normal_patterns_.end(),
                   [](const Pattern& a, const Pattern& b) { return a.text < b.text; });
}

// As the library does: the longest of the leftmost; then it may take white space, but none that its predecessor took.
std::vector<Tokenizer::Piece> Tokenizer::Split(std::string_view text, const std::vector<Pattern>& patterns) {
  std::vector<Piece> pieces;
  std::size_t plain = 0;  // start of the text that is in no piece yet
  std::size_t at = 0;
  while (at < text.size()) {
    const Pattern* longest = nullptr;
    // Texts that start with the same byte are neighbours in the sorted list.
    auto pattern = std::lower_bound(patterns.begin(), patterns.end(), text.substr(at, 1),
                                    [](const Pattern& a, std::string_view b) { return a.text < b; });
    for (; pattern != patterns.end() && pattern->text[0] == text[at]; ++pattern) {
      const bool longer = longest == nullptr || pattern->text.size() > longest->text.size();
      if (longer && text.substr(at).starts_with(pattern->text)) longest = &*pattern;
    }
    if (longest == nullptr) {
      ++at;
      continue;
    }
    std::size_t begin = at;
    std::size_t end = at + longest->text.size();
    at = end;
    if (longest->token.strips_left) begin -= SpaceAtEnd(text.substr(0, begin));
    if (longest->token.strips_right) end += SpaceAtStart(text.substr(end));
    if (plain < begin) pieces.push_back({text.substr(plain, begin - plain), -1});
    pieces.push_back({{}, longest->token.id});
    plain = end;
  }
  if (plain < text.size()) pieces.push_back({text.substr(plain), -1});
  return pieces;
}

std::vector<int> Tokenizer::Encode(std::string_view text) const {
  std::vector<int> ids;
  for (const Piece& raw : Split(text, raw_patterns_)) {
    if (raw.token >= 0) {
      ids.push_back(raw.token);
      continue;
    }
    const std::string normal = NormalizeNfc(raw.text);
    for (const Piece& piece : Split(normal, normal_patterns_)) {
      if (piece.token >= 0) {
        ids.push_back(piece.token);
      } else {
        EncodeNormal(piece.text, ids);
      }
    }
  }
  return ids;
}

void Tokenizer::EncodeNormal(std::string_view normal, std::vector<int>& ids) const {
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
    const PairTable::Merge* merge = merges_.Find(symbol(left).id, right_id);
    if (merge != nullptr) heap.push({merge->rank, left, symbol(left).id, right_id});
  };
  for (int i = 0; i < count; ++i) offer(i);
  while (!heap.empty()) {
    const auto [rank, left, left_id, right_id] = heap.top();
    heap.pop();
    if (symbol(left).id != left_id || symbol(left).next < 0) continue;
    const int right = symbol(left).next;
    if (symbol(right).id != right_id) continue;
    symbol(left).id = merges_.Find(left_id, right_id)->merged;
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
    const auto added = added_by_id_.find(id);
    if (added != added_by_id_.end()) {
      // The library takes even a name that is made of GPT-2's characters for bytes; of ASCII that is the same.
      std::string own;
      if (!PrintableToBytes(added->second, own)) own = added->second;
      if (!skip_special || !IsSpecial(id)) bytes += own;
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

int Tokenizer::TokenId(std::string_view name) const {
  const auto found = added_.find(name);
  if (found == added_.end()) throw InputError(fmt::format("tokenizer: special token '{}' is missing", name));
  return found->second.id;
}

bool Tokenizer::HasSpecial(std::string_view name) const { return added_.contains(name); }

bool Tokenizer::IsSpecial(int id) const {
  const auto found = added_by_id_.find(id);
  return found != added_by_id_.end() && added_.at(found->second).special;
}

std::optional<int> Tokenizer::LocationOf(int id) const {
  const auto found = added_by_id_.find(id);
  if (found == added_by_id_.end() || !found->second.starts_with("<loc_")) return std::nullopt;
  for (int bin = 0; bin < kLocationBins; ++bin) {
    if (found->second == LocationToken(bin)) return bin;
  }
  return std::nullopt;
}

int Tokenizer::VocabSize() const { return vocab_size_; }

}  // namespace divla
