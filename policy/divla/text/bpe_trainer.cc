#include "policy/divla/text/bpe_trainer.h"

#include <map>
#include <set>
#include <utility>

#include "policy/divla/text/pretokenize.h"
#include "sim/check.h"

namespace divla {
namespace {

using Pair = std::pair<std::string, std::string>;  // bytes of the left and the right symbol

struct Word {
  std::vector<std::string> symbols;
  std::int64_t count{};
};

// Counts of all neighbouring symbols, kept up to date while words change.
class PairCounts {
 public:
  void Add(std::size_t index, const Word& word, std::int64_t sign) {
    for (std::size_t i = 0; i + 1 < word.symbols.size(); ++i) {
      const Pair pair(word.symbols[i], word.symbols[i + 1]);
      Entry& entry = entries_[pair];
      entry.count += sign * word.count;
      // Indices may go stale; the merge below looks again.
      if (sign > 0) entry.words.insert(index);
      if (entry.count == 0) entries_.erase(pair);
    }
  }

  // The map is sorted by bytes, so the first of equal counts is the smallest pair.
  const Pair* MostFrequent() const {
    const Pair* best = nullptr;
    std::int64_t best_count = 1;  // a pair that occurs once is not worth a token
    for (const auto& [pair, entry] : entries_) {
      if (entry.count > best_count) {
        best = &pair;
        best_count = entry.count;
      }
    }
    return best;
  }

  std::set<std::size_t> Words(const Pair& pair) const { return entries_.at(pair).words; }

 private:
  struct Entry {
    std::int64_t count{};
    std::set<std::size_t> words;
  };
  std::map<Pair, Entry> entries_;
};

// Cuts special-token text out, so that it does not become ordinary tokens as well.
std::vector<std::string> PlainParts(const std::string& text, std::span<const std::string> special_tokens) {
  std::vector<std::string> parts(1);
  std::size_t at = 0;
  while (at < text.size()) {
    std::size_t longest = 0;
    for (const std::string& name : special_tokens) {
      if (name.size() > longest && text.compare(at, name.size(), name) == 0) longest = name.size();
    }
    if (longest > 0) {
      parts.emplace_back();
      at += longest;
    } else {
      parts.back() += text[at++];
    }
  }
  return parts;
}

std::vector<Word> CountWords(std::span<const CountedText> texts, std::span<const std::string> special_tokens) {
  std::map<std::string, std::int64_t> counts;
  for (const CountedText& text : texts) {
    DIVLA_CHECK(text.count >= 1, "a text that never occurs");
    for (const std::string& part : PlainParts(text.text, special_tokens)) {
      const std::string normal = NormalizeNfc(part);
      for (const std::string_view word : PreTokenize(normal)) counts[std::string(word)] += text.count;
    }
  }
  std::vector<Word> words;
  for (const auto& [bytes, count] : counts) {
    Word word;
    for (const char byte : bytes) word.symbols.emplace_back(1, byte);
    word.count = count;
    words.push_back(std::move(word));
  }
  return words;
}

void MergeInWord(const Pair& pair, Word& word) {
  std::vector<std::string> symbols;
  for (std::size_t i = 0; i < word.symbols.size(); ++i) {
    if (i + 1 < word.symbols.size() && word.symbols[i] == pair.first && word.symbols[i + 1] == pair.second) {
      symbols.push_back(pair.first + pair.second);
      ++i;
    } else {
      symbols.push_back(word.symbols[i]);
    }
  }
  word.symbols = std::move(symbols);
}

}  // namespace

Tokenizer TrainBpe(std::span<const CountedText> texts, int vocab_size, std::span<const std::string> special_tokens) {
  std::vector<std::string> tokens;
  std::map<std::string, int> ids;
  for (int byte = 0; byte < 256; ++byte) {
    tokens.emplace_back(1, static_cast<char>(byte));
    ids[tokens.back()] = byte;
  }
  std::vector<Word> words = CountWords(texts, special_tokens);
  PairCounts counts;
  for (std::size_t i = 0; i < words.size(); ++i) counts.Add(i, words[i], +1);

  std::vector<std::pair<int, int>> merges;
  while (static_cast<int>(tokens.size() + special_tokens.size()) < vocab_size) {
    const Pair* best = counts.MostFrequent();
    if (best == nullptr) break;
    const Pair pair = *best;
    merges.emplace_back(ids.at(pair.first), ids.at(pair.second));
    // Two pairs can join to the same bytes ("a"+"bc", "ab"+"c"): the token is shared.
    if (ids.emplace(pair.first + pair.second, static_cast<int>(tokens.size())).second) {
      tokens.push_back(pair.first + pair.second);
    }
    for (const std::size_t index : counts.Words(pair)) {
      counts.Add(index, words[index], -1);
      MergeInWord(pair, words[index]);
      counts.Add(index, words[index], +1);
    }
  }
  std::map<std::string, int> special;
  int next_id = static_cast<int>(tokens.size());
  for (const std::string& name : special_tokens) {
    DIVLA_CHECK(special.emplace(name, next_id++).second, "special token twice: " + name);
  }
  return {std::move(tokens), merges, std::move(special)};
}

}  // namespace divla
