// divla bench: speed figures of this machine beside the project's targets.
#include "harness/bench/bench.h"

#include <fmt/format.h>

#include <cstdio>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>

#include "harness/bench/bench_training.h"
#include "harness/cli/commands.h"
#include "harness/provenance.h"
#include "policy/model_bench.h"

namespace divla {
namespace {

std::string Number(double value) { return value >= 100 ? fmt::format("{:.0f}", value) : fmt::format("{:.2f}", value); }

std::string Row(const BenchFigure& figure) {
  const std::string target =
      figure.target ? fmt::format("{} {} {}", figure.more_is_better ? ">=" : "<=", Number(*figure.target), figure.unit)
                    : "";
  const char* verdict = !figure.target ? "" : figure.Met() ? "met" : "missed";
  return fmt::format("{:<40} {:>10} {:<3}  {:<12} {:<6}  {}\n", figure.what, Number(figure.value), figure.unit, target,
                     verdict, figure.note);
}

int RunCommand(const BenchOptions& options, bool json) {
  const RunMachine machine = ReadMachine();
  if (json) {
    nlohmann::json figures = nlohmann::json::array();
    nlohmann::json notes = nlohmann::json::array();
    const auto note = [&](const std::string& line) { notes.push_back(line); };
    for (const BenchFigure& figure : RunBench(options, {}, note)) figures.push_back(ToJson(figure));
    const nlohmann::json out{{"machine", {{"cpu", machine.cpu}, {"isa", machine.isa}, {"cores", machine.cores}}},
                             {"figures", figures},
                             {"notes", notes}};
    fmt::print("{}\n", out.dump(2));
    return 0;
  }
  fmt::print("{}, {}, {} cores; task {}\n", machine.cpu, machine.isa, machine.cores, options.task);
  RunBench(
      options,
      [](const BenchFigure& figure) {
        fmt::print("{}", Row(figure));
        std::fflush(stdout);
      },
      [](const std::string& note) { fmt::print("{}\n", note); });
  return 0;
}

using ModelReport = std::function<void(const ModelFigure&)>;

// Of a model or a training; `what` and `name` say which.
int RunFigures(const char* what, const std::string& name, bool json,
               const std::function<std::vector<ModelFigure>(const ModelReport&)>& measure) {
  const RunMachine machine = ReadMachine();
  if (!json) fmt::print("{}, {}, {} cores; {} {}\n", machine.cpu, machine.isa, machine.cores, what, name);
  const auto print = [](const ModelFigure& figure) {
    fmt::print("{:<40} {:>10} {:<5}  {}\n", figure.what, Number(figure.value), figure.unit, figure.note);
    std::fflush(stdout);
  };
  const std::vector<ModelFigure> figures = measure(json ? ModelReport() : print);
  if (json) {
    nlohmann::json rows = nlohmann::json::array();
    for (const ModelFigure& figure : figures) {
      rows.push_back({{"what", figure.what}, {"value", figure.value}, {"unit", figure.unit}, {"note", figure.note}});
    }
    fmt::print("{}\n",
               nlohmann::json{{"machine", {{"cpu", machine.cpu}, {"isa", machine.isa}, {"cores", machine.cores}}},
                              {what, name},
                              {"figures", rows}}
                   .dump(2));
  }
  return 0;
}

}  // namespace

void AddBench(CLI::App& app, CommandLine& line) {
  struct Options {
    BenchOptions bench;
    ModelBenchOptions model;
    std::string train;
    bool json{};
  };
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand("bench", "speed of reset, physics, pictures, policy and whole episodes");
  command->add_option("--task", options->bench.task, "task of the scenes")->capture_default_str();
  command->add_option("--policy", options->bench.policy, "policy that is queried")->capture_default_str();
  AddRendererOption(*command, options->bench.renderer, "draws for queries and episodes; frames are measured with both");
  command->add_option("--seconds", options->bench.seconds, "least time of each figure")
      ->capture_default_str()
      ->check(CLI::Range(0.01, 600.0));
  command->add_flag("--json", options->json, "as JSON");
  CLI::Option* model = command->add_option(
      "--model", options->model.model,
      "instead: a policy of true size, qwen2-vl-2b or qwen2-vl-7b with random weights, or a folder");
  command->add_option("--batch", options->model.batches, "with --model: open episodes of a query")
      ->delimiter(',')
      ->needs(model);
  command->add_option("--threads", options->model.threads, "with --model: of the CPU; 0 for all cores")->needs(model);
  command->add_option("--dtype", options->model.dtype, "with --model")
      ->check(CLI::IsMember({"float32", "bfloat16"}))
      ->needs(model);
  command->add_option("--device", options->model.device, "with --model")
      ->check(CLI::IsMember({"cpu", "cuda"}))
      ->needs(model);
  command
      ->add_option("--train", options->train,
                   "instead: samples a second of `divla train CONFIG`, beside what the processor can multiply")
      ->excludes(model);
  command->callback([options, model, &line] {
    line.chosen = [options, model] {
      if (model->count() > 0) {
        return RunFigures("model", options->model.model, options->json,
                          [&](const ModelReport& report) { return BenchModel(options->model, report); });
      }
      if (!options->train.empty()) {
        return RunFigures("training", options->train, options->json,
                          [&](const ModelReport& report) { return BenchTrainingOf(options->train, report); });
      }
      return RunCommand(options->bench, options->json);
    };
  });
}

}  // namespace divla
