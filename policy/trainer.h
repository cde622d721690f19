// Trains a DiVLA checkpoint from pre-rendered folders (policy/rows.h). Standard types only. Deterministic: same config,
// data and machine type, same bytes; a run that was stopped and resumed ends with the same bytes as one that was not.
#pragma once

#include <functional>
#include <string>
#include <vector>

namespace divla {

struct TrainProgress {
  int step{}, steps{};
  double loss{};           // weighted sum, mean since the last report, like all below
  double diffusion{};      // mean squared error of normalised actions
  double text{};           // cross-entropy of a text token (nats)
  double location{};       // KL divergence of a location token (nats)
  double location_bins{};  // mean absolute error of a location token's best bin
  double auxiliary{};      // dense object loss on visual tokens
  double points{};         // mean squared error of standardised target points
  double learning_rate{};
  double gradient_norm{};
  double samples_per_second{};
  double seconds_left{};
  std::string Line() const;  // for a person
};

struct TrainOptions {
  std::string config;             // training configuration, JSON; keys in policy/divla/train/train_config.h
  std::vector<std::string> data;  // folders with meta.json, or folders that hold such folders
  std::string out;                // becomes a complete checkpoint; also holds train.jsonl and state/ (for resuming)
  bool resume{};                  // go on from out/state; starts from scratch when there is none
  int stop_after{};               // >0: checkpoint and return after this step, as if interrupted
  std::function<void(const TrainProgress&)> progress;  // called on the calling thread
  std::function<bool()> interrupted;                   // asked after each step; true: checkpoint and return
};

// Throws InputError for a bad configuration or bad data, MachineError when the output folder cannot be written.
void TrainDivla(const TrainOptions& options);

}  // namespace divla
