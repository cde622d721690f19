#include "harness/training/training_data.h"

#include <fmt/format.h>
#include <stdlib.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <nlohmann/json.hpp>
#include <system_error>

#include "harness/file_write.h"
#include "harness/json_fields.h"
#include "harness/policy_view.h"
#include "harness/progress.h"
#include "harness/provenance.h"
#include "harness/training/validation.h"
#include "policy/sha256.h"
#include "sim/check.h"
#include "sim/hash.h"
#include "sim/robot.h"
#include "tasks/registry.h"

namespace divla {
namespace {

namespace fs = std::filesystem;

constexpr int kMostScenes = 1'000'000, kMostEvery = 1000;

void CheckValidation(JsonFields& fields, const std::string& where) {
  if (fields.Has("validation"))
    CheckValidationSeed(fields.Object("validation").U64("seed"), where + ": key 'validation.seed'");
}

// Rows of a dataset lie in folders by task; all of them appear at once with their part.
bool IsFinished(const fs::path& part) {
  if (fs::exists(part / "rows" / "meta.json")) return true;
  std::error_code error;  // no such folder
  const fs::directory_iterator tasks(part / "rows", error);
  return std::any_of(begin(tasks), end(tasks), [](const auto& task) { return fs::exists(task.path() / "meta.json"); });
}

// PART.work-XXXXXX beside `part`, removed with all that is in it when it goes. Holds the lock of its file "lock" for as
// long, which the kernel releases when the process ends in whatever way.
class WorkFolder {
 public:
  explicit WorkFolder(const fs::path& part) {
    RemoveKilled(part);
    // Again when the next process took the lock before this one did, and with it the folder.
    do {
      lock_.reset();
      Discard(path_);
      std::string pattern = Prefix(part) + "XXXXXX";
      if (::mkdtemp(pattern.data()) == nullptr) {
        throw MachineError(fmt::format("folder {}: cannot be made: {}", pattern,
                                       std::error_code(errno, std::generic_category()).message()));
      }
      path_ = pattern;
      lock_ = std::make_unique<LineFile>(path_ / kLock);
    } while (!lock_->TryLock());
  }
  ~WorkFolder() { Discard(path_); }
  WorkFolder(const WorkFolder&) = delete;
  WorkFolder& operator=(const WorkFolder&) = delete;

  const fs::path& Path() const { return path_; }

 private:
  static constexpr const char* kLock = "lock";
  static std::string Prefix(const fs::path& part) { return part.string() + ".work-"; }
  static void Discard(const fs::path& folder) {
    std::error_code ignored;  // it is in nobody's way
    if (!folder.empty()) fs::remove_all(folder, ignored);
  }
  static void RemoveKilled(const fs::path& part) {
    std::vector<fs::path> others;
    for (const fs::directory_entry& entry : fs::directory_iterator(part.parent_path())) {
      const bool own = entry.path().filename().string().starts_with(Prefix(part.filename()));
      if (own && fs::exists(entry.path() / kLock)) others.push_back(entry.path());
    }
    for (const fs::path& other : others) {
      try {
        LineFile lock(other / kLock);
        if (lock.TryLock()) Discard(other);
      } catch (const MachineError&) {
        continue;  // its process finished meanwhile, or it is another user's
      }
    }
  }

