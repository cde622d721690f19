// Byte-level byte-pair encoding as Qwen2 uses it: NFC, Qwen2's pre-tokenizer, GPT-2's byte table, no prefix space, no
// BOS. Files are Hugging Face's: vocab.json, merges.txt, added_tokens.json (special tokens; where that file is missing,
// the "added_tokens_decoder" of tokenizer_config.json). No token id is hard-coded.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

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

// Immutable; const members are thread-safe.
class Tokenizer {
 public:
  // Ids are indices: `tokens` are the byte strings 0 .. n-1 (all 256 single bytes among them), `merges` pairs of their
  // ids in order of rank. `special` has its own ids. Inconsistent parts are our mistake (DIVLA_CHECK).
  Tokenizer(std::vector<std::string> tokens, const std::vector<std::pair<int, int>>& merges,
            std::map<std::string, int> special);

  // Throws InputError naming file, key or line.
  static Tokenizer Load(const std::string& folder);
  // Writes the three files. Throws MachineError when they cannot be written.
  void Save(const std::string& folder) const;

  // `text` must be UTF-8 (else InputError). Special-token text inside it becomes special tokens: leftmost, then
  // longest.
  std::vector<int> Encode(std::string_view text) const;
  // Valid UTF-8: broken sequences become U+FFFD. Ids that no token has (a padded vocabulary) give nothing.
  std::string Decode(std::span<const int> ids, bool skip_special) const;
  // As Decode with special tokens left out, but location tokens kept.
  std::string DecodeGrounded(std::span<const int> ids) const;

  int TokenId(std::string_view special) const;  // throws InputError when there is no such special token
  bool HasSpecial(std::string_view special) const;
  bool IsSpecial(int id) const;
  std::optional<int> LocationOf(int id) const;  // the bin, when `id` is a location token
  int VocabSize() const;                        // highest id + 1

 private:
  struct Merge {
    int rank{};
    int merged{};
  };
  void EncodePlain(std::string_view text, std::vector<int>& ids) const;
  void EncodeWord(std::string_view word, std::vector<int>& ids) const;

  std::vector<std::string> tokens_;  // bytes by id; empty where a special token or nothing has the id
  std::vector<std::pair<int, int>> merge_list_;
  std::map<std::pair<int, int>, Merge> merges_;
  std::map<std::string, int, std::less<>> special_;
  std::map<int, std::string> special_by_id_;
  std::vector<int> byte_ids_;  // (256)
  int vocab_size_{};
};

}  // namespace divla
