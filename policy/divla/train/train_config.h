// The training configuration, a JSON file. Unknown keys are errors; defaults are those below.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "policy/divla/config.h"

namespace divla {

// One stage: everything that may differ between the stages of a run.
struct TrainConfig {
  DivlaConfig model;                    // the run's, for convenience
  std::map<std::string, double> tasks;  // "tasks": sampling weight of each task's folder
  // Names the chance of a stage: rows, augmentation, noise, and the fresh weights of the first stage. By default the
  // run's seed plus the stage's number, so that two stages of a run equal two runs.
  std::uint64_t seed{1};
  int steps{5000};
  std::string precision{"float32"};  // of large products: or "bf16" (mixed precision, see optimizer.h)
  int replicas{2};                   // gradient = sum over replicas, one thread each
  int micro_batch{16};               // rows per replica and step
  int segments{3};                   // instructions per picture: the row's own and alternatives
  int action_draws{4};               // (time, noise) draws per row
  double learning_rate{8e-4}, beta1{0.9}, beta2{0.98}, weight_decay{0.03};
  int warmup_steps{100};
  double final_lr_fraction{0.05};  // of learning_rate, end of the cosine
  double clip_norm{1.0};
  double ema_decay{0.998};
  double diffusion_weight{1.0}, text_weight{1.0}, auxiliary_weight{0.5}, points_weight{1.0};
  double location_fraction{0.4};            // of the text loss, from location tokens
  double location_sigma{1.0};               // bins, of the soft targets
  double location_jitter{1.5};              // bins, of the inputs under teacher forcing
  double gain_std{0.15}, offset_std{0.08};  // photometric augmentation per row: gain, colour offset
  // Before the stage: so many episodes of each task in which the expert takes over from the checkpoint that the stage
  // begins from (DAgger, harness/training/takeover.h). Their rows are drawn in this stage, and in the later ones that
  // keep them.
  std::map<std::string, int> takeovers;
  bool keep_takeovers{true};   // draw those of earlier stages, too
  double takeover_share{0.3};  // of a task's rows, where it has takeovers
};

// "validation": closed-loop episodes between steps, run by whoever called the trainer.
struct ValidationConfig {
  int every{};     // steps of the run, besides the end of each stage; 0: never
  int episodes{};  // of each task
  std::uint64_t seed{};
};

// The whole file. Keys of a stage may stand at the top, for all stages, and in an entry of "stages", for that one.
struct TrainRun {
  DivlaConfig model;    // "model": as config.json; vocab_size is set by the tokenizer
  int vocab_size{512};  // of the tokenizer, special tokens included
  std::string init_from;
  std::vector<TrainConfig> stages;      // at least one
  std::map<std::string, double> tasks;  // of all stages: which data the run reads; its weights are the top's
  int log_every{20};
  int checkpoint_every{500};  // steps of a stage
  ValidationConfig validation;
  std::string json;  // the text it was read from

  int Steps() const;  // of all stages
};

// Throws InputError naming file and key.
TrainRun ReadTrainRun(const std::string& path);

}  // namespace divla
