// divla compare: two runs of the same episodes against each other.
#include "harness/compare/compare.h"

#include <fmt/format.h>

#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>

#include "harness/cli/commands.h"
#include "harness/cli/number_range.h"
#include "harness/compare/compare_sequential.h"
#include "harness/file_write.h"

namespace divla {
namespace {

constexpr int kExitWorse = 1;

constexpr const char* kAbout = R"(Exit code 1 when RUN is worse than BASE: when its overall rate is lower by more
than the margin, or the rate of a task is lower, and McNemar's exact test says
so. All these looks together call an unchanged policy worse with a chance of at
most alpha. Exit code 0 otherwise, which is no proof that both are equal. Exit
code 2 when the runs are no pairs: another suite, version, seed or renderer, or
an episode that the other run lacks or that started from another scene or state.
An episode and its perturbed twins share a scene and are tossed for together.

With --sequential the pairs are looked at one after another in a fixed shuffled
order, until RUN is shown to be better or worse by more than the margin, or
equivalent within it: with a chance of at most alpha of a wrong verdict, however
often one looked.)";

struct Options {
  std::string base, run, junit, markdown;
  CompareOptions compare;
  bool sequential{};
  int budget{};
  bool json{};
};

int RunSequential(const Options& options) {
  const SequentialComparison comparison =
      CompareSequentially(options.base, options.run,
                          {.alpha = options.compare.alpha, .margin = options.compare.margin, .budget = options.budget});
  fmt::print("{}", options.json ? ToJson(comparison).dump(2) + "\n" : FormatSequential(comparison));
  return comparison.Worse() ? kExitWorse : 0;
}

int RunCompare(const Options& options) {
  const Comparison comparison = CompareRuns(options.base, options.run, options.compare);
  fmt::print("{}", options.json ? ToJson(comparison).dump(2) + "\n" : FormatComparison(comparison));
  if (!comparison.Paired()) {
    fmt::print(stderr, "divla: the runs are NOT PAIRED, only their rates are compared: {}\n",
               comparison.unpaired_because);
  }
  if (!options.junit.empty()) WriteFileAtomically(options.junit, ComparisonJunit(comparison));
  if (!options.markdown.empty()) WriteFileAtomically(options.markdown, ComparisonMarkdown(comparison));
  return comparison.Worse() ? kExitWorse : 0;
}

}  // namespace

void AddCompare(CLI::App& app, CommandLine& line) {
  auto options = std::make_shared<Options>();
  CLI::App* command =
      app.add_subcommand("compare", "two runs of the same episodes, pair by pair: is the new one worse?");
  command->footer(kAbout);
  command->add_option("base", options->base, "run folder to compare with")->required();
  command->add_option("run", options->run, "run folder that is judged")->required();
  command
      ->add_option("--alpha", options->compare.alpha,
                   "chance that an unchanged policy is called worse; intervals have the confidence 1 - alpha")
      ->capture_default_str()
      ->check(NumberBetween(1e-4, 0.5));
  command->add_option("--margin", options->compare.margin, "drop of the overall rate that is accepted, as a share of 1")
      ->capture_default_str()
      ->check(NumberBetween(0.0, 1.0));
  CLI::Option* unpaired = command->add_flag("--unpaired", options->compare.unpaired,
                                            "when the runs are no pairs, compare the rates of what both played");
  CLI::Option* junit =
      command->add_option("--junit", options->junit, "also write JUnit XML, a test case for each task");
  CLI::Option* markdown =
      command->add_option("--markdown", options->markdown, "also write Markdown, for a CI system's page of the job");
  CLI::Option* sequential = command->add_flag("--sequential", options->sequential,
                                              "look at the pairs one after another, until the verdict is safe");
  command->add_option("--budget", options->budget, "with --sequential: look at no more pairs than this")
      ->needs(sequential)
      ->check(CLI::Range(1, 1'000'000'000));
  for (CLI::Option* other : {unpaired, junit, markdown}) sequential->excludes(other);
  command->add_flag("--json", options->json, "as JSON");
  command->callback([options, &line] {
    line.chosen = [options] { return options->sequential ? RunSequential(*options) : RunCompare(*options); };
  });
}

}  // namespace divla
