// divla verify: the logged actions of a run, played again without its policy.
#include "harness/verify.h"

#include <fmt/format.h>

#include <memory>
#include <nlohmann/json.hpp>

#include "harness/cli/commands.h"
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
      const RunInfo info = ReadRunInfo(options->run);
      Progress progress("episodes", options->verify.episode.empty() ? info.episodes : 1, options->quiet);
      const Verification verification = VerifyRun(options->run, options->verify, &progress);
      progress.Close();
      fmt::print("{}",
                 options->json ? ToJson(verification).dump(2) + "\n" : FormatVerification(verification, options->run));
      if (verification.stopped) return kExitInterrupted;
      return verification.Agrees() ? 0 : kExitDifferent;
    };
  });
}

}  // namespace divla
