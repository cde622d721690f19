// divla verify: the logged actions of a run, played again without its policy.
#include "harness/proof/verify.h"

#include <fmt/format.h>

#include <memory>
#include <nlohmann/json.hpp>

#include "harness/cli/commands.h"
#include "harness/control_summary.h"
#include "harness/provenance.h"

namespace divla {
namespace {

constexpr int kExitDifferent = 1;

constexpr const char* kAbout = R"(Exit code 0 when all that could be checked agrees, 1 when something differs: each line
names the control step (the action, the text, or the state after it) and the field,
what the run folder says, and what came out. Lines that begin with "note:" say what
could not be checked.)";

}  // namespace

void AddVerify(CLI::App& app, CommandLine& line) {
  struct Options {
    std::string run;
    VerifyOptions verify;
    bool quiet{};
    bool json{};
  };
  auto options = std::make_shared<Options>();
  options->verify.workers = UsableCores();
  CLI::App* command =
      app.add_subcommand("verify", "play the logged actions of a run again, without its policy, and score them again");
  command->footer(kAbout);
  command->add_option("run", options->run, "run folder")->required();
  command->add_option("--episode", options->verify.episode, "only this one, by its key: all of its differences");
  command->add_flag("--frames", options->verify.frames, "draw again what the policy saw, and compare its hash");
  command->add_option("--workers", options->verify.workers, "worker threads")
      ->capture_default_str()
      ->check(CLI::Range(1, 1024));
  command->add_flag("--quiet", options->quiet, "no progress");
  command->add_flag("--json", options->json, "as JSON");
  command->callback([options, &line] {
    line.chosen = [options] {
      CatchInterrupts();
      options->verify.stop = Interrupted;
      const bool one = !options->verify.episode.empty();
      std::vector<std::filesystem::path> folders{options->run};
      for (const ControlInfo& control : Controls()) {
        const auto part = ControlFolder(options->run, control.control);
        if (!one && std::filesystem::exists(part)) folders.push_back(part);
      }
      nlohmann::json json;
      bool agrees = true, stopped = false;
      for (const std::filesystem::path& folder : folders) {
        const RunInfo info = ReadRunInfo(folder);
        Progress progress(info.control.empty() ? "episodes" : info.control, one ? 1 : info.episodes, options->quiet);
        const Verification verification = VerifyRun(folder, options->verify, &progress);
        progress.Close();
        agrees = agrees && verification.Agrees();
        stopped = verification.stopped;
        if (!options->json) {
          fmt::print("{}", FormatVerification(verification, folder));
        } else if (info.control.empty() || folders.size() == 1) {
          json = ToJson(verification);
        } else {
          json["controls"][info.control] = ToJson(verification);
        }
        if (stopped) break;
      }
      if (options->json) fmt::print("{}\n", json.dump(2));
      if (stopped) return kExitInterrupted;
      return agrees ? 0 : kExitDifferent;
    };
  });
}

}  // namespace divla
