// divla probe: one forward pass of a checkpoint folder with every intermediate tensor.
#include "policy/probe.h"

#include <memory>

#include "harness/cli/commands.h"

namespace divla {
namespace {

struct ProbeArguments {
  std::string folder, input, output;
  ProbeOptions options;
};

}  // namespace

void AddProbe(CLI::App& app, CommandLine& line) {
  auto arguments = std::make_shared<ProbeArguments>();
  CLI::App* command = app.add_subcommand(
      "probe", "one forward pass with every intermediate tensor, to check a checkpoint against PyTorch");
  command
      ->add_option("folder", arguments->folder, "checkpoint folder: Hugging Face's, the released DiVLA code's, or ours")
      ->required();
  command->add_option("input", arguments->input, "safetensors file with pictures, instruction, state, noise")
      ->required();
  command->add_option("output", arguments->output, "safetensors file to write")->required();
  command->add_option("--dtype", arguments->options.dtype, "type of the computation")
      ->check(CLI::IsMember({"float32", "bfloat16"}))
      ->capture_default_str();
  command->callback([arguments, &line] {
    line.chosen = [arguments] {
      Probe(arguments->folder, arguments->input, arguments->output, arguments->options);
      return 0;
    };
  });
}

}  // namespace divla
