// How fast and how large a Qwen2-VL-based policy of the true size is on this machine, and how fast a training runs
// beside what the processor can multiply. Standard types only.
#pragma once

#include <functional>
#include <string>
#include <vector>

namespace divla {

struct ModelBenchOptions {
  std::string model{"qwen2-vl-2b"};  // or qwen2-vl-7b: random weights in memory, with the released head; or a folder
  std::string dtype{"bfloat16"};     // or float32
  std::string device{"cpu"};         // or cuda
  int threads{};                     // of the CPU; 0: one for each core that this process may use
  std::vector<int> batches{1, 8};    // open episodes of one query
  int repeats{3};                    // each figure is the best of so many
};

struct ModelFigure {
  std::string what;
  double value{};
  std::string unit;
  std::string note;
};

// A query sees three views of 240 x 320, reads a prompt of 322 tokens, writes 25 and denoises in 10 steps. `report` gets
// each figure when it is measured. Throws InputError for an unknown model, type or device, or a folder that is no
// policy and no Qwen2-VL; MachineError when there is no such device in this build.
std::vector<ModelFigure> BenchModel(const ModelBenchOptions& options,
                                    const std::function<void(const ModelFigure&)>& report);

struct TrainingBenchOptions {
  std::string config;             // training configuration; one stage
  std::vector<std::string> data;  // folders of rows
  std::string scratch;            // an empty folder, for checkpoints that nobody keeps
  int steps{60};                  // at most the configuration's; at least three windows of log_every
};

// Figures: samples a second (median over the windows of `log_every` steps, after the first third of them), the
// arithmetic of the matrix products and convolutions of a sample, forward and backward (counted while a step runs: 2
// operations a multiplication, elementwise work not counted), what that makes a second, and the most that as many
// threads reach in plain square products in the configuration's precision (the measured peak), with the share.
// `report` gets each figure when it is measured. Throws as TrainDivla does.
std::vector<ModelFigure> BenchTraining(const TrainingBenchOptions& options,
                                       const std::function<void(const ModelFigure&)>& report);

}  // namespace divla
