#include "policy/trainer.h"

#include <fmt/format.h>
#include <malloc.h>

#include <chrono>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>

#include "policy/divla/train/batch.h"
#include "policy/divla/train/checkpoint.h"
#include "policy/divla/train/dataset.h"
#include "policy/divla/train/loss.h"
#include "policy/divla/train/optimizer.h"
#include "policy/divla/train/run_state.h"
#include "policy/divla/train/start.h"
#include "policy/divla/train/team.h"
#include "policy/divla/train/train_log.h"
#include "policy/file_io.h"
#include "sim/check.h"

namespace divla {
namespace {

namespace fs = std::filesystem;

// Which embodiment each micro-batch is from: always the one that is furthest behind its share.
std::vector<int> BodySchedule(const std::vector<Body>& bodies, std::size_t count) {
  double sum = 0;
  for (const Body& body : bodies) sum += body.weight;
  std::vector<double> given(bodies.size());
  std::vector<int> schedule;
  for (std::size_t n = 0; n < count; ++n) {
    std::size_t best = 0;
    double most = -1e30;
    for (std::size_t b = 0; b < bodies.size(); ++b) {
      const double behind = bodies[b].weight / sum * static_cast<double>(n + 1) - given[b];
      if (behind > most + 1e-12) most = behind, best = b;
    }
    given[best] += 1;
    schedule.push_back(static_cast<int>(best));
  }
  return schedule;
}

// One run: what stays the same over its stages.
class Run {
 public:
  Run(const TrainOptions& options, const TrainRun& run)
      : options_(options),
        run_(run),
        out_(options.out),
        start_folder_(options.init.empty() ? run.init_from : options.init),
        dataset_(run, options.data),
        start_(Begin()),
        identity_{run.json, dataset_.Digest(), start_.weights_sha256},
        flat_(Flatten(start_.specs, start_.values, Rounds(0))),
        adam_(MakeAdamW(flat_)) {}

  // False when it was stopped and something is left to do.
  bool Train() {
    RunPosition position;
    if (options_.resume && HasState(out_)) position = Resume();
    for (int stage = 0; stage <= position.stage; ++stage) {
      if (!AddTakeovers(stage)) return false;
    }
    int before = 0;  // steps of the stages before
    for (int stage = 0; stage < position.stage; ++stage) before += Stage(stage).steps;
    const std::string log_path = (out_ / "train.jsonl").string();
    const std::string log = LogUntil(log_path, before + position.step);
    WriteFile(log_path, log);
    log_.open(log_path, std::ios::app);
    if (!log_) throw MachineError(fmt::format("file {}: cannot be written", log_path));
    Reporter reporter(run_, before + position.step);
    owes_validation_ = IsValidated(position, before) && !HasValidation(log, before + position.step);
    if (owes_validation_) SaveCheckpoint(out_, position);  // the folder's may be of a later step than the state
    while (true) {
      if (owes_validation_) PayValidation(position, before, reporter);
      if (owes_validation_) return false;
      const bool stopped = !RunStage(position, before, reporter);
      const bool last = position.stage + 1 == static_cast<int>(run_.stages.size());
      if (stopped) return last && position.step == Stage(position.stage).steps && !owes_validation_;
      if (last) return true;
      before += Stage(position.stage).steps;
      ++position.stage;
      position.step = 0;
      BeginStage(position.stage);
      const auto began = std::chrono::steady_clock::now();
      if (!AddTakeovers(position.stage)) return false;
      reporter.LeaveOut(std::chrono::steady_clock::now() - began);
    }
  }

 private:
  const TrainConfig& Stage(int stage) const { return run_.stages[static_cast<std::size_t>(stage)]; }
  bool Rounds(int stage) const { return Stage(stage).precision == "bf16"; }

  Start Begin() const {
    return start_folder_.empty() ? FreshStart(run_, dataset_) : StartFrom(start_folder_, run_, dataset_);
  }

  // Of the checkpoint after so many stages.
  static std::string StageName(int stages) { return fmt::format("stage-{}", stages); }

  RunPosition Resume() {
    const RunPosition position = LoadState(out_, flat_, adam_, identity_);
    if (position.stage < 0 || position.stage >= static_cast<int>(run_.stages.size())) {
      throw InputError(fmt::format("folder {}: the state is of stage {}, expected one of {}", out_.string(),
                                   position.stage + 1, run_.stages.size()));
    }
    if (position.stage > 0) {  // the same numbers in the stage's precision
      const at::Tensor values = flat_.values;
      flat_ = Flatten(start_.specs, Views(flat_, values), Rounds(position.stage));
    }
    return position;
  }

  // The averaged weights go on, with a new optimiser.
  void BeginStage(int stage) {
    flat_ = Flatten(start_.specs, Views(flat_, adam_.average), Rounds(stage));
    adam_ = MakeAdamW(flat_);
  }

  // The rows of the stage's takeovers join the data. False when that was stopped; nothing of the stage is done then.
  bool AddTakeovers(int stage) {
    const TrainConfig& config = Stage(stage);
    if (config.takeovers.empty()) return true;
    if (!options_.takeovers) {
      throw InputError(fmt::format("file {}: key 'takeovers': expected a program with the simulator, found one without",
                                   options_.config));
    }
    TakeoverRequest request{stage + 1, start_folder_, config.takeovers};
    if (stage > 0) request.checkpoint = (out_ / StageName(stage)).string();
    if (request.checkpoint.empty()) {
      throw InputError(
          fmt::format("file {}: key 'takeovers': expected a checkpoint that the first stage begins from (init_from, "
                      "--init), found none",
                      options_.config));
    }
    const std::vector<std::string> folders = options_.takeovers(request);
    dataset_.AddTakeovers(run_, folders, stage + 1);
    return !folders.empty();
  }

