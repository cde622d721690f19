// The prompts of a batch of queries side by side, for a cached language model. Rows differ in length: each row's tokens
// stand in cache slots 0, 1, 2, ... of its own, and what stands behind a row's end is never seen by it.
#pragma once

#include "policy/divla/language/language_model.h"
#include "policy/divla/reading/reading.h"

namespace divla {

struct PromptRows {
  std::vector<at::Tensor> prefix;  // pieces (B, ., d) of the embedded part that all rows share, up to the pictures' end
  std::int64_t prefix_length{};    // slots
  std::vector<std::int64_t> visual;   // slots of the visual tokens, views in order
  std::int64_t longest{};             // slots of the longest prompt
  std::vector<std::int64_t> lengths;  // slots of each prompt
  at::Tensor ids;                     // (B, longest - prefix_length + room) i64: what follows the prefix; else 0
  RopeTable rope;                     // by slot
  KvCache cache;                      // empty
};

// With `room` slots behind the longest prompt.
PromptRows MakePromptRows(const Reader& reader, const std::string& embodiment,
                          std::span<const std::string> instructions, const at::Tensor& views, std::int64_t room);

// Of attention (B, T, used) that of the tokens at `which` (B, k), mean over these k: (B, visual tokens).
at::Tensor VisualAttention(const PromptRows& rows, const at::Tensor& attention, const at::Tensor& which);

}  // namespace divla
