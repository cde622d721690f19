// divla list: what there is, one line each.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>

#include "harness/agent.h"
#include "harness/cli/commands.h"
#include "harness/file_write.h"
#include "harness/report/png.h"
#include "harness/report/sheet.h"
#include "harness/suite.h"
#include "policy/registry.h"
#include "sim/check.h"
#include "sim/robot.h"
#include "tasks/catalogue.h"
#include "tasks/registry.h"

namespace divla {
namespace {

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
                        {"instructions_seen", spec.instructions_seen},
                        {"instructions_unseen", spec.instructions_unseen}}});
  }
  return entries;
}

std::vector<Entry> Objects() {
  std::vector<Entry> entries;
  for (const ObjectInfo& object : Catalogue()) {
    const std::string phrase = object.phrases_seen.empty() ? object.category : object.phrases_seen.front();
    entries.push_back({object.id,
                       fmt::format("{} ({}, {})", phrase, object.object_class, object.split),
                       {{"category", object.category},
                        {"class", object.object_class},
                        {"colour", object.colour},
                        {"split", object.split},
                        {"mass_kg", object.mass},
                        {"phrases_seen", object.phrases_seen},
                        {"phrases_unseen", object.phrases_unseen}}});
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
int DrawSheet(const std::string& what, const std::string& file) {
  if (what != "tasks") throw InputError(fmt::format("--sheet: expected 'tasks' before it, found '{}'", what));
  WriteFileAtomically(file, EncodePng(TaskSheet(0, 360, 480)));
  fmt::print("{}\n", file);
  return 0;
}

int RunList(const std::string& what, bool json, const std::string& sheet) {
  if (!sheet.empty()) return DrawSheet(what, sheet);
  std::vector<Entry> entries;
  if (what == "suites") entries = Suites();
  if (what == "tasks") entries = Tasks();
  if (what == "objects") entries = Objects();
  if (what == "robots") entries = Robots();
  if (what == "policies") entries = Policies();
  if (json) {
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
  for (const Entry& entry : entries) fmt::print("{:<{}}  {}\n", entry.name, width, entry.summary);
  return 0;
}

}  // namespace

void AddList(CLI::App& app, CommandLine& line) {
  struct Options {
    std::string what;
    bool json{};
    std::string sheet;
  };
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand("list", "what there is: suites, tasks, objects, robots, policies");
  command->add_option("what", options->what, "suites, tasks, objects, robots or policies")
      ->required()
      ->check(CLI::IsMember({"suites", "tasks", "objects", "robots", "policies"}));
  command->add_flag("--json", options->json, "as JSON, with all details");
  command->add_option("--sheet", options->sheet,
                      "with tasks: write a PNG of every task from every camera to this file");
  command->callback(
      [options, &line] { line.chosen = [options] { return RunList(options->what, options->json, options->sheet); }; });
}

}  // namespace divla
