// A micro-batch: rows of one embodiment with packed instructions, as tensors. A segment is a picture's own instruction
// or an alternative one. All randomness (which rows, which
// alternatives, jitter, augmentation, diffusion time and noise) is named by the run's seed and the micro-batch's
// number.
#pragma once

#include <ATen/ATen.h>

#include <map>
#include <string>
#include <vector>

#include "policy/divla/head/condition_instruction.h"
#include "policy/divla/language/language_model.h"
#include "policy/divla/train/dataset.h"
#include "sim/rng.h"

namespace divla {

struct Batch {
  const Body* body{};
  const Prompt* prompt{};  // of any instruction: its prefix is common to all
  at::Tensor pixels;       // (B, V, H, W, 3) f32 in [-1, 1] before augmentation
  Packing packing;         // B rows of P + S*L; without a language model P and L are 0
  // Without a language model: B*S lists, those of a row side by side. The others up to action_at are then undefined.
  TokenLists instructions;
  RopeTable rope;          // (P + L)
  at::Tensor segment_ids;  // (B, S*L) i64; action token k is vocab_size + k; padding is 0 and seen by nobody
  // The answer, of a policy that reasons: where in the flat (B*S*L) hidden states of the segments each token is predicted, and what it should be.
  at::Tensor text_at, text_labels;          // (M) i64
  at::Tensor location_at, location_labels;  // (N) i64; labels are bins
  at::Tensor answer_weights;                // (B, S*L) f32: mean over segment 0's answer
  at::Tensor action_at;                     // (B*S*K) i64 flat
  at::Tensor state, tool;                   // (B, S), (B, arms*9) f32, raw
  at::Tensor actions;                       // (B, chunk, A) f32, raw
  at::Tensor action_mask;                   // (B, chunk) f32
  at::Tensor points;                        // (B*S, 6) f32, standardised
  at::Tensor points_mask;                   // (B*S, 6) f32
  at::Tensor cell_class;                    // (B*V*cells) i64; class_count is "nothing"
  at::Tensor cell_at;                       // (O) i64: cells with an object
  at::Tensor cell_offset;                   // (O, 2) f32: (u, v) inside the cell
  at::Tensor timesteps;                     // (draws*B) i64
  at::Tensor noise;                         // (draws*B, chunk, A) f32
};

class BatchMaker {
 public:
  // Keeps references to all three; encodes every text once.
  BatchMaker(const TrainConfig& config, const Dataset& dataset, const Tokenizer& tokenizer);

  // Thread-safe. `body` indexes Dataset::Bodies(); `number` counts all micro-batches of the run.
  Batch Make(int body, std::uint64_t number) const;

  int FirstLocationId() const { return first_location_; }

 private:
  struct Segment {
    std::vector<int> prompt;  // ids after the common prefix; without a language model those of the instruction alone
    std::vector<int> answer;  // ids, <|im_end|> at the end; nothing else without reasoning
    std::array<float, 6> points{};
  };
  Segment MakeSegment(const Body& body, const std::string& instruction, const std::string& reasoning,
                      const Pixels& pixels) const;
  // What is read, of `most` segments a row; a row with fewer leaves its last ones empty.
  void PackSegments(const std::vector<std::vector<Segment>>& segments, std::size_t most, Rng& rng, Batch& batch) const;
  static void PadInstructions(const std::vector<std::vector<Segment>>& segments, std::size_t most, Batch& batch);
  static void SetPoints(const std::vector<std::vector<Segment>>& segments, std::size_t most, Batch& batch);

  const TrainConfig& config_;
  const Dataset& dataset_;
  const Tokenizer& tokenizer_;
  int first_location_{}, im_end_{};
  std::vector<Prompt> prompts_;                                        // by body, of an empty instruction
  std::map<std::string, std::vector<int>> instructions_, reasonings_;  // encoded
};

}  // namespace divla
