// divla vqa: asks a policy questions about scenes and scores its answers against the simulator.
#include "harness/vqa.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "harness/agent.h"
#include "harness/canonical_json.h"
#include "harness/cli/commands.h"
#include "harness/file_write.h"
#include "harness/provenance.h"
#include "harness/run_blocks.h"
#include "harness/run_folder.h"
#include "sim/check.h"
#include "tasks/registry.h"

namespace divla {
namespace {

struct VqaCommand {
  std::string suite{"quick"};
  std::string policy{"divla-tiny"};
  PolicyOptions policy_options;
  SuiteChanges changes;
  VqaOptions vqa;
  std::string out;
  bool quiet{};
  bool json{};
};

std::string Table(const std::vector<VqaScore>& scores) {
  std::string text =
      fmt::format("{:<12}{:>9}{:>9}{:>16}{:>10}\n", "question", "right", "rate", "Wilson 95 %", "chance");
  for (const VqaScore& score : scores) {
    text += fmt::format("{:<12}{:>9}{:>9}{:>16}{:>10}\n", score.kind, fmt::format("{}/{}", score.k, score.n),
                        score.n == 0 ? "-" : fmt::format("{:.1f} %", 100.0 * score.k / score.n),
                        fmt::format("{:.1f} to {:.1f}", 100 * score.wilson.low, 100 * score.wilson.high),
                        fmt::format("{:.1f} %", 100 * score.chance));
  }
  return text + "chance: always the most frequent answer of the kind, without looking\n";
}

int RunVqa(const VqaCommand& command, const std::vector<std::string>& words) {
  Suite suite = LoadSuite(command.suite);
  ApplyChanges(command.changes, suite);
  if (command.policy == "expert") throw InputError("--policy: expected a policy that reasons, found 'expert'");
  // Loaded once before anything is written, so that a wrong name or a broken checkpoint costs nothing.
  const PolicyInfo policy = MakePolicy(command.policy, CheckpointDir(), command.policy_options)->Info();
  if (!command.out.empty()) CreateRunFolder(command.out);

  CatchInterrupts();
  VqaOptions options = command.vqa;
  options.stop = Interrupted;
  Progress progress("scenes", suite.Episodes(), command.quiet);
  const VqaResult result = AskQuestions(
      suite, [&] { return MakePolicy(command.policy, CheckpointDir(), command.policy_options); }, options, &progress);
  progress.Close();
  if (!result.policy_error.empty()) fmt::print(stderr, "the policy failed: {}\n", result.policy_error);

  const std::vector<VqaScore> scores = ScoreAnswers(result.records);
  nlohmann::json rows = nlohmann::json::array();
  for (const VqaScore& score : scores) rows.push_back(ToJson(score));
  const nlohmann::json summary{{"format", "divla-vqa"},
                               {"version", 2},
                               {"suite", {{"name", suite.name}, {"version", suite.version}}},
                               {"seed", suite.seed},
                               {"policy", {{"name", command.policy}, {"weights_sha256", policy.weights_sha256}}},
                               {"strict", command.policy_options.strict},
                               {"command", words},
                               {"versions", ToJson(ReadVersions(result.renderer))},
                               {"machine", ToJson(ReadMachine())},
                               {"interrupted", result.stopped},
                               {"scores", rows}};
  if (!command.out.empty()) {
    std::string lines;
    for (const VqaRecord& record : result.records) lines += CanonicalJson(ToJson(record)) + "\n";
    WriteFileAtomically(std::filesystem::path(command.out) / "questions.jsonl", lines);
    WriteFileAtomically(std::filesystem::path(command.out) / "vqa.json", CanonicalJson(summary) + "\n");
  }
  fmt::print("{}", command.json ? summary.dump(2) + "\n" : Table(scores));
  if (!result.stopped) return 0;
  fmt::print(stderr, "stopped by the user: the numbers above cover the scenes that were asked about\n");
  return kExitInterrupted;
}

}  // namespace

void AddVqa(CLI::App& app, CommandLine& line) {
  auto options = std::make_shared<VqaCommand>();
  options->vqa.workers = UsableCores();
  CLI::App* command = app.add_subcommand("vqa", "ask a policy about scenes and score its answers");
  command->add_option("--suite", options->suite, "suite name or file: the scenes")->capture_default_str();
  command->add_option("--task", options->changes.tasks, "only these tasks of the suite (several times, or with commas)")
      ->delimiter(',');
  command->add_option("--policy", options->policy, "policy name or checkpoint folder")->capture_default_str();
  command->add_flag("--strict", options->policy_options.strict,
                    "the policy computes with arithmetic that does not depend on the processor");
  command->add_option("--episodes", options->changes.episodes, "scenes of each task, instead of the suite's");
  CLI::Option* seed = command->add_option("--seed", options->changes.seed, "seed, instead of the suite's");
  command->add_option("--per-kind", options->vqa.per_kind, "questions of each kind about a scene, at most")
      ->capture_default_str()
      ->check(CLI::Range(1, 1000));
  command->add_option("--workers", options->vqa.workers, "worker threads; results do not depend on it")
      ->capture_default_str()
      ->check(CLI::Range(1, 1024));
  command->add_option("--out", options->out,
                      "folder, new or empty, for the questions with their answers (questions.jsonl) and the table "
                      "(vqa.json)");
  AddRendererOption(*command, options->vqa.renderer, "draws what the policy sees");
  command->add_flag("--quiet", options->quiet, "no progress");
  command->add_flag("--json", options->json, "print the table as JSON");
  command->callback([options, seed, &line] {
    options->changes.has_seed = seed->count() > 0;
    line.chosen = [options, &line] { return RunVqa(*options, line.words); };
  });
}

}  // namespace divla
