// What a policy reads, and writes if it reasons, before it acts: from pictures and instructions to what the head is
// conditioned on. One function for each kind of policy; training computes the same in train/packed_reading.h.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "policy/divla/config.h"
#include "policy/divla/text/tokenizer.h"
#include "policy/divla/weights/params.h"

namespace divla {

struct Reader {  // all owned by the caller
  const DivlaConfig& config;
  const ParamStore& params;
  const Tokenizer& tokenizer;
};

struct Reading {
  std::vector<std::vector<int>> answers;  // of each query, <|im_end|> at the end; of a policy that reasons
  at::Tensor z;                           // (B, cond_dim): of Condition in head/condition.h
  at::Tensor r;                           // (B, d), FiLM's; undefined of a policy that does not reason
};

// What a person who watches sees of a reading. "Looked" is how much a token attends to each visual token, mean over heads
// and layers: (V * TokensPerView) f32, views in the order of the embodiment's cameras.
struct ReadingWatch {
  // Not empty. After each token of a row but <|im_end|>: the answer so far, and where the token before it looked, whose
  // state chose it.
  std::function<void(std::size_t row, const std::vector<int>& answer, const at::Tensor& looked)> wrote;
  // Out, of a policy with a language model: where the action tokens looked, mean over them; (B, V * TokensPerView).
  at::Tensor acted;
};

// views (B, V, TokensPerView, d), as from EncodeViews. forced: of each query the answer that stands in the place of the
// policy's own, without <|im_end|>, empty where it writes its own; ignored by a policy that does not reason. Throws
// InputError for an instruction that is no text (text/prompt.h). No row depends on another. `watch`: null when nobody
// watches; nothing of the reading depends on it.
Reading Read(const Reader& reader, const std::string& embodiment, std::span<const std::string> instructions,
             const at::Tensor& views, const std::vector<std::vector<int>>& forced, ReadingWatch* watch = nullptr);

// The three kinds of it.
Reading ReadAndReason(const Reader& reader, const std::string& embodiment, std::span<const std::string> instructions,
                      const at::Tensor& views, const std::vector<std::vector<int>>& forced,
                      ReadingWatch* watch = nullptr);
Reading ReadSilently(const Reader& reader, const std::string& embodiment, std::span<const std::string> instructions,
                     const at::Tensor& views, ReadingWatch* watch = nullptr);
Reading ReadInstruction(const Reader& reader, const std::string& embodiment, std::span<const std::string> instructions,
                        const at::Tensor& views);

}  // namespace divla