  void SaveCheckpoint(const fs::path& folder, RunPosition position) const {
    divla::SaveCheckpoint(folder, run_, dataset_, start_, Views(flat_, adam_.average), position);
  }

  void Log(const nlohmann::ordered_json& line) { log_ << line.dump() << '\n' << std::flush; }

  // Whether the configuration wants episodes of the checkpoint after this step.
  bool IsValidated(RunPosition position, int before) const {
    return options_.validate && run_.validation.every > 0 && position.step > 0 &&
           ((before + position.step) % run_.validation.every == 0 || position.step == Stage(position.stage).steps);
  }

  // Plays the episodes of the checkpoint in the folder. A validation that was stopped before every task came back is
  // owed: it has no line, and a resumed run begins with it.
  void PayValidation(RunPosition position, int before, Reporter& reporter) {
    const auto begin = std::chrono::steady_clock::now();
    const int step = before + position.step;
    ValidationRequest request{out_.string(), {}, run_.validation.episodes, run_.validation.seed, step};
    for (const auto& [task, weight] : Stage(position.stage).tasks) request.tasks.push_back(task);
    nlohmann::ordered_json tasks;
    for (const ValidationResult& result : options_.validate(request)) {
      tasks[result.task] = {{"successes", result.successes}, {"episodes", result.episodes}};
    }
    owes_validation_ = tasks.size() < request.tasks.size();
    if (!owes_validation_) Log({{"step", step}, {"validation", tasks}});
    reporter.LeaveOut(std::chrono::steady_clock::now() - begin);
  }

  // From position.step to the stage's end. Returns false when it was stopped.
  bool RunStage(RunPosition& position, int before, Reporter& reporter) {
    const TrainConfig& config = Stage(position.stage);
    dataset_.SetWeights(config.tasks, config.takeover_share, config.keep_takeovers ? 1 : position.stage + 1);
    std::set<std::string> trained;
    for (const Body& body : dataset_.Bodies()) {
      if (body.weight > 0) trained.insert(body.name);
    }
    TrainOnly(flat_, trained);
    std::vector<Replica> replicas;
    for (int r = 0; r < config.replicas; ++r) {
      replicas.push_back(MakeReplica(flat_));
      for (const auto& [name, tensor] : start_.normalizer) replicas.back().params.emplace(name, tensor);
    }
    TrainConfig sized = config;
    sized.model = start_.model;
    const BatchMaker maker(sized, dataset_, start_.tokenizer);
    const DdimSchedule schedule = MakeDdimSchedule(sized.model.head);
    const auto per_step = static_cast<std::size_t>(config.replicas);
    const std::vector<int> bodies = BodySchedule(dataset_.Bodies(), static_cast<std::size_t>(config.steps) * per_step);
    std::vector<LossValues> losses(per_step);
    int& step = position.step;
    Team team(config.replicas);
    const std::function<void(int)> gradients = [&](int r) {
      const auto number = static_cast<std::size_t>(step) * per_step + static_cast<std::size_t>(r);
      const Batch batch = maker.Make(bodies[number], number);
      LossValues& values = losses[static_cast<std::size_t>(r)];
      values = {};
      Loss(sized, replicas[static_cast<std::size_t>(r)].params, schedule, batch, maker.FirstLocationId(), values)
          .backward();
    };
    while (step < config.steps) {
      team.Run(gradients);
      const double rate = LearningRate(config, step), norm = Step(config, step, flat_, adam_, replicas, team);
      ++step;
      const int done = before + step;
      for (const LossValues& values : losses) reporter.Add(values);
      if (step % run_.log_every == 0 || step == config.steps) {
        const TrainProgress progress = reporter.Report(position.stage, done, config.micro_batch, rate, norm);
        Log(ProgressJson(progress));
        if (options_.progress) options_.progress(progress);
        if (!std::isfinite(progress.loss))
          throw MachineError(fmt::format("training: the loss is not finite at step {}; lower learning_rate", done));
      }
      const bool stop =
          (options_.stop_after > 0 && done >= options_.stop_after) || (options_.interrupted && options_.interrupted());
      owes_validation_ = IsValidated(position, before);
      const bool save = owes_validation_ || stop || step % run_.checkpoint_every == 0 || step == config.steps;
      if (save) SaveCheckpoint(out_, position);
      if (step == config.steps && run_.stages.size() > 1) {
        SaveCheckpoint(out_ / StageName(position.stage + 1), position);
      }
      if (owes_validation_ && !stop) PayValidation(position, before, reporter);
      // Last: a run that is killed before this line does the same steps again.
      if (save) SaveState(out_, flat_, adam_, position, identity_);
      if (stop || owes_validation_) return false;
    }
    return true;
  }

  const TrainOptions& options_;
  const TrainRun& run_;
  fs::path out_;
  std::string start_folder_;  // of the checkpoint that it begins from; empty: fresh weights
  Dataset dataset_;
  Start start_;
  RunIdentity identity_;
  FlatParams flat_;
  AdamW adam_;
  std::ofstream log_;
  bool owes_validation_{};  // the checkpoint of the last step has episodes to play
};

}  // namespace

bool TrainDivla(const TrainOptions& options) {
  // Keep freed memory: every step asks for the same large blocks again, and the kernel clears each fresh page.
  mallopt(M_MMAP_THRESHOLD, 32 << 20);  // the most that glibc accepts
  mallopt(M_TRIM_THRESHOLD, 1 << 30);
  mallopt(M_ARENA_MAX, 1);
  const TrainRun run = ReadTrainRun(options.config);
  std::error_code error;
  fs::create_directories(options.out, error);
  if (error) throw MachineError(fmt::format("folder {}: cannot be made: {}", options.out, error.message()));
  return Run(options, run).Train();
}

}  // namespace divla
