// divla publish: a run folder in the form in which numbers are kept.
#include "harness/proof/publish.h"

#include <fmt/format.h>

#include <memory>

#include "harness/cli/commands.h"

namespace divla {

void AddPublish(CLI::App& app, CommandLine& line) {
  struct Options {
    std::string run, out;
  };
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand(
      "publish", "copy a run without its pictures, and with compact logs that divla verify can still play");
  command->add_option("run", options->run, "run folder")->required();
  command->add_option("--out", options->out, "folder, new or empty")->required();
  command->callback([options, &line] {
    line.chosen = [options] {
      PublishRun(options->run, options->out);
      fmt::print("{}\n", options->out);
      return 0;
    };
  });
}

}  // namespace divla
