// divla export: the episodes of a run as a LeRobot dataset.
#include "harness/lerobot/export.h"

#include <fmt/format.h>

#include <memory>

#include "harness/cli/commands.h"
#include "harness/provenance.h"

namespace divla {

void AddExport(CLI::App& app, CommandLine& line) {
  struct Options {
    std::string run, out;
    std::string images{"video"};
    RunExportOptions run_export;
    bool quiet{};
  };
  auto options = std::make_shared<Options>();
  options->run_export.workers = UsableCores();
  CLI::App* command = app.add_subcommand("export", "a run's episodes as LeRobot datasets (v3.0), reasoning included");
  command->add_option("run", options->run, "run folder, with its logs")->required();
  command->add_option("--out", options->out, "new folder: a dataset for each robot, OUT/ROBOT")->required();
  command->add_option("--images", options->images, "H.264 videos, or exact PNG in the tables")
      ->capture_default_str()
      ->check(CLI::IsMember({"video", "png"}));
  command->add_option("--height", options->run_export.height, "of the pictures (default: what the policy was shown)")
      ->check(CLI::Range(16, 1024));
  command->add_option("--width", options->run_export.width, "likewise")->check(CLI::Range(16, 1024));
  command->add_flag("!--no-language", options->run_export.language,
                    "without the reasoning in language columns, which LeRobot before 0.6 cannot open");
  command->add_option("--workers", options->run_export.workers, "worker threads; results do not depend on it")
      ->capture_default_str()
      ->check(CLI::Range(1, 1024));
  command->add_flag("--quiet", options->quiet, "no progress");
  command->callback([options, &line] {
    line.chosen = [options] {
      CatchInterrupts();
      RunExportOptions run_export = options->run_export;
      run_export.png = options->images == "png";
      run_export.stop = Interrupted;
      Progress progress("episodes", ReadRunInfo(options->run).episodes, options->quiet);
      const std::vector<ExportResult> results = ExportRun(options->run, options->out, run_export, &progress);
      progress.Close();
      for (const ExportResult& result : results) {
        if (result.stopped) {
          fmt::print(stderr, "stopped by the user: {} is no dataset\n", result.folder.string());
          return kExitInterrupted;
        }
        fmt::print("{} episodes, {} frames in {}", result.episodes, result.frames, result.folder.string());
        if (result.without_frames > 0)
          fmt::print("; {} episodes without a control step left out", result.without_frames);
        fmt::print("\n");
      }
      return 0;
    };
  });
}

}  // namespace divla
