// divla merge: the shards of a run, joined.
#include "harness/merge.h"

#include <fmt/format.h>

#include <memory>

#include "harness/cli/commands.h"

namespace divla {
namespace {

constexpr int kExitIncomplete = 1;

constexpr const char* kAbout = R"(Exit code 0 when the merged run was written, 1 when a shard is missing or not
complete: each is named with the command that makes it, and nothing is written.
Exit code 2 when the folders are not the shards of one run.)";

}  // namespace

void AddMerge(CLI::App& app, CommandLine& line) {
  struct Options {
    std::vector<std::string> runs;
    std::string out;
    bool json{};
  };
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand("merge", "join the run folders of eval --shard into one run");
  command->footer(kAbout);
  command->add_option("runs", options->runs, "run folders of all shards, in any order")->required();
  command->add_option("--out", options->out, "run folder, new or empty")->required();
  command->add_flag("--json", options->json, "print the summary as JSON instead of the table");
  command->callback([options, &line] {
    line.chosen = [options] {
      const MergeResult result = MergeRuns({options->runs.begin(), options->runs.end()}, options->out);
      for (const MissingShard& gap : result.missing) {
        fmt::print(stderr, "{}shard {}/{} {} ({} episodes are missing); make it with:\n  {}\n",
                   gap.control.empty() ? "" : gap.control + ": ", gap.shard.index, gap.shard.count,
                   gap.folder.empty() ? "is missing" : "is not complete in " + gap.folder, gap.episodes, gap.command);
      }
      if (!result.missing.empty()) return kExitIncomplete;
      PrintRun(result.summary, result.controls, options->json);
      fmt::print(stderr, "run folder: {}\n", options->out);
      return 0;
    };
  });
}

}  // namespace divla
