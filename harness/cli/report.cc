// divla report: the reports of run folders again, and several runs beside each other.
#include "harness/report/report.h"

#include <fmt/format.h>

#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>

#include "harness/cli/commands.h"
#include "harness/edits.h"
#include "harness/file_write.h"
#include "harness/report/side_by_side.h"
#include "harness/run_folder.h"
#include "harness/training/curves.h"
#include "sim/check.h"

namespace divla {
namespace {

constexpr const char* kAbout = R"(One run: report.html, report.md and summary.json (and controls.json) are made again
from its episodes.jsonl, logs, frames and controls, in the run folder or in --out.
Several runs: a table side by side, with the paired difference to the first run
wherever the same episodes were played; by default in a new folder runs/report-N.
--training: the curves of up to four checkpoint folders as one drawing (SVG).)";

struct Options {
  std::vector<std::string> runs;
  std::vector<std::string> training;
  std::string out;
  bool json{};
};

int DrawCurves(const Options& options) {
  if (!options.runs.empty())
    throw InputError("--training: expected no run folders beside it, found " + options.runs[0]);
  std::vector<TrainingCurve> curves;
  for (const std::string& folder : options.training) curves.push_back(ReadTrainingCurve(folder));
  const std::string drawing = DrawTrainingCurves(curves);
  if (options.out.empty()) {
    fmt::print("{}", drawing);
  } else {
    WriteFileAtomically(options.out, drawing);
  }
  return 0;
}

int RunReport(const Options& options) {
  if (!options.training.empty()) return DrawCurves(options);
  if (options.runs.empty())
    throw InputError("runs: expected run folders, or checkpoint folders for --training, found neither");
  std::vector<LoadedRun> runs;
  for (const std::string& run : options.runs) runs.push_back(LoadRun(run));
  if (runs.size() == 1) {
    const std::filesystem::path out = options.out.empty() ? runs.front().folder : std::filesystem::path(options.out);
    PrintRun(runs.front().summary, WriteReports(runs.front(), out), options.json);
    fmt::print(stderr, "report: {}\n", (out / "report.html").string());
    return 0;
  }
  for (const LoadedRun& run : runs) RequireUnedited(run.folder);
  const SideBySide sides = CompareSideBySide(runs);
  const std::filesystem::path out =
      options.out.empty() ? CreateNumberedRunFolder("runs", "report") : std::filesystem::path(options.out);
  for (const std::string& run : options.runs) {
    std::error_code error;
    if (std::filesystem::equivalent(run, out, error)) {
      throw InputError(fmt::format("--out {}: expected a folder of its own, found one of the runs", out.string()));
    }
  }
  WriteSideBySide(sides, out);
  fmt::print("{}", options.json ? ToJson(sides).dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n"
                                : FormatSideBySideMarkdown(sides));
  fmt::print(stderr, "report: {}\n", (out / "report.html").string());
  return 0;
}

}  // namespace

void AddReport(CLI::App& app, CommandLine& line) {
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand("report", "the reports of run folders again; several runs side by side");
  command->footer(kAbout);
  command->add_option("runs", options->runs, "run folders; of several the first is the base");
  command->add_option("--training", options->training,
                      "checkpoint folders with train.jsonl: draw their training curves");
  command->add_option(
      "--out", options->out,
      "folder for the reports, files of the same names are replaced; with --training the file (else: printed)");
  command->add_flag("--json", options->json, "print the numbers as JSON instead of the table");
  command->callback([options, &line] { line.chosen = [options] { return RunReport(*options); }; });
}

}  // namespace divla
