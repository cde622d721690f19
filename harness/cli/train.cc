// divla train: trains a checkpoint, from folders of training rows or from its configuration alone.
#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>

#include "harness/cli/commands.h"
#include "harness/file_write.h"
#include "harness/provenance.h"
#include "harness/training/training_data.h"
#include "harness/training/validation.h"
#include "policy/trainer.h"
#include "sim/check.h"

namespace divla {
namespace {

struct TrainCommand {
  TrainOptions train;
  std::string cache{"runs/training-data"};
  int workers{};
};

int Stopped() {
  fmt::print(stderr, "stopped by the user; the same command with --resume goes on\n");
  return kExitInterrupted;
}

// OUT/sittings.jsonl: with which program, on which machine and how long each command trained. Apart from training.json,
// which is equal for equal runs.
void NoteSitting(const std::string& out, const std::vector<std::string>& words, double seconds) {
  const RunVersions versions = ReadVersions("none");
  const RunMachine machine = ReadMachine();
  const nlohmann::json line{{"command", words},
                            {"seconds", std::round(seconds)},
                            {"divla", versions.divla},
                            {"git_commit", versions.git_commit},
                            {"git_dirty", versions.git_dirty},
                            {"mujoco", versions.mujoco},
                            {"libtorch", versions.libtorch},
                            {"compiler", versions.compiler},
                            {"cpu", machine.cpu},
                            {"isa", machine.isa},
                            {"cores", machine.cores}};
  LineFile(std::filesystem::path(out) / "sittings.jsonl").Append(line.dump());
}

int RunTrain(const TrainCommand& command, const std::vector<std::string>& words) {
  CatchInterrupts();
  TrainOptions options = command.train;
  if (options.data.empty()) {
    const TrainingPlan plan = ReadTrainingPlan(options.config);
    if (plan.Empty()) {
      throw InputError(
          fmt::format("file {}: key 'data': expected what to record, or --data, found neither", options.config));
    }
    options.data = PrepareTrainingData(plan, command.cache, {command.workers, false, Interrupted});
    if (options.data.empty()) return Stopped();
  } else {
    CheckTrainingValidation(options.config);
  }
  const bool terminal = ::isatty(STDERR_FILENO) == 1;
  options.progress = [terminal](const TrainProgress& progress) {
    fmt::print(stderr, "{}{}{}", terminal ? "\r" : "", progress.Line(), terminal ? "\033[K" : "\n");
    std::fflush(stderr);
  };
  options.interrupted = Interrupted;
  options.validate = [&](const ValidationRequest& request) {
    const std::vector<ValidationResult> results =
        Validate(request, command.workers, RendererKind::kSoftware, Interrupted);
    for (const ValidationResult& result : results) {
      fmt::print(stderr, "{}validation at step {}: {} {} of {}\n", terminal ? "\r\033[K" : "", request.step,
                 result.task, result.successes, result.episodes);
    }
    return results;
  };
  options.takeovers = [&](const TakeoverRequest& request) {
    const TrainingPlan plan = TakeoverPlan(ReadTrainingPlan(options.config), request, options.config);
    return PrepareTrainingData(plan, command.cache, {command.workers, false, Interrupted});
  };
  const auto begin = std::chrono::steady_clock::now();
  const bool finished = TrainDivla(options);
  NoteSitting(options.out, words, std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count());
  if (terminal) fmt::print(stderr, "\n");
  return Interrupted() && !finished ? Stopped() : 0;
}

}  // namespace

void AddTrain(CLI::App& app, CommandLine& line) {
  auto options = std::make_shared<TrainCommand>();
  options->workers = UsableCores();
  CLI::App* command = app.add_subcommand("train", "train a DiVLA checkpoint from demonstrations");
  command->add_option("config", options->train.config, "training configuration (JSON)")->required();
  command->add_option("--data", options->train.data,
                      "folder of training rows, or of such folders (several allowed); without it the configuration's "
                      "'data' is recorded and rendered first");
  command->add_option("--cache", options->cache, "where recorded and rendered data is kept and found again")
      ->capture_default_str();
  command->add_option("--out", options->train.out, "folder of the checkpoint")->required();
  command->add_option("--init", options->train.init,
                      "checkpoint folder to begin from, instead of the configuration's init_from or fresh weights");
  command->add_flag("--resume", options->train.resume, "go on with a run that was stopped");
  command->add_option("--stop-after", options->train.stop_after, "write a checkpoint after this step and stop")
      ->check(CLI::Range(1, 1'000'000'000));
  command->add_option("--workers", options->workers, "threads for data and validation; results do not depend on it")
      ->capture_default_str()
      ->check(CLI::Range(1, 1024));
  command->callback([options, &line] { line.chosen = [options, &line] { return RunTrain(*options, line.words); }; });
}

}  // namespace divla
