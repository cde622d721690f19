// Byte-level byte-pair encoding as Qwen2 uses it: NFC, Qwen2's pre-tokenizer, GPT-2's byte table, no prefix space, no
// BOS. Ids equal those of Hugging Face's tokenizers library (0.23). No token id is hard-coded. Files are Hugging
// Face's:
// - tokenizer.json, where there is one (transformers prefers it, too); else vocab.json and merges.txt with
// - added tokens from "added_tokens_decoder" of tokenizer_config.json, else from added_tokens.json, which has no flags:
//   all of its tokens are taken as special.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "policy/divla/text/pair_table.h"

namespace divla {

// Special tokens by the names that Qwen2-VL gives them.
inline constexpr std::string_view kEndOfText = "<|endoftext|>";  // also the padding token
inline constexpr std::string_view kImStart = "<|im_start|>";
inline constexpr std::string_view kImEnd = "<|im_end|>";  // ends a turn, and so the answer
inline constexpr std::string_view kVisionStart = "<|vision_start|>";
inline constexpr std::string_view kVisionEnd = "<|vision_end|>";
inline constexpr std::string_view kImagePad = "<|image_pad|>";

// Location tokens "<loc_000>" .. "<loc_127>": bin b of an image side covers [b, b+1) / 128 of that side.
inline constexpr int kLocationBins = 128;
std::string LocationToken(int bin);        // 0 <= bin < kLocationBins
int LocationBin(double fraction);          // fraction of the side, clipped to [0, 1]
std::vector<std::string> SpecialTokens();  // the six above, then the location tokens, in order

// A token that is found in the text before words are split. The flags are those of the tokenizers library.
struct AddedToken {
  int id{};
  bool special{true};   // left out of text that people read
  bool normalized{};    // looked for in the NFC of the text, between the tokens that are not
  bool strips_left{};   // takes the white space before it, too
  bool strips_right{};  // and after it
  bool operator==(const AddedToken&) const = default;
};

// Immutable; const members are thread-safe.
class Tokenizer {
 public:
  // Ids are indices: `tokens` are the byte strings 0 .. n-1 (all 256 single bytes among them), `merges` pairs of their
  // ids in order of rank. `added` are tokens by name, with ids of their own or of a token that is written the same.
  // Inconsistent parts are our mistake (DIVLA_CHECK).
  Tokenizer(std::vector<std::string> tokens, std::vector<std::pair<int, int>> merges,
            std::map<std::string, AddedToken> added);
  // The same with special tokens only.
  Tokenizer(std::vector<std::string> tokens, std::vector<std::pair<int, int>> merges,
            const std::map<std::string, int>& special);

  // Throws InputError naming file, key or line, also for what this class does not do (another pre-tokenizer, added
  // tokens with "single_word", dropout and the like).
  static Tokenizer Load(const std::string& folder);
  // Writes vocab.json, merges.txt and added_tokens.json; and tokenizer_config.json when an added token has other flags
  // than a special one. Throws MachineError when they cannot be written.
  void Save(const std::string& folder) const;

  // `text` must be UTF-8 (else InputError). Text of added tokens inside it becomes these tokens: leftmost, then
  // longest.
  std::vector<int> Encode(std::string_view text) const;
  // Valid UTF-8: broken sequences become U+FFFD. Ids that no token has (a padded vocabulary) give nothing.
  std::string Decode(std::span<const int> ids, bool skip_special) const;
  // As Decode with special tokens left out, but location tokens kept.
  std::string DecodeGrounded(std::span<const int> ids) const;

  int TokenId(std::string_view name) const;  // throws InputError when there is no such added token
  bool HasSpecial(std::string_view name) const;
  bool IsSpecial(int id) const;
  std::optional<int> LocationOf(int id) const;  // the bin, when `id` is a location token
  int VocabSize() const;                        // highest id + 1

 private:
  struct Pattern {
    std::string text;
    AddedToken token;
  };
  struct Piece {
    std::string_view text;  // where `token` is below 0
    int token{-1};
  };
  static std::vector<Piece> Split(std::string_view text, const std::vector<Pattern>& patterns);
  void EncodeNormal(std::string_view normal, std::vector<int>& ids) const;
  void EncodeWord(std::string_view word, std::vector<int>& ids) const;

  std::vector<std::string> tokens_;  // bytes by id; empty where an added token or nothing has the id
  std::vector<std::pair<int, int>> merge_list_;
  PairTable merges_;
  std::map<std::string, AddedToken, std::less<>> added_;
  std::map<int, std::string> added_by_id_;
  std::vector<Pattern> raw_patterns_;     // looked for first, in the text as it is; sorted by text
  std::vector<Pattern> normal_patterns_;  // then, in its NFC
  std::vector<int> byte_ids_;             // (256)
  int vocab_size_{};
};

}  // namespace divla
