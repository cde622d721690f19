// Trains a DiVLA checkpoint from pre-rendered folders (policy/rows.h). Standard types only. Deterministic: same config,
// data and machine type, same bytes; a run that was stopped or killed and resumed ends with the same bytes as one that
// was not.
//
// A run has stages, each with an optimiser and a learning rate of its own. A stage begins from the moving average of the
// weights of the one before, which is what the checkpoint OUT/stage-N holds: two stages of one run equal two runs, the
// second with that folder as `init`.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace divla {

struct TrainProgress {
  int step{}, steps{};  // of the whole run
  int stage{1}, stages{1};
  double loss{};           // weighted sum, mean since the last report, like all below
  double diffusion{};      // mean squared error of normalised actions
  double text{};           // cross-entropy of a text token (nats); 0, like the next two, of a policy that writes none
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

// Closed-loop validation: what the configuration asks for, and what came of it.
struct ValidationRequest {
  std::string checkpoint;  // a complete checkpoint folder with the weights of this step
  std::vector<std::string> tasks;
  int episodes{};  // of each task
  std::uint64_t seed{};
  int step{};  // of the run
};
struct ValidationResult {
  std::string task;
  int successes{}, episodes{};
};

// Episodes in which the expert takes over from a checkpoint: what a stage's "takeovers" ask for.
struct TakeoverRequest {
  int stage{1};
  std::string checkpoint;               // that the stage begins from: OUT/stage-N, or what the run began from
  std::map<std::string, int> episodes;  // of each task
};

struct TrainOptions {
  std::string config;             // training configuration, JSON; keys in policy/divla/train/train_config.h
  std::vector<std::string> data;  // folders with meta.json, or folders that hold such folders
  std::string out;                // becomes a complete checkpoint; also holds train.jsonl and state/ (for resuming)
  std::string init;               // a checkpoint folder to begin from; else the configuration's "init_from"; else fresh
  bool resume{};                  // go on from out/state; starts from scratch when there is none
  int stop_after{};               // >0: checkpoint and return after this step of the run, as if interrupted
  std::function<void(const TrainProgress&)> progress;  // called on the calling thread
  std::function<bool()> interrupted;                   // asked after each step; true: checkpoint and return
  // Plays episodes when the configuration has a "validation"; without it none are played. Called on the calling thread
  // between steps; must not touch the folder. The weights do not depend on it. A result for each task; fewer when it was
  // stopped: nothing is then logged, the run stops as if interrupted, and resuming it begins with this validation.
  std::function<std::vector<ValidationResult>(const ValidationRequest&)> validate;
  // Makes the rows of a stage's takeovers and returns their folders, the same bytes for the same request; none when it
  // was stopped, and the run then stops as if interrupted. Called on the calling thread, when the stage begins and again
  // whenever the run is resumed in it or in a later one. Without it a configuration with takeovers is refused.
  std::function<std::vector<std::string>(const TakeoverRequest&)> takeovers{};
};

// Returns true when the run is finished, false when it was stopped and `resume` goes on with it. Throws InputError for a
// bad configuration or bad data, MachineError when the output folder cannot be written.
bool TrainDivla(const TrainOptions& options);

}  // namespace divla
