// divla-view: looks at one episode, stops it, takes it back, changes its mind. See README.md; --help lists the options.
#include <CLI/CLI.hpp>
#include <memory>
#include <string>

#include "harness/exit_code.h"
#include "harness/log.h"
#include "harness/records/records.h"
#include "tasks/axes/axis.h"
#include "tasks/registry.h"
#include "viewer/app.h"
#include "viewer/script.h"

namespace {

struct Options {
  divla::EpisodeChoice choice;
  std::string replay, policy, script, frames{"frames"};
};

// Wrong names are refused before a window opens; a policy that cannot be loaded is said in the window.
void Check(const Options& options) {
  if (!options.choice.run.empty()) {
    divla::FindTask(options.choice.key.task);
    divla::ReadLog(divla::LogPath(options.choice.run, options.choice.key));
    divla::ReadEdits(options.choice.run);
    return;
  }
  divla::DrawEpisode(divla::FindTask(options.choice.key.task), options.choice.seed, options.choice.key);
}

int Run(Options options) {
  if (!options.replay.empty()) {
    options.choice = divla::ChoiceOfRun(options.replay);
    if (!options.policy.empty()) options.choice.policy = options.policy;
  } else if (!options.policy.empty()) {
    options.choice.policy = options.policy;
  }
  std::unique_ptr<divla::Script> script;
  if (!options.script.empty()) {
    script = std::make_unique<divla::Script>(options.script, options.frames);
  } else {
    Check(options);
  }
  // A script starts from the same settings on every machine.
  divla::App app(script ? divla::UiSettings{} : divla::LoadSettings(), {}, options.frames,
                 script ? divla::WindowKind::kAnywhere : divla::WindowKind::kOnDisplay);
  if (!script) {
    app.GetDirector().Open(options.choice);
  }
  while (app.Update()) {
    if (script) script->Advance(app);
    app.BuildGui();
    app.Render();
  }
  app.Finish();
  if (script) script->Advance(app);  // writes the results when the last action was to quit
  if (!script) {
    divla::UiSettings settings = app.Ui().settings;
    settings.width = app.GetWindow().ScreenWidth();
    settings.height = app.GetWindow().ScreenHeight();
    divla::SaveSettings(settings);
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Looks at an episode: plays it, stops it, takes it back, branches it.", "divla-view");
  app.set_version_flag("--version", "divla-view " DIVLA_VERSION);
  Options options;
  options.choice.key.task = "cube_to_coloured_box";
  app.add_option("--task", options.choice.key.task, "task")->capture_default_str();
  app.add_option("--axis", options.choice.key.axis, "axis of generalisation")->capture_default_str();
  app.add_option("--level", options.choice.key.level, "its level")->capture_default_str();
  app.add_option("--episode", options.choice.key.index, "index of the episode")->capture_default_str();
  app.add_option("--policy", options.policy,
                 "policy name, checkpoint folder, expert, or replay:RUN (default: divla-tiny; of --replay: the run's)");
  app.add_option("--seed", options.choice.seed, "seed")->capture_default_str();
  app.add_flag("--strict", options.choice.strict,
               "the policy computes with arithmetic that does not depend on the processor");
  app.add_option("--replay", options.replay,
                 "RUN:KEY, an episode of a run folder: played again and compared with its log");
  app.add_option("--script", options.script, "a file of actions (viewer/script.h) that are done in place of a person");
  app.add_option("--frames", options.frames, "folder for pictures, videos and run folders, and for a script's results")
      ->capture_default_str();
  return divla::ExitCodeOf("divla-view", [&] {
    try {
      app.parse(argc, argv);
      return Run(std::move(options));
    } catch (const CLI::Success& help) {
      return app.exit(help);
    } catch (const CLI::ParseError& error) {
      return divla::SayAndExit("divla-view", error.what(), divla::kExitBadInput);
    }
  });
}
