#include <ATen/ATen.h>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <filesystem>

#include "policy/divla/bench/product_counter.h"
#include "policy/divla/train/team.h"
#include "policy/divla/train/train_config.h"
#include "policy/model_bench.h"
#include "policy/trainer.h"
#include "sim/check.h"

namespace divla {
namespace {

constexpr int kSide = 1024;     // of the square products of the peak
constexpr int kPeakRounds = 8;  // of which the fastest counts
constexpr int kProductsPerRound = 16;
constexpr int kCountedSteps = 2;

double Seconds() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

// Operations a second of `threads` threads, each with products of its own.
double PeakProducts(at::ScalarType type, int threads) {
  Team team(threads);
  const at::Tensor a = at::full({kSide, kSide}, 0.5, type), b = at::full({kSide, kSide}, 0.25, type);
  const std::function<void(int)> multiply = [&](int) {
    for (int i = 0; i < kProductsPerRound; ++i) at::mm(a, b);
  };
  double best = 0;
  for (int round = 0; round < kPeakRounds; ++round) {
    const double began = Seconds();
    team.Run(multiply);
    best = std::max(best, 2.0 * kSide * kSide * kSide * kProductsPerRound * threads / (Seconds() - began));
  }
  return best;
}

// Trains from nothing; the samples a second of each window.
std::vector<double> Train(const TrainingBenchOptions& options, const std::string& name, int steps) {
  std::vector<double> windows;
  TrainOptions train;
  train.config = options.config;
  train.data = options.data;
  train.out = (std::filesystem::path(options.scratch) / name).string();
  train.stop_after = steps;
  train.progress = [&](const TrainProgress& progress) { windows.push_back(progress.samples_per_second); };
  TrainDivla(train);
  return windows;
}

}  // namespace

std::vector<ModelFigure> BenchTraining(const TrainingBenchOptions& options,
                                       const std::function<void(const ModelFigure&)>& report) {
  std::vector<ModelFigure> figures;
  const auto add = [&](const std::string& what, double value, const std::string& unit, const std::string& note) {
    figures.push_back({what, value, unit, note});
    if (report) report(figures.back());
  };
  const TrainRun run = ReadTrainRun(options.config);
  const TrainConfig& config = run.stages.front();
  if (run.stages.size() != 1 || config.steps < options.steps || 3 * run.log_every > options.steps) {
    throw InputError(
        fmt::format("file {}: expected one stage of at least {} steps with three windows of log_every in "
                    "them, found {} stages, {} steps, log_every {}",
                    options.config, options.steps, run.stages.size(), config.steps, run.log_every));
  }
  std::vector<double> windows = Train(options, "timed", options.steps);
  windows.erase(windows.begin(), windows.begin() + static_cast<std::ptrdiff_t>(windows.size() / 3));
  std::sort(windows.begin(), windows.end());
  const double rate = windows[windows.size() / 2];
  add("training", rate, "/s",
      fmt::format("samples; {} replicas of {} rows, {}", config.replicas, config.micro_batch, config.precision));
  double operations = 0;
  {
    const ProductCounter counter;
    Train(options, "counted", kCountedSteps);
    operations = counter.Operations() / (kCountedSteps * config.replicas * config.micro_batch);
  }
  add("arithmetic of a sample", operations / 1e9, "GFLOP", "matrix products and convolutions, forward and backward");
  add("arithmetic of the training", operations * rate / 1e9, "GFLOP/s", "");
  const bool half = config.precision == "bf16";
  const double peak = PeakProducts(half ? at::kBFloat16 : at::kFloat, config.replicas);
  add("measured peak", peak / 1e9, "GFLOP/s",
      fmt::format("products of {0} x {0} in {1}, {2} threads", kSide, half ? "bfloat16" : "float32", config.replicas));
  add("share of the peak", 100.0 * operations * rate / peak, "%", "");
  return figures;
}

}  // namespace divla
