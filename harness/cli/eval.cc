// divla eval: runs a suite with a policy and leaves a run folder with its report.
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>
#include <set>

#include "harness/cli/commands.h"
#include "harness/control_summary.h"
#include "harness/evaluation.h"
#include "harness/file_write.h"
#include "harness/provenance.h"
#include "harness/report/console.h"
#include "harness/report/report.h"
#include "harness/run_folder.h"
#include "harness/suite.h"
#include "harness/summary.h"
#include "sim/check.h"

namespace divla {
namespace {

struct EvalOptions {
  std::string suite{"quick"};
  std::string policy{"divla-tiny"};
  PolicyOptions policy_options;
  SuiteChanges changes;
  int workers{};
  std::string out;
  std::string frames{"all"};
  std::vector<std::string> controls;
  RendererKind renderer{RendererKind::kSoftware};
  bool quiet{};
  bool json{};
};

// "divla-tiny" for "assets/checkpoints/divla-tiny/": a word that can stand in a folder name.
std::string FileWord(std::string name) {
  while (name.size() > 1 && name.back() == '/') name.pop_back();
  name = std::filesystem::path(name).filename().string();
  for (char& c : name) {
    const bool plain =
        (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.';
    if (!plain) c = '_';
  }
  return name;
}

// "paper-sorting-divla-tiny".
std::string RunName(std::string suite, const std::string& policy) {
  std::replace(suite.begin(), suite.end(), '/', '-');
  return suite + "-" + FileWord(policy);
}

// Says each reason for failed policies once, so that a broken policy does not fill the screen.
class PolicyErrorNotes {
 public:
  void Note(const FinishedEpisode& finished) {
    if (finished.policy_error.empty()) return;
    const std::lock_guard lock(mutex_);
    if (said_.insert(finished.policy_error).second && said_.size() <= 5) {
      fmt::print(stderr, "\nepisode {}: the policy failed: {}\n", ToString(finished.record.key), finished.policy_error);
    }
  }

 private:
  std::mutex mutex_;
  std::set<std::string> said_;
};

// One run folder: the suite as it is, or under a control.
struct PlayedRun {
  RunInfo info;
  std::vector<EpisodeRecord> records;  // sorted by key
  RunSummary summary;
  bool stopped{};
};

// The policy that plays: a control may put another one in its place.
std::string PlayerOf(const EvalOptions& options, Control control) {
  if (control == Control::kExpert) return "expert";
  if (control == Control::kRandom) return "random";
  return options.policy;
}

PlayedRun Play(const EvalOptions& options, const Suite& suite, Control control, const std::filesystem::path& path,
               const std::vector<std::string>& words) {
  const std::string player = PlayerOf(options, control);
  const PolicyInfo policy = MakeAgent(player, nullptr, options.policy_options)->Info();
  PlayedRun run;
  RunInfo& info = run.info;
  info.suite = suite.name;
  info.suite_version = suite.version;
  info.policy = player;
  info.weights_sha256 = policy.weights_sha256;
  if (control != Control::kNone) info.control = ToString(control);
  info.strict = options.policy_options.strict;
  info.seed = suite.seed;
  info.group_size = suite.group_size;
  info.workers = std::min(options.workers, static_cast<int>(MakeGroups(suite).size()));
  info.episodes = suite.Episodes();
  info.command = words;
  info.versions = ReadVersions("none");
  info.machine = ReadMachine();
  RunFolder folder(path, info);

  PolicyErrorNotes notes;
  const std::string title = control == Control::kNone ? "episodes" : ToString(control);
  Progress progress(title.c_str(), info.episodes, options.quiet);
  const EvaluationOptions evaluation{.workers = info.workers,
                                     .frames = options.frames != "none",
                                     .strip = options.frames == "strip",
                                     .renderer = options.renderer,
                                     .stop = Interrupted,
                                     .control = control,
                                     .find_task = {}};
  EvaluationResult result = Evaluate(
      suite, [&](RendererSource renderer) { return MakeAgent(player, std::move(renderer), options.policy_options); },
      evaluation,
      [&](const FinishedEpisode& finished) {
        folder.Append(finished.record, finished.log, finished.frames, finished.seconds);
        notes.Note(finished);
      },
      &progress);
  progress.Close();

  info.versions.renderer = result.renderer;
  folder.WriteInfo(info);
  run.summary = Summarize(info, result.records, suite.Order(), result.stopped);
  folder.Finish(result.records, run.summary);
  run.records = std::move(result.records);
  std::sort(run.records.begin(), run.records.end(),
            [](const EpisodeRecord& a, const EpisodeRecord& b) { return KeyLess(a.key, b.key); });
  run.stopped = result.stopped;
  WriteReports(path, info, run.records, run.summary);
  return run;
}

// The controls of the suite and of the command line, in the order of Controls(), each once. Refuses those that the
// policy cannot be put under before anything is played.
std::vector<Control> WantedControls(const EvalOptions& options, const Suite& suite) {
  std::set<Control> wanted;
  for (const std::string& name : suite.controls) wanted.insert(ControlNamed(name, "suite " + suite.name));
  for (const std::string& name : options.controls) {
    if (name == "all") {
      for (const ControlInfo& info : Controls()) wanted.insert(info.control);
    } else {
      wanted.insert(ControlNamed(name, "--control"));
    }
  }
  const bool reasons = MakeAgent(options.policy, nullptr, options.policy_options)->Info().reasons;
  std::vector<Control> controls;
  for (const Control control : wanted) {
    if (!NeedsReasoning(control) || reasons) {
      controls.push_back(control);
      continue;
    }
    const auto named = std::find(options.controls.begin(), options.controls.end(), ToString(control));
    if (named != options.controls.end()) {
      throw InputError(fmt::format("--control {}: expected a policy that reasons, found {}", *named, options.policy));
    }
    fmt::print(stderr, "control {} is left out: policy {} does not reason\n", ToString(control), options.policy);
  }
  return controls;
}

int RunEval(const EvalOptions& options, const std::vector<std::string>& words) {
  Suite suite = LoadSuite(options.suite);
  ApplyChanges(options.changes, suite);
  // The policy is loaded once before anything is written, so that a wrong name or a broken checkpoint costs nothing.
  const std::vector<Control> controls = WantedControls(options, suite);
  const auto path = options.out.empty() ? CreateNumberedRunFolder("runs", RunName(suite.name, options.policy))
                                        : CreateRunFolder(options.out);
  CatchInterrupts();
  const PlayedRun run = Play(options, suite, Control::kNone, path, words);
  bool stopped = run.stopped;
  for (const Control control : controls) {
    if (stopped) break;
    stopped = Play(options, suite, control, CreateRunFolder(ControlFolder(path, control)), words).stopped;
  }
  const std::vector<ControlSummary> summaries = ReadControls(path, run.records);
  if (!summaries.empty()) {
    WriteFileAtomically(path / "controls.json", ToJson(summaries).dump(2) + "\n");
    WriteReports(path, run.info, run.records, run.summary);
  }

  if (options.json) {
    nlohmann::json value = ToJson(run.summary);
    if (!summaries.empty()) value["controls"] = ToJson(summaries);
    fmt::print("{}\n", value.dump(2));
  } else {
    fmt::print("{}{}", FormatConsole(run.summary), summaries.empty() ? "" : FormatControls(summaries));
  }
  fmt::print(stderr, "run folder: {}\n", path.string());
  if (!stopped) return 0;
  fmt::print(stderr, "stopped by the user: {} of {} episodes are finished; the numbers above cover these only\n",
             run.summary.finished, run.summary.planned);
  return kExitInterrupted;
}

}  // namespace

void AddEval(CLI::App& app, CommandLine& line) {
  auto options = std::make_shared<EvalOptions>();
  options->workers = UsableCores();
  CLI::App* command = app.add_subcommand("eval", "run a suite with a policy, print the table, write a run folder");
  command->add_option("--suite", options->suite, "suite name or file")->capture_default_str();
  command->add_option("--task", options->changes.tasks, "only this task of the suite (may be given several times)");
  command->add_option("--axis", options->changes.axes,
                      "NAME or NAME:LEVEL: run the clean episodes and their twins of this axis (may be given several "
                      "times; NAME+NAME combines)");
  command->add_option("--policy", options->policy, "policy name, checkpoint folder, or expert")->capture_default_str();
  command->add_flag("--strict", options->policy_options.strict,
                    "the policy computes with arithmetic that does not depend on the processor");
  command->add_option("--episodes", options->changes.episodes, "episodes of each task, instead of the suite's");
  CLI::Option* seed = command->add_option("--seed", options->changes.seed, "seed, instead of the suite's");
  command->add_option("--workers", options->workers, "worker threads; results do not depend on it")
      ->capture_default_str()
      ->check(CLI::Range(1, 1024));
  command->add_option("--out", options->out, "run folder, new or empty (default: runs/SUITE-POLICY-N)");
  command
      ->add_option("--frames", options->frames,
                   "pictures of each episode: all (the first and the last one), strip (and up to 8 between), none")
      ->capture_default_str()
      ->check(CLI::IsMember({"all", "strip", "none"}));
  AddRendererOption(*command, options->renderer, "draws what the policy sees and the report's pictures");
  command->add_option(
      "--control", options->controls,
      "afterwards the same episodes with something taken away or put in its mouth (may be given several "
      "times; `divla list controls` has the names; all: every one that fits)");
  command->add_flag("--quiet", options->quiet, "no progress");
  command->add_flag("--json", options->json, "print the summary as JSON instead of the table");
  command->callback([options, seed, &line] {
    options->changes.has_seed = seed->count() > 0;
    line.chosen = [options, &line] { return RunEval(*options, line.words); };
  });
}

}  // namespace divla