  fs::path path_;
  std::unique_ptr<LineFile> lock_;
};

// Demonstrations and rows into `folder`; false when stopped.
bool MakePart(const TrainingPart& part, const fs::path& folder, const PrepareOptions& options) {
  const fs::path demos = folder / "demos", rows = folder / "rows";
  fs::create_directories(folder);
  DemoOptions demo = part.demo;
  demo.workers = options.workers;
  demo.stop = options.stop;
  Progress recording(demo.task + ": demonstrations", demo.episodes, options.quiet);
  const DemoInfo info = RecordDemonstrations(demo, demos, &recording);
  recording.Close();
  if (static_cast<int>(info.indices.size()) < demo.episodes) return false;
  RowsOptions rendering = part.rows;
  rendering.workers = options.workers;
  rendering.stop = options.stop;
  Progress drawing(demo.task + ": scenes", demo.episodes + rendering.static_scenes, options.quiet);
  const int count = RenderRows(demos, rows, rendering, &drawing);
  drawing.Close();
  return count > 0;
}

// Puts the finished part `made` into its place, unless another process was first.
void PutInPlace(const fs::path& made, const fs::path& part) {
  std::error_code error;
  fs::rename(made, part, error);
  if (error && !IsFinished(part)) {
    throw MachineError(fmt::format("folder {}: the finished data cannot be moved there from {}: {}", part.string(),
                                   made.string(), error.message()));
  }
}

// "seed", "height", "width", "perturb" and "tasks" of the configuration's "data".
std::vector<TrainingPart> ReadParts(const nlohmann::json& config, JsonFields& data, const std::string& where) {
  TrainingPart common;
  common.demo.seed = data.U64("seed");
  CheckDemoSeed(common.demo.seed);
  common.demo.perturb = !data.Has("perturb") || data.Bool("perturb");
  common.rows.height = data.Int("height", 16, 1024);
  common.rows.width = data.Int("width", 16, 1024);
  std::vector<TrainingPart> parts;
  JsonFields tasks = data.Object("tasks");
  for (const auto& [name, value] : tasks.Json().items()) {
    JsonFields task = tasks.Object(name);
    TrainingPart& part = parts.emplace_back(common);
    part.demo.task = name;
    part.demo.episodes = task.Int("demonstrations", 1, kMostScenes);
    if (task.Has("static_scenes")) part.rows.static_scenes = task.Int("static_scenes", 0, kMostScenes);
    if (task.Has("every")) part.rows.every = task.Int("every", 1, kMostEvery);
    task.Finish();
    CheckDemoTask(FindTask(name));
    part.rows.cameras = EmbodimentCameras(config, FindTask(name).Spec().robot, where);
  }
  return parts;
}

// The finished folder of a part in the cache: found there, or made by `make`, which is given a folder and answers false
// when it was stopped. Empty when stopped.
template <typename Make>
fs::path FindOrMake(const fs::path& folder, const Make& make) {
  if (IsFinished(folder)) return folder;
  const WorkFolder work(folder);
  const fs::path found = work.Path() / "found", made = work.Path() / "made";
  std::error_code ignored;  // nothing is there, as it should be
  fs::rename(folder, found, ignored);
  const bool finished = IsFinished(found);  // by another process, since the question above
  if (!finished && !make(made)) return {};
  PutInPlace(finished ? found : made, folder);
  return folder;
}

}  // namespace

TrainingPlan ReadTrainingPlan(const std::string& config) {
  const std::string where = "file " + config;
  const nlohmann::json json = ParseJson(ReadTextFile(config), where);
  JsonFields fields(json, where);
  TrainingPlan plan;
  CheckValidation(fields, where);
  if (!fields.Has("data")) return plan;
  JsonFields data = fields.Object("data");
  if (data.Has("lerobot")) {
    const int every = data.Has("every") ? data.Int("every", 1, kMostEvery) : 1;
    for (const std::string& folder : data.Strings("lerobot")) {
      plan.datasets.push_back(ReadDatasetPart(json, folder, every, where));
    }
  }
  if (!data.Has("lerobot") || data.Has("tasks")) plan.parts = ReadParts(json, data, where);
  data.Finish();
  JsonFields wanted = fields.Object("tasks");
  for (const auto& [name, weight] : wanted.Json().items()) {
    const auto records = [&task = name](const TrainingPart& part) { return part.demo.task == task; };
    const auto has = [&task = name](const DatasetPart& part) {
      return std::find(part.tasks.begin(), part.tasks.end(), task) != part.tasks.end();
    };
    if (std::none_of(plan.parts.begin(), plan.parts.end(), records) &&
        std::none_of(plan.datasets.begin(), plan.datasets.end(), has)) {
      data.Fail("tasks." + name, "demonstrations of each task of 'tasks'", "nothing");
    }
  }
  return plan;
}

TrainingPlan TakeoverPlan(const TrainingPlan& plan, const TakeoverRequest& request, const std::string& config) {
  TrainingPlan takeovers;
  for (const auto& [task, episodes] : request.episodes) {
    const auto is_of_task = [&name = task](const TrainingPart& part) { return part.demo.task == name; };
    const auto part = std::find_if(plan.parts.begin(), plan.parts.end(), is_of_task);
    if (part == plan.parts.end()) {
      throw InputError(
          fmt::format("file {}: key 'data.tasks.{}': expected how its pictures are made, which the "
                      "takeovers of stage {} need, found nothing",
                      config, task, request.stage));
    }
    TrainingPart& takeover = takeovers.parts.emplace_back(*part);
    takeover.demo.episodes = episodes;
    takeover.demo.perturb = false;
    takeover.demo.policy = fs::absolute(request.checkpoint).string();  // not the name of a shipped policy
    takeover.rows.static_scenes = 0;
  }
  return takeovers;
}

void CheckTrainingValidation(const std::string& config) {
  const std::string where = "file " + config;
  const nlohmann::json json = ParseJson(ReadTextFile(config), where);
  JsonFields fields(json, where);
  CheckValidation(fields, where);
}

std::string PartName(const TrainingPart& part) {
  const RunVersions versions = ReadVersions(PolicyRenderer(part.rows.renderer)->Description());
  nlohmann::json depends{{"task", part.demo.task},
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
  // Its texts are the ground truth; a part by the first rules keeps its name from before rules had versions.
  if (const int rules = FindTask(part.demo.task).Spec().rules; rules > 1) depends["rules"] = rules;
  const bool takeovers = !part.demo.policy.empty();
  if (takeovers) {
    depends["weights_sha256"] = Sha256OfFile((fs::path(part.demo.policy) / "model.safetensors").string());
    depends["takeover_pictured"] = kTakeoverPictured;
  }
  const std::string text = depends.dump();
  return fmt::format("{}-{}{}", part.demo.task, takeovers ? "takeovers-" : "",
                     HashHex(text.data(), text.size()).substr(0, 12));
}

std::vector<std::string> PrepareTrainingData(const TrainingPlan& plan, const fs::path& cache,
                                             const PrepareOptions& options) {
  std::vector<std::string> folders;
  fs::create_directories(cache);
  for (const TrainingPart& part : plan.parts) {
    const fs::path made =
        FindOrMake(cache / PartName(part), [&](const fs::path& folder) { return MakePart(part, folder, options); });
    if (made.empty()) return {};
    folders.push_back((made / "rows").string());
  }
  for (const DatasetPart& part : plan.datasets) {
    const fs::path made = FindOrMake(cache / PartName(part), [&](const fs::path& folder) {
      return MakePart(part, folder, options.quiet, options.stop);
    });
    if (made.empty()) return {};
    for (const std::string& task : part.tasks) folders.push_back((made / "rows" / task).string());
  }
  return folders;
}

}  // namespace divla
