// divla power: how many episodes it takes to see a difference.
#include "harness/statistics/power.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>

#include "harness/cli/commands.h"
#include "harness/cli/number_range.h"
#include "harness/suite.h"

namespace divla {
namespace {

using nlohmann::json;

struct Options {
  std::vector<double> points{2, 5, 10, 15};
  std::vector<double> discordance{0.05, 0.1, 0.2, 0.3};
  double power{0.8};
  double base_rate{0.8};
  PowerTest test;
  std::string suite;
  bool json{};
};

std::string Number(const std::optional<int>& number) { return number ? fmt::format("{}", *number) : "–"; }
json Json(const std::optional<int>& number) { return number ? json(*number) : json(nullptr); }

// fmt counts the dash as one column, like a digit.
std::string Needed(const Options& options) {
  std::string text = fmt::format(
      "episodes needed to see a drop with a chance of {:g} %: McNemar's exact test, {}-sided, alpha {:g}\n\n",
      100 * options.power, options.test.one_sided ? "one" : "two", options.test.alpha);
  text += fmt::format("{:<8}{:>{}}   not paired\n", "points", "paired, when so many episodes change",
                      std::max<std::size_t>(36, 9 * options.discordance.size()));
  text += fmt::format("{:<8}", "");
  for (const double share : options.discordance) text += fmt::format("{:>9}", fmt::format("{:g} %", 100 * share));
  text += fmt::format("{:>16}\n", fmt::format("from {:g} %", 100 * options.base_rate));
  for (const double points : options.points) {
    text += fmt::format("{:<8}", fmt::format("{:g}", points));
    for (const double share : options.discordance) {
      text += fmt::format("{:>9}", Number(PairsNeeded(points / 100, share, options.power, options.test)));
    }
    text +=
        fmt::format("{:>16}\n", Number(EpisodesNeeded(options.base_rate, points / 100, options.power, options.test)));
  }
  return text;
}

struct Size {
  int episodes{};
  int scenes{};  // episodes without their perturbed twins; fewer than episodes where there are twins
  auto operator<=>(const Size&) const = default;
};

// What the suite's episodes see: all together, and each task by itself, where tasks of the same size share a row.
std::map<Size, std::vector<std::string>> Sizes(const Suite& suite) {
  std::map<std::string, Size> tasks;
  Size all;
  for (const SuiteCell& cell : suite.cells) {
    Size& size = tasks[cell.task];
    size.episodes += cell.episodes;
    size.scenes = std::max(size.scenes, cell.episodes);  // each cell begins with episode 0
  }
  std::map<Size, std::vector<std::string>> sizes;
  for (const auto& [task, size] : tasks) {
    sizes[size].push_back(task);
    all.episodes += size.episodes;
    all.scenes += size.scenes;
  }
  if (tasks.size() > 1) sizes[all].push_back("all tasks");
  return sizes;
}

// In points, of each discordance; null where no drop is seen.
json VisibleDrops(const Options& options, int pairs) {
  json drops = json::array();
  for (const double share : options.discordance) {
    const auto drop = VisibleDifference(pairs, share, options.power, options.test);
    drops.push_back({{"discordance", share}, {"points", drop ? json(100 * *drop) : json(nullptr)}});
  }
  return drops;
}

std::string Visible(const Options& options, const Suite& suite) {
  std::string text =
      fmt::format("\nthe smallest drop, in points, that {} v{} sees so (pairs)\n\n", suite.name, suite.version);
  const auto row = [&](int pairs, const std::string& name) {
    text += fmt::format("{:<8}", pairs);
    for (const json& drop : VisibleDrops(options, pairs)) {
      const json& points = drop["points"];
      text += fmt::format("{:>9}", points.is_null() ? "–" : fmt::format("{:.1f}", points.get<double>()));
    }
    text += "  " + name + "\n";
  };
  bool twins = false;
  for (const auto& [size, names] : Sizes(suite)) {
    row(size.episodes, names.size() == 1 ? names[0] : fmt::format("each of {} tasks", names.size()));
    if (size.scenes == size.episodes) continue;
    twins = true;
    row(size.scenes, "  the same, if the twins of a scene all fall out alike");
  }
  if (twins) text += "\nan episode and its perturbed twins go together: the truth lies between the two rows\n";
  return text;
}

json AsJson(const Options& options) {
  json rows = json::array();
  for (const double points : options.points) {
    json paired = json::array();
    for (const double share : options.discordance) {
      paired.push_back(
          {{"discordance", share}, {"pairs", Json(PairsNeeded(points / 100, share, options.power, options.test))}});
    }
    rows.push_back({{"points", points},
                    {"paired", paired},
                    {"unpaired", Json(EpisodesNeeded(options.base_rate, points / 100, options.power, options.test))}});
  }
  json value{{"power", options.power},
             {"alpha", options.test.alpha},
             {"one_sided", options.test.one_sided},
             {"base_rate", options.base_rate},
             {"needed", rows}};
  if (options.suite.empty()) return value;
  const Suite suite = LoadSuite(options.suite);
  json visible = json::array();
  for (const auto& [size, names] : Sizes(suite)) {
    json entry{{"episodes", size.episodes}, {"of", names}, {"visible", VisibleDrops(options, size.episodes)}};
    if (size.scenes < size.episodes) {
      entry["scenes"] = size.scenes;
      entry["visible_if_twins_alike"] = VisibleDrops(options, size.scenes);
    }
    visible.push_back(entry);
  }
  value["suite"] = {{"name", suite.name}, {"version", suite.version}, {"sizes", visible}};
  return value;
}

}  // namespace

void AddPower(CLI::App& app, CommandLine& line) {
  auto options = std::make_shared<Options>();
  CLI::App* command =
      app.add_subcommand("power", "how many episodes it takes to see a difference, and what a suite sees");
  command->add_option("--points", options->points, "drops of the success rate, in points (may be given several times)")
      ->capture_default_str()
      ->check(NumberBetween(0.1, 100.0));
  command
      ->add_option("--discordance", options->discordance,
                   "share of episodes that succeed in one run only (may be given several times)")
      ->capture_default_str()
      ->check(NumberBetween(0.001, 1.0));
  command->add_option("--power", options->power, "chance to see the drop")
      ->capture_default_str()
      ->check(NumberBetween(0.01, 0.999));
  command->add_option("--alpha", options->test.alpha, "level of the test")
      ->capture_default_str()
      ->check(NumberBetween(1e-6, 0.5));
  command->add_option("--base-rate", options->base_rate, "success rate to drop from, where episodes are no pairs")
      ->capture_default_str()
      ->check(NumberBetween(0.0, 1.0));
  command->add_flag("--one-sided", options->test.one_sided, "look for a drop only, as `divla compare` does");
  command->add_option("--suite", options->suite, "also say what this suite's episodes see");
  command->add_flag("--json", options->json, "as JSON");
  command->callback([options, &line] {
    line.chosen = [options] {
      if (options->json) {
        fmt::print("{}\n", AsJson(*options).dump(2));
        return 0;
      }
      fmt::print("{}", Needed(*options));
      if (!options->suite.empty()) fmt::print("{}", Visible(*options, LoadSuite(options->suite)));
      return 0;
    };
  });
}

}  // namespace divla
