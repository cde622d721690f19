// divla list: what there is, one line each.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstdio>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <set>

#include "harness/agent.h"
#include "harness/cli/commands.h"
#include "harness/control.h"
#include "harness/file_write.h"
#include "harness/proof/crosscheck.h"
#include "harness/report/axis_sheet.h"
#include "harness/report/object_sheet.h"
#include "harness/report/png.h"
#include "harness/report/sheet.h"
#include "harness/suite.h"
#include "policy/registry.h"
#include "sim/check.h"
#include "sim/robot.h"
#include "tasks/axes/axis.h"
#include "tasks/catalogue.h"
#include "tasks/registry.h"

namespace divla {
namespace {

struct ListOptions {
  std::string what;
  bool json{};
  std::string sheet, crosscheck;
  std::string task{"cube_to_coloured_box"};
  RendererKind renderer{RendererKind::kSoftware};
};

struct Entry {
  std::string name;
  std::string summary;
  nlohmann::json more = nlohmann::json::object();  // further keys of the JSON form
};

std::vector<Entry> Suites() {
  std::vector<Entry> entries;
  for (const std::string& name : SuiteNames()) {
    const Suite suite = LoadSuite(name);
    entries.push_back({name,
                       fmt::format("v{}, {} episodes: {}", suite.version, suite.Episodes(), suite.summary),
                       {{"version", suite.version}, {"episodes", suite.Episodes()}, {"seed", suite.seed}}});
  }
  return entries;
}

std::vector<Entry> Tasks() {
  std::vector<Entry> entries;
  for (const Task* task : AllTasks()) {
    const TaskSpec& spec = task->Spec();
    entries.push_back({spec.name,
                       spec.summary,
                       {{"robot", spec.robot},
                        {"horizon", spec.horizon},
                        {"evaluation_only", spec.evaluation_only},
                        {"instructions_seen", spec.instructions_seen},
                        {"instructions_unseen", spec.instructions_unseen}}});
  }
  return entries;
}

std::vector<Entry> Objects() {
  std::vector<Entry> entries;
  const auto& lists = ShippedCatalogue().lists;
  for (const ObjectInfo& object : Catalogue()) {
    nlohmann::json grasps = nlohmann::json::array();
    for (const ObjectGrasp& grasp : object.grasps) {
      grasps.push_back({{"position_m", grasp.position}, {"width_m", grasp.width}});
    }
    nlohmann::json in_lists = nlohmann::json::array();
    for (const auto& [name, ids] : lists) {
      if (std::find(ids.begin(), ids.end(), object.id) != ids.end()) in_lists.push_back(name);
    }
    entries.push_back({object.id,
                       fmt::format("{:<24} {:<17} {:<17} {:<17} {}", object.phrases_seen.front(), object.category,
                                   object.object_class, object.split, fmt::join(object.attributes, ", ")),
                       {{"category", object.category},
                        {"class", object.object_class},
                        {"colour", object.colour},
                        {"split", object.split},
                        {"family", object.family},
                        {"attributes", object.attributes},
                        {"lists", in_lists},
                        {"mass_kg", object.mass},
                        {"size_m", object.size},
                        {"radius_m", object.radius},
                        {"fixed", object.fixed},
                        {"geoms", object.geoms.size()},
                        {"grasps", grasps},
                        {"phrases_seen", object.phrases_seen},
                        {"phrases_unseen", object.phrases_unseen}}});
  }
  return entries;
}

// How many of the catalogue there are of each split, class and list.
std::string ObjectCounts() {
  std::map<std::string, int> splits;
  std::map<std::string, int> classes;
  std::set<std::string> categories;
  for (const ObjectInfo& object : Catalogue()) {
    ++splits[object.split];
    ++classes[object.object_class];
    categories.insert(object.category);
  }
  std::string text = fmt::format("\n{} objects in {} categories\n", Catalogue().size(), categories.size());
  const auto line = [&text](const char* name, const std::map<std::string, int>& counts) {
    std::vector<std::string> parts;
    for (const auto& [key, count] : counts) parts.push_back(fmt::format("{} {}", key, count));
    text += fmt::format("{:<9} {}\n", name, fmt::join(parts, ", "));
  };
  line("splits", splits);
  line("classes", classes);
  std::map<std::string, int> lists;
  for (const auto& [name, ids] : ShippedCatalogue().lists) lists[name] = static_cast<int>(ids.size());
  line("lists", lists);
  return text;
}

// What a parameter is at each level, and who lacks the axis.
std::string AxisTable(const AxisSpec& spec) {
  std::string text;
  for (const AxisParameter& parameter : spec.parameters) {
    const std::string name = parameter.unit.empty() ? parameter.name : parameter.name + " [" + parameter.unit + "]";
    text += fmt::format("    {:<58}", name);
    for (const double value : parameter.at) text += fmt::format(" {:>7.4g}", value);
    text += "\n";
  }
  text += fmt::format("    measure: {}\n", spec.measure);
  for (const Task* task : AllTasks()) {
    const std::string reason = task->Without(spec.name);
    if (!reason.empty()) text += fmt::format("    not for {}: {}\n", task->Spec().name, reason);
  }
  return text;
}

std::vector<Entry> Axes() {
  std::vector<Entry> entries;
  for (const Axis* axis : AllAxes()) {
    const AxisSpec& spec = axis->Spec();
    nlohmann::json parameters = nlohmann::json::array();
    for (const AxisParameter& parameter : spec.parameters) {
      parameters.push_back({{"name", parameter.name}, {"unit", parameter.unit}, {"levels", parameter.at}});
    }
    nlohmann::json without = nlohmann::json::object();
    for (const Task* task : AllTasks()) {
      const std::string reason = task->Without(spec.name);
      if (!reason.empty()) without[task->Spec().name] = reason;
    }
    entries.push_back(
        {spec.name,
         spec.summary,
         {{"family", spec.family}, {"parameters", parameters}, {"measure", spec.measure}, {"without", without}}});
  }
  return entries;
}

std::vector<Entry> Robots() {
  std::vector<Entry> entries;
  for (const RobotSpec& robot : AllRobots()) {
    std::size_t joints = 0;
    for (const ArmSpec& arm : robot.arms) joints += arm.joints.size();
    entries.push_back({robot.name,
                       fmt::format("{} arm{}, {} joints, {} actions, cameras {}", robot.arms.size(),
                                   robot.arms.size() == 1 ? "" : "s", joints, joints + robot.arms.size(),
                                   fmt::join(robot.cameras, ", ")),
                       {{"arms", robot.arms.size()}, {"joints", joints}, {"cameras", robot.cameras}}});
  }
  return entries;
}

std::vector<Entry> Policies() {
  std::vector<Entry> entries{
      {"expert", "the task's scripted expert; reads the simulator, so a ceiling and not a policy"}};
  for (const PolicyDescription& policy : ListPolicies(CheckpointDir()))
    entries.push_back({policy.name, policy.summary});
  return entries;
}

// Pictures of what is listed, in one file.
int DrawSheet(const ListOptions& options) {
  Image sheet;
  if (options.what == "tasks") {
    sheet = TaskSheet(options.renderer, 0, 120, 160);
  } else if (options.what == "objects") {
    sheet = ObjectSheet(Catalogue(), options.renderer, 88, 20);
  } else if (options.what == "axes") {
    sheet = AxisSheet(FindTask(options.task), options.renderer, 0, 96, 128);
  } else {
    throw InputError(fmt::format("--sheet: expected 'tasks', 'objects' or 'axes' before it, found '{}'", options.what));
  }
  WriteFileAtomically(options.sheet, EncodePng(sheet));
  fmt::print("{}\n", options.sheet);
  return 0;
}

// Both renderers beside each other: a picture for people and the numbers.
int DrawCrosscheck(const ListOptions& options) {
  if (options.what != "tasks") {
    throw InputError(fmt::format("--crosscheck: expected 'tasks' before it, found '{}'", options.what));
  }
  const Crosscheck check = CompareRenderers(AllTasks(), 0, 224, 224);
  WriteFileAtomically(options.crosscheck, EncodePng(check.sheet));
  if (options.json) {
    nlohmann::json rows = nlohmann::json::array();
    for (const CrosscheckRow& row : check.rows) {
      rows.push_back({{"task", row.task},
                      {"camera", row.camera},
                      {"psnr_db", row.difference.psnr},
                      {"mean_absolute", row.difference.mean_absolute},
                      {"share_over_8", row.difference.share_over_8}});
    }
    fmt::print("{}\n", nlohmann::json{{"software", check.software}, {"gl", check.gl}, {"rows", rows}}.dump(2));
    return 0;
  }
  fmt::print("software: {}\ngl:       {}\n\n", check.software, check.gl);
  fmt::print("{:<24} {:<16} {:>8} {:>10} {:>9}\n", "task", "camera", "PSNR dB", "mean |d|", "|d| > 8");
  for (const CrosscheckRow& row : check.rows) {
    fmt::print("{:<24} {:<16} {:>8.1f} {:>10.2f} {:>7.1f} %\n", row.task, row.camera, row.difference.psnr,
               row.difference.mean_absolute, 100 * row.difference.share_over_8);
  }
  fmt::print("\n{}\n", options.crosscheck);
  return 0;
}

int RunList(const ListOptions& options) {
  if (!options.sheet.empty()) return DrawSheet(options);
  if (!options.crosscheck.empty()) return DrawCrosscheck(options);
  const std::string& what = options.what;
  std::vector<Entry> entries;
  if (what == "suites") entries = Suites();
  if (what == "tasks") entries = Tasks();
  if (what == "objects") entries = Objects();
  if (what == "axes") entries = Axes();
  if (what == "robots") entries = Robots();
  if (what == "policies") entries = Policies();
  if (what == "controls") {
    for (const ControlInfo& info : Controls()) {
      entries.push_back({info.name, info.summary, {{"needs_reasoning", NeedsReasoning(info.control)}}});
    }
  }
  if (options.json) {
    nlohmann::json list = nlohmann::json::array();
    for (const Entry& entry : entries) {
      nlohmann::json item = entry.more;
      item["name"] = entry.name;
      item["summary"] = entry.summary;
      list.push_back(item);
    }
    fmt::print("{}\n", list.dump(2));
    return 0;
  }
  std::size_t width = 0;
  for (const Entry& entry : entries) width = std::max(width, entry.name.size());
  for (const Entry& entry : entries) {
    fmt::print("{:<{}}  {}\n", entry.name, width, entry.summary);
    if (what == "axes") fmt::print("{}\n", AxisTable(FindAxis(entry.name).Spec()));
  }
  if (what == "objects") fmt::print("{}", ObjectCounts());
  return 0;
}

}  // namespace

void AddList(CLI::App& app, CommandLine& line) {
  auto options = std::make_shared<ListOptions>();
  CLI::App* command =
      app.add_subcommand("list", "what there is: suites, tasks, axes, objects, robots, policies, controls");
  command->add_option("what", options->what, "suites, tasks, axes, objects, robots, policies or controls")
      ->required()
      ->check(CLI::IsMember({"suites", "tasks", "axes", "objects", "robots", "policies", "controls"}));
  command->add_flag("--json", options->json, "as JSON, with all details");
  command->add_option("--sheet", options->sheet,
                      "with tasks: write a PNG of every task from every camera to this file; with objects: of every "
                      "object; with axes: of "
                      "--task at every level of every axis");
  command->add_option("--task", options->task, "with axes --sheet: whose episode is shown")->capture_default_str();
  command->add_option("--crosscheck", options->crosscheck,
                      "with tasks: draw every task from every camera with both renderers, print how far they differ, "
                      "and write a PNG of software | gl | 4 x difference (first cameras) to this file");
  AddRendererOption(*command, options->renderer, "with --sheet: draws it");
  command->callback([options, &line] { line.chosen = [options] { return RunList(*options); }; });
}

}  // namespace divla
