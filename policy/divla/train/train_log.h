// The lines of train.jsonl, and the sums and the clock behind them.
#pragma once

#include <chrono>
#include <nlohmann/json.hpp>
#include <string>

#include "policy/divla/train/loss.h"
#include "policy/divla/train/train_config.h"
#include "policy/trainer.h"

namespace divla {

nlohmann::ordered_json ProgressJson(const TrainProgress& progress);
// train.jsonl up to and including `step`: what a resumed run goes on from. Empty for step 0, or without the file.
std::string LogUntil(const std::string& path, int step);
// Whether a validation of `step` is among these lines of train.jsonl.
bool HasValidation(const std::string& log, int step);

// Sums of the losses since the last report, and the clock that is reported beside them.
class Reporter {
 public:
  Reporter(const TrainRun& run, int first_step) : first_step_(first_step) {
    progress_.steps = run.Steps();
    progress_.stages = static_cast<int>(run.stages.size());
  }
  void Add(const LossValues& values) {
    sum_.total += values.total, sum_.diffusion += values.diffusion, sum_.text += values.text;
    sum_.location += values.location, sum_.location_bins += values.location_bins;
    sum_.auxiliary += values.auxiliary, sum_.points += values.points;
    ++summed_;
  }
  // Time that went into something else than steps.
  void LeaveOut(std::chrono::steady_clock::duration time) { begin_ += time, last_ += time; }
  // `step` of the run.
  TrainProgress Report(int stage, int step, int micro_batch, double rate, double norm) {
    const auto now = Clock::now();
    const double n = summed_;
    progress_.stage = stage + 1, progress_.step = step;
    progress_.loss = sum_.total / n, progress_.diffusion = sum_.diffusion / n, progress_.text = sum_.text / n;
    progress_.location = sum_.location / n, progress_.location_bins = sum_.location_bins / n;
    progress_.auxiliary = sum_.auxiliary / n, progress_.points = sum_.points / n;
    progress_.learning_rate = rate, progress_.gradient_norm = norm;
    const double window = std::chrono::duration<double>(now - last_).count(),
                 spent = std::chrono::duration<double>(now - begin_).count();
    progress_.samples_per_second = n * micro_batch / window;
    progress_.seconds_left = spent / (step - first_step_) * (progress_.steps - step);
    last_ = now;
    sum_ = {};
    summed_ = 0;
    return progress_;
  }

 private:
  using Clock = std::chrono::steady_clock;
  int first_step_;
  Clock::time_point begin_{Clock::now()}, last_{begin_};
  TrainProgress progress_;
  LossValues sum_;
  int summed_{};
};

}  // namespace divla
