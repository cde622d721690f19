// A Qwen2-VL, and the released DiVLA code's policy on top of it, answering a batch of queries: see, read, write, act.
//
//   images ─ See ─ vision tokens ─┐
//   prompt ids ───────────────────┴ Read (prefill) ─ Write (greedy text) ─ condition ─ Act (DDIM) ─ action chunk
//
// State that did not change from one query to the next is kept: the vision tokens while all pictures are the same, and
// the keys and values of the prompt's parts (what stands before the pictures, so the system turn; the pictures; the text)
// up to the first one that changed. Parts are read one by one in any case, so what is kept changes no bit of an answer.
//
// Not thread-safe. Bad input (a picture that the processor refuses, a prompt longer than the vocabulary) is an
// InputError.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "policy/divla/hf/hf_config.h"
#include "policy/divla/language/language_model.h"
#include "policy/divla/ops/step_graph.h"
#include "policy/divla/text/prompt.h"
#include "policy/divla/vision/qwen_tower.h"
#include "policy/divla/weights/params.h"

namespace divla {

struct VlaQuery {
  std::string instruction;          // used verbatim
  std::vector<PixelPatches> views;  // in camera order; the same number and sizes for all queries of a batch
};

class VlaEngine {
 public:
  // params: as HfSpecs(config) lists them, all of one type on one device. stop_ids: tokens that end an answer.
  VlaEngine(HfConfig config, Tokenizer tokenizer, ParamStore params, std::vector<int> stop_ids);
  // The folder's config.json, tokenizer, weights and stop ids. Throws InputError.
  static VlaEngine Open(const std::string& folder, at::ScalarType type, at::Device device = at::kCPU);

  const HfConfig& Config() const { return config_; }
  const Tokenizer& Words() const { return tokenizer_; }

  // Encodes the views of all queries, in one batch. -> (B, image tokens of all views, hidden), as the tower gives them.
  at::Tensor See(std::span<const VlaQuery> queries);
  // Builds and reads the prompts; capacity for max_new_tokens more is kept. seen: as from See.
  void Read(std::span<const VlaQuery> queries, const at::Tensor& seen, int max_new_tokens);
  // The same for prompts that are there already, all with the same pictures in the same places.
  void ReadPrompts(std::vector<Prompt> prompts, const at::Tensor& seen, int max_new_tokens);
  // After Read: of row `row`, its prompt and the states after the final norm, (L, hidden).
  const Prompt& PromptOf(std::size_t row) const { return prompts_[row]; }
  at::Tensor PromptStates(std::size_t row) const;
  at::Tensor LogitsOf(const at::Tensor& states) const;  // (..., hidden) -> (..., vocab_size)

  // After Read: writes greedily until a stop id or max_new_tokens. -> ids by row, the stop id with them. A row that
  // `forced` (one entry for each row, or none at all) has ids for is written so instead, and then stopped. `wrote`, if not
  // empty, gets a row's ids after each of them.
  using WatchText = std::function<void(std::size_t row, const std::vector<int>& ids)>;
  std::vector<std::vector<int>> Write(int max_new_tokens, std::span<const std::vector<int>> forced = {},
                                      const WatchText& wrote = {});
  std::string Text(std::span<const int> ids) const;  // special tokens left out

  bool HasHead() const { return config_.head.has_value(); }
  // After Write: the condition of each row, (B, hidden). The answer's span is the states that were fed back, one less
  // than tokens written; where that is none, the prompt's last state stands for it. injected: as MeanPoolCondition.
  at::Tensor Condition(const at::Tensor& injected = {}) const;
  // state (B, state_dim) normalised, noise (B, T, A) standard normal -> actions (B, T, A) in [-1, 1], float32.
  // `denoised`: DdimSample's `watch`. On the CPU only: elsewhere all steps are one captured graph.
  using WatchDenoising = std::function<void(int step, const at::Tensor& expected)>;
  at::Tensor Act(const at::Tensor& condition, const at::Tensor& state, const at::Tensor& noise,
                 const WatchDenoising& denoised = {}) const;

 private:
  void MakeRoom(std::int64_t batch, std::int64_t capacity);
  void PlaceRope(const Prompt& prompt);
  void Feed(std::int64_t used);
  std::vector<std::int64_t> PartEnds(const std::vector<Prompt>& prompts) const;
  std::size_t KeptParts(const std::vector<Prompt>& prompts, const std::vector<std::int64_t>& ends) const;
  at::Tensor Embed(const std::vector<Prompt>& prompts, const at::Tensor& seen, std::int64_t longest) const;

  HfConfig config_;
  Tokenizer tokenizer_;
  ParamStore params_;
  std::vector<int> stop_ids_;
  at::TensorOptions options_;  // type and device of the weights

  std::vector<VlaQuery> seen_queries_;  // of the last See
  at::Tensor seen_;
  bool views_changed_{true};  // since the last Read

  std::vector<Prompt> prompts_;  // of the last Read
  KvCache cache_;
  RopeTable rope_;
  at::Tensor states_;  // (B, capacity, hidden)

  // Of Write, at fixed addresses: a captured step reads and writes them.
  at::Tensor ids_, slots_;    // (B, 1) i64: the token to feed and its slot
  at::Tensor open_;           // (B, 1) f32: 1 while the row's answer goes on
  at::Tensor fed_sum_, fed_;  // (B, hidden), (B, 1) f32: sum of the states fed back, and how many
  std::unique_ptr<StepGraph> feed_graph_;
  mutable std::unique_ptr<StepGraph> act_graph_;
  mutable at::Tensor act_condition_, act_state_, act_noise_, act_actions_;
};

}  // namespace divla
