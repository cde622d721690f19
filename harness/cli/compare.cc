// divla compare: two runs of the same episodes against each other.
#include "harness/compare.h"

#include <fmt/format.h>

#include <memory>
#include <nlohmann/json.hpp>

#include "harness/cli/commands.h"

namespace divla {
namespace {

constexpr int kExitWorse = 1;

constexpr const char* kAbout = R"(Exit code 1 when RUN is worse than BASE:
  - on some task its rate is lower, and McNemar's exact test, adjusted over the
    tasks by Holm, has p <= alpha; or
  - its overall rate is lower by more than the margin, and the interval of the
    paired difference (Newcombe 1998, method 10, confidence 1 - alpha) lies
    below 0.
Exit code 0 otherwise, which is no proof that both are equal. Exit code 2 when
the runs are no pairs: another suite, version, seed or renderer, or an episode
that the other run lacks or that started from another scene or state.)";

}  // namespace

void AddCompare(CLI::App& app, CommandLine& line) {
  struct Options {
    std::string base, run;
    CompareOptions compare;
    bool json{};
  };
  auto options = std::make_shared<Options>();
  CLI::App* command =
      app.add_subcommand("compare", "two runs of the same episodes, pair by pair: is the new one worse?");
  command->footer(kAbout);
  command->add_option("base", options->base, "run folder to compare with")->required();
  command->add_option("run", options->run, "run folder that is judged")->required();
  command->add_option("--alpha", options->compare.alpha, "level of the tests; intervals have the confidence 1 - alpha")
      ->capture_default_str()
      ->check(CLI::Range(1e-9, 0.5));
  command->add_option("--margin", options->compare.margin, "drop of the overall rate that is accepted, as a share of 1")
      ->capture_default_str()
      ->check(CLI::Range(0.0, 1.0));
  command->add_flag("--json", options->json, "as JSON");
  command->callback([options, &line] {
    line.chosen = [options] {
      const Comparison comparison = CompareRuns(options->base, options->run, options->compare);
      fmt::print("{}", options->json ? ToJson(comparison).dump(2) + "\n" : FormatComparison(comparison));
      return comparison.Worse() ? kExitWorse : 0;
    };
  });
}

}  // namespace divla
