// divla eval: runs a suite with a policy and leaves a run folder with its report.
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <mutex>
#include <set>

#include "harness/cli/commands.h"
#include "harness/command_words.h"
#include "harness/control_summary.h"
#include "harness/evaluation.h"
#include "harness/provenance.h"
#include "harness/report/report.h"
#include "harness/run.h"
#include "harness/run_folder.h"
#include "harness/suite.h"
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
  bool resume{};
  std::string shard;
  std::string frames{"all"};
  std::string video{"none"};
  std::vector<std::string> controls;
  RendererKind renderer{RendererKind::kSoftware};
  SimulatedLatency latency;
  std::string latency_play{"hold"};
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

// How to go on with a run: the words it was started with, its folder and --resume.
std::string ResumeCommand(const RunFolder& folder) {
  const std::vector<std::string> words = WithOption(folder.Info().command, "--out", folder.Path().string());
  return ShellCommand(WithFlag(words, "--resume"));
}

RunFolder OpenFolder(const EvalOptions& options, const RunInfo& info) {
  if (options.resume) return {ReopenRunFolder(options.out), info, RunStart::kResume};
  return {options.out.empty() ? CreateNumberedRunFolder("runs", RunName(info.suite, options.policy))
                              : CreateRunFolder(options.out),
          info};
}

// The controls of the suite and of the command line, in the order of Controls(), each once. Refuses those that the
// policy cannot be put under.
std::vector<Control> WantedControls(const EvalOptions& options, const Suite& suite, const PolicyInfo& policy) {
  std::set<Control> named;
  std::vector<Control> wanted;
  for (const std::string& name : options.controls) {
    if (name != "all") named.insert(ControlNamed(name, "--control"));
  }
  const bool all = std::find(options.controls.begin(), options.controls.end(), "all") != options.controls.end();
  for (const ControlInfo& info : Controls()) {
    const bool of_suite = std::find(suite.controls.begin(), suite.controls.end(), info.name) != suite.controls.end();
    if (!all && !of_suite && !named.contains(info.control)) continue;
    if (policy.reasons || !NeedsReasoning(info.control)) {
      wanted.push_back(info.control);
    } else if (named.contains(info.control)) {
      throw InputError(
          fmt::format("--control {}: expected a policy that reasons, found {}", info.name, options.policy));
    } else {
      fmt::print(stderr, "control {} is left out: policy {} does not reason\n", info.name, options.policy);
    }
  }
  return wanted;
}

RunRequest RequestFor(const EvalOptions& options, Control control, const std::vector<std::string>& words) {
  RunRequest request{.policy = options.policy,
                     .control = control,
                     .strict = options.policy_options.strict,
                     .renderer = options.renderer,
                     .frames = ReportFramesNamed(options.frames, "--frames"),
                     .videos = RunVideosNamed(options.video, "--video"),
                     .workers = options.workers,
                     .shard = {},
                     .command = words};
  if (control == Control::kExpert) request.policy = "expert";
  if (control == Control::kRandom) request.policy = "random";
  if (IsPolicyAgent(request.policy) || control == Control::kNone) request.latency = options.latency;
  if (!options.shard.empty()) request.shard = ParseShard(options.shard);
  return request;
}

// Plays what is left of `folder`. `parent`: the folder whose command goes on with it.
RunOutcome Play(const EvalOptions& options, const Suite& suite, const RunRequest& request, RunFolder& folder,
                const RunFolder& parent) {
  const RunInfo& info = folder.Info();
  const bool plain = request.control == Control::kNone;
  const std::vector<Group> left = GroupsLeft(folder);
  if (options.resume && folder.Finished() > 0) {
    fmt::print(
        stderr, "{}{} of {} episodes are finished{}\n", plain ? "" : fmt::format("{}: ", ToString(request.control)),
        folder.Finished(), info.episodes,
        left.empty() ? ": nothing is left to run" : fmt::format("; {} are run, whole groups", CountEpisodes(left)));
  }
  PolicyErrorNotes notes;
  Progress progress(plain ? "episodes" : ToString(request.control), CountEpisodes(left), options.quiet || left.empty());
  const EvaluationOptions evaluation{.workers = options.workers,
                                     .frames = request.frames,
                                     .renderer = options.renderer,
                                     .stop = Interrupted,
                                     .control = request.control,
                                     .find_task = {},
                                     .groups = {}};
  RunOutcome outcome;
  try {
    outcome = RunGroups(
        folder, suite, left,
        [&](RendererSource renderer) {
          return MakeAgent(request.policy, std::move(renderer), options.policy_options, request.latency);
        },
        evaluation, [&](const FinishedEpisode& finished) { notes.Note(finished); }, &progress);
  } catch (const MachineError& error) {
    throw MachineError(fmt::format("{} ({} of {} episodes are kept; go on with: {})", error.what(), folder.Finished(),
                                   info.episodes, ResumeCommand(parent)));
  }
  progress.Close();
  return outcome;
}

