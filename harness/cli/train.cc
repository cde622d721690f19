// divla train: trains a checkpoint from folders of training rows (divla demo --render).
#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>
#include <memory>

#include "harness/cli/commands.h"
#include "policy/trainer.h"

namespace divla {
namespace {

int RunTrain(TrainOptions options) {
  CatchInterrupts();
  const bool terminal = ::isatty(STDERR_FILENO) == 1;
  options.progress = [terminal](const TrainProgress& progress) {
    fmt::print(stderr, "{}{}{}", terminal ? "\r" : "", progress.Line(), terminal ? "\033[K" : "\n");
    std::fflush(stderr);
  };
  options.interrupted = Interrupted;
  TrainDivla(options);
  if (terminal) fmt::print(stderr, "\n");
  if (!Interrupted()) return 0;
  fmt::print(stderr, "stopped by the user; the same command with --resume goes on\n");
  return kExitInterrupted;
}

}  // namespace

void AddTrain(CLI::App& app, CommandLine& line) {
  auto options = std::make_shared<TrainOptions>();
  CLI::App* command = app.add_subcommand("train", "train a DiVLA checkpoint from demonstrations");
  command->add_option("config", options->config, "training configuration (JSON)")->required();
  command->add_option("--data", options->data, "folder of training rows, or of such folders (several allowed)")
      ->required();
  command->add_option("--out", options->out, "folder of the checkpoint")->required();
  command->add_flag("--resume", options->resume, "go on with a run that was stopped");
  command->add_option("--stop-after", options->stop_after, "write a checkpoint after this step and stop")
      ->check(CLI::Range(1, 1'000'000'000));
  command->callback([options, &line] { line.chosen = [options] { return RunTrain(*options); }; });
}

}  // namespace divla
