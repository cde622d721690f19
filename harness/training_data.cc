#include "harness/training_data.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "harness/json_fields.h"
#include "harness/policy_view.h"
#include "harness/progress.h"
#include "harness/provenance.h"
#include "harness/validation.h"
#include "sim/check.h"
#include "sim/hash.h"
#include "tasks/registry.h"

namespace divla {
namespace {

namespace fs = std::filesystem;

constexpr int kMostScenes = 1'000'000, kMostEvery = 1000;

// The cameras that the configuration's embodiment of this task's robot looks through, in the robot's order.
std::vector<std::string> CamerasOf(const nlohmann::json& config, const Task& task, std::uint64_t seed,
                                   const std::string& where) {
  const RobotInterface robot = task.Build(task.Draw(seed, {task.Spec().name, "none", 0, 0})).GetRobot().Interface();
  JsonFields fields(config, where);
  JsonFields model = fields.Object("model");
  JsonFields bodies = model.Object("embodiments");
  JsonFields body = bodies.Object(robot.name);
  const std::vector<std::string> wanted = body.Strings("cameras");
  std::vector<std::string> cameras;
  for (const std::string& camera : robot.cameras) {
    if (std::find(wanted.begin(), wanted.end(), camera) != wanted.end()) cameras.push_back(camera);
  }
  if (cameras.size() != wanted.size()) {
    body.Fail("cameras", fmt::format("cameras of {}", robot.name), nlohmann::json(wanted).dump());
  }
  return cameras;
}

}  // namespace

TrainingPlan ReadTrainingPlan(const std::string& config) {
  const std::string where = "file " + config;
  const nlohmann::json json = ParseJson(ReadTextFile(config), where);
  JsonFields fields(json, where);
  TrainingPlan plan;
  if (fields.Has("validation"))
    CheckValidationSeed(fields.Object("validation").U64("seed"), where + ": key 'validation.seed'");
  if (!fields.Has("data")) return plan;
  JsonFields data = fields.Object("data");
  TrainingPart common;
  common.demo.seed = data.U64("seed");
  CheckDemoSeed(common.demo.seed);
  common.demo.perturb = !data.Has("perturb") || data.Bool("perturb");
  common.rows.height = data.Int("height", 16, 1024);
  common.rows.width = data.Int("width", 16, 1024);
  JsonFields tasks = data.Object("tasks");
  for (const auto& [name, value] : tasks.Json().items()) {
    JsonFields task = tasks.Object(name);
    TrainingPart part = common;
    part.demo.task = name;
    part.demo.episodes = task.Int("demonstrations", 1, kMostScenes);
    if (task.Has("static_scenes")) part.rows.static_scenes = task.Int("static_scenes", 0, kMostScenes);
    if (task.Has("every")) part.rows.every = task.Int("every", 1, kMostEvery);
    task.Finish();
    CheckDemoTask(FindTask(name));
    part.rows.cameras = CamerasOf(json, FindTask(name), common.demo.seed, where);
    plan.parts.push_back(part);
  }
  data.Finish();
  JsonFields wanted = fields.Object("tasks");
  for (const auto& [name, weight] : wanted.Json().items()) {
    if (!tasks.Has(name)) tasks.Fail(name, "demonstrations of each task of 'tasks'", "nothing");
  }
  return plan;
}

std::string PartName(const TrainingPart& part) {
  const RunVersions versions = ReadVersions(PolicyRenderer(part.rows.renderer)->Description());
  const nlohmann::json depends{{"task", part.demo.task},
                               {"seed", part.demo.seed},
                               {"demonstrations", part.demo.episodes},
                               {"perturb", part.demo.perturb},
                               {"static_scenes", part.rows.static_scenes},
                               {"every", part.rows.every},
                               {"height", part.rows.height},
                               {"width", part.rows.width},
                               {"cameras", part.rows.cameras},
                               {"renderer", versions.renderer},
                               {"divla", versions.divla},
                               {"mujoco", versions.mujoco}};
  const std::string text = depends.dump();
  return fmt::format("{}-{}", part.demo.task, HashHex(text.data(), text.size()).substr(0, 12));
}

std::vector<std::string> PrepareTrainingData(const TrainingPlan& plan, const fs::path& cache,
                                             const PrepareOptions& options) {
  std::vector<std::string> folders;
  for (const TrainingPart& part : plan.parts) {
    const fs::path folder = cache / PartName(part), demos = folder / "demos", rows = folder / "rows";
    if (!fs::exists(rows / "meta.json")) {
      fs::remove_all(folder);  // what a killed run left
      fs::create_directories(folder);
      DemoOptions demo = part.demo;
      demo.workers = options.workers;
      demo.stop = options.stop;
      Progress recording(demo.task + ": demonstrations", demo.episodes, options.quiet);
      const DemoInfo info = RecordDemonstrations(demo, demos, &recording);
      recording.Close();
      if (static_cast<int>(info.indices.size()) < demo.episodes) return {};
      RowsOptions rendering = part.rows;
      rendering.workers = options.workers;
      rendering.stop = options.stop;
      Progress drawing(demo.task + ": scenes", demo.episodes + rendering.static_scenes, options.quiet);
      const int count = RenderRows(demos, rows, rendering, &drawing);
      drawing.Close();
      if (count == 0) return {};
    }
    folders.push_back(rows.string());
  }
  return folders;
}

}  // namespace divla
