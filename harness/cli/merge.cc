// divla merge: the shards of a run, joined.
#include "harness/merge.h"

#include <fmt/format.h>

#include <cstdio>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>

#include "harness/cli/commands.h"
#include "harness/control_summary.h"
#include "harness/report/console.h"
#include "harness/run.h"

namespace divla {
namespace {

constexpr int kExitIncomplete = 1;

constexpr const char* kAbout = R"(Exit code 0 when the merged run was written, 1 when a shard is missing or not
complete: each is named with the command that makes it, and nothing is written.
Exit code 2 when the folders are not the shards of one run.)";

void SayMissing(const MergeResult& result, const std::string& of) {
  for (const MissingShard& gap : result.missing) {
    fmt::print(stderr, "{}shard {}/{} {} ({} episodes are missing); make it with:\n  {}\n", of, gap.shard.index,
               gap.shard.count, gap.folder.empty() ? "is missing" : "is not complete in " + gap.folder, gap.episodes,
               gap.command);
  }
}

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
      SayMissing(result, "");
      if (!result.missing.empty()) return kExitIncomplete;
      int code = 0;
      for (const ControlInfo& info : Controls()) {
        std::vector<std::filesystem::path> parts;
        for (const std::string& run : options->runs) {
          const auto part = ControlFolder(run, info.control);
          if (std::filesystem::exists(part)) parts.push_back(part);
        }
        if (parts.empty()) continue;
        const MergeResult part = MergeRuns(parts, ControlFolder(options->out, info.control));
        SayMissing(part, info.name + ": ");
        if (!part.missing.empty()) code = kExitIncomplete;
      }
      const std::vector<ControlSummary> controls = WriteControls(options->out, result.summary);
      if (options->json) {
        nlohmann::json value = ToJson(result.summary);
        if (!controls.empty()) value["controls"] = ToJson(controls);
        fmt::print("{}\n", value.dump(2));
      } else {
        fmt::print("{}{}", FormatConsole(result.summary), controls.empty() ? "" : FormatControls(controls));
      }
      std::fflush(stdout);
      fmt::print(stderr, "run folder: {}\n", options->out);
      return code;
    };
  });
}

}  // namespace divla