int RunEval(const EvalOptions& options, const std::vector<std::string>& words) {
  Suite suite = LoadSuite(options.suite);
  ApplyChanges(options.changes, suite);
  // Loaded once before anything is written, so that a wrong name or a broken checkpoint costs nothing.
  auto agent = MakeAgent(options.policy, nullptr, options.policy_options, options.latency);
  const std::vector<Control> controls = WantedControls(options, suite, agent->Info());
  const RunRequest request = RequestFor(options, Control::kNone, words);
  const RunInfo plain = DescribeRun(suite, request, *agent);
  agent.reset();  // each worker has its own
  RunFolder folder = OpenFolder(options, plain);

  CatchInterrupts();
  const RunOutcome outcome = Play(options, suite, request, folder, folder);
  std::string stopped_in = outcome.stopped ? "the plain run" : "";
  for (const Control control : controls) {
    if (!stopped_in.empty()) break;
    const RunRequest under = RequestFor(options, control, words);
    RunInfo info = plain;  // the same in all but what the control says
    if (under.policy != request.policy) info = DescribeRun(suite, under, *MakeAgent(under.policy, nullptr));
    info.control = ToString(control);
    const auto path = ControlFolder(folder.Path(), control);
    RunFolder part(options.resume ? ReopenRunFolder(path) : CreateRunFolder(path), info,
                   options.resume ? RunStart::kResume : RunStart::kNew);
    const RunOutcome played = Play(options, suite, under, part, folder);
    WriteReports(path, part.Info(), played.records, played.summary);
    if (played.stopped) stopped_in = fmt::format("control {}", ToString(control));
  }
  PrintRun(outcome.summary, WriteReports(folder.Path(), folder.Info(), outcome.records, outcome.summary), options.json);
  fmt::print(stderr, "run folder: {}\n", folder.Path().string());
  if (stopped_in.empty()) return 0;
  fmt::print(
      stderr,
      "stopped by the user in {}: {} of {} episodes of the plain run are finished; the numbers above cover these "
      "and the controls that came to their end. Go on with:\n  {}\n",
      stopped_in, outcome.summary.finished, outcome.summary.planned, ResumeCommand(folder));
  return kExitInterrupted;
}

}  // namespace

void AddEval(CLI::App& app, CommandLine& line) {
  auto options = std::make_shared<EvalOptions>();
  options->workers = UsableCores();
  CLI::App* command = app.add_subcommand("eval", "run a suite with a policy, print the table, write a run folder");
  command->add_option("--suite", options->suite, "suite name or file")->capture_default_str();
  command->add_option("--task", options->changes.tasks, "only these tasks of the suite (several times, or with commas)")
      ->delimiter(',');
  command->add_option("--axis", options->changes.axes,
                      "NAME or NAME:LEVEL: run the clean episodes and their twins of this axis (may be given several "
                      "times; NAME+NAME combines)");
  command
      ->add_option("--policy", options->policy,
                   "policy name, checkpoint folder, expert, replay:RUN, or ws://HOST:PORT of a policy server")
      ->capture_default_str();
  command->add_flag("--strict", options->policy_options.strict,
                    "the policy computes with arithmetic that does not depend on the processor");
  command->add_option("--episodes", options->changes.episodes, "episodes of each task, instead of the suite's");
  CLI::Option* seed = command->add_option("--seed", options->changes.seed, "seed, instead of the suite's");
  command->add_option("--workers", options->workers, "worker threads; results do not depend on it")
      ->capture_default_str()
      ->check(CLI::Range(1, 1024));
  CLI::Option* out =
      command->add_option("--out", options->out, "run folder, new or empty (default: runs/SUITE-POLICY-N)");
  command
      ->add_flag("--resume", options->resume,
                 "go on with the run in --out, after any kind of stop: the same options complete it to the same bytes")
      ->needs(out);
  command->add_option("--shard", options->shard,
                      "I/N: only every N-th group of episodes, from the I-th on; divla merge joins the N run folders");
  command
      ->add_option("--frames", options->frames,
                   "pictures of each episode: all (the first and the last one), strip (and up to 8 between), none")
      ->capture_default_str()
      ->check(CLI::IsMember({"all", "strip", "none"}));
  command
      ->add_option("--video", options->video,
                   "records what the cameras see, with what the policy said, into RUN/videos: none, failures, all")
      ->capture_default_str()
      ->check(CLI::IsMember({"none", "failures", "all"}));
  AddRendererOption(*command, options->renderer, "draws what the policy sees and the report's pictures");
  command->add_option(
      "--control", options->controls,
      "afterwards the same episodes with something taken away or put in its mouth (may be given several "
      "times; `divla list controls` has the names; all: every one that fits)");
  AddRemoteOptions(*command, options->policy_options.remote);
  command
      ->add_option("--latency-ms", options->latency.milliseconds,
                   "answers come so much simulated time after the query, rounded up to control steps of 50 ms")
      ->capture_default_str()
      ->check(CLI::Range(0, kMostLatency));
  command
      ->add_option("--latency", options->latency_play,
                   "meanwhile the arm stays at its last command (hold) or goes on with the old chunk (chunk)")
      ->capture_default_str()
      ->check(CLI::IsMember({"hold", "chunk"}));
  command->add_flag("--quiet", options->quiet, "no progress");
  command->add_flag("--json", options->json, "print the summary as JSON instead of the table");
  command->callback([options, seed, &line] {
    options->changes.has_seed = seed->count() > 0;
    // Without a latency there is one way to play it, so that equal runs say the same.
    if (options->latency.milliseconds > 0) {
      options->latency.play = LatencyPlayNamed(options->latency_play, "--latency");
    }
    line.chosen = [options, &line] { return RunEval(*options, line.words); };
  });
}

}  // namespace divla
