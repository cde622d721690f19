#include "harness/lerobot/import.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <memory>
#include <set>

#include "harness/lerobot/robot_dataset.h"
#include "policy/rows.h"
#include "sim/check.h"
#include "sim/controller.h"
#include "sim/robot.h"
#include "tasks/registry.h"

namespace divla {
namespace {

namespace fs = std::filesystem;

constexpr int kFps = 20;
static_assert(kFps * kControlPeriod == 1.0, "a frame for each control step");

struct Stopped {};

std::string TaskOf(const EpisodeEntry& episode, const fs::path& dataset) {
  if (!episode.task.empty()) return episode.task;
  const fs::path folder = fs::absolute(dataset).lexically_normal();
  return (folder.has_filename() ? folder : folder.parent_path()).filename().string();
}

// A scene with this robot, of any task: for its interface and its kinematics.
Scene SceneOf(const std::string& robot) {
  for (const Task* task : AllTasks()) {
    if (task->Spec().robot == robot) return task->Build(task->Draw(0, {task->Spec().name, "none", 0, 0}));
  }
  throw InputError(fmt::format("robot: expected one of a task, found '{}'", robot));
}

class OfferCheck {
 public:
  OfferCheck(const fs::path& dataset, const DatasetInfo& info)
      : where_("file " + (dataset / "meta" / "info.json").string()), info_(info) {}

  [[noreturn]] void Fail(const std::string& key, const std::string& expected, const std::string& found) const {
    throw InputError(fmt::format("{}: key '{}': expected {}, found {}", where_, key, expected, found));
  }

  void Check(const std::vector<std::string>& cameras) const {
    if (info_.fps != kFps) Fail("fps", fmt::format("{}, the rate of control", kFps), std::to_string(info_.fps));
    const auto& robots = AllRobots();
    const auto known = [this](const RobotSpec& robot) { return robot.name == info_.robot_type; };
    if (std::none_of(robots.begin(), robots.end(), known)) {
      std::vector<std::string> names;
      for (const RobotSpec& robot : robots) names.push_back(robot.name);
      Fail("robot_type", fmt::format("one of {}", fmt::join(names, ", ")), "'" + info_.robot_type + "'");
    }
    const RobotInterface robot = SceneOf(info_.robot_type).GetRobot().Interface();
    CheckVector(kStateFeature, robot.state_names);
    CheckVector(kActionFeature, robot.state_names);
    if (info_.Find(kToolFeature) != nullptr) CheckVector(kToolFeature, ToolNames(robot.arms));
    if (info_.Find(kToolActionFeature) != nullptr) CheckVector(kToolActionFeature, ToolActionNames(robot.arms));
    const DatasetFeature* first = nullptr;
    for (const std::string& camera : cameras) {
      const std::string name = std::string(kCameraPrefix) + camera;
      const DatasetFeature* feature = info_.Find(name);
      if (feature == nullptr || !feature->IsPicture()) {
        Fail("features." + name, "pictures of this camera, which the configuration asks for",
             feature == nullptr ? "none" : feature->dtype);
      }
      if (first == nullptr) first = feature;
      if (feature->shape != first->shape) {
        Fail("features." + name, fmt::format("the size of {}, {}", first->name, fmt::join(first->shape, "x")),
             fmt::format("{}", fmt::join(feature->shape, "x")));
      }
    }
  }

 private:
  void CheckVector(const std::string& name, const std::vector<std::string>& names) const {
    const DatasetFeature* feature = info_.Find(name);
    const std::string key = "features." + name;
    const std::string expected =
        fmt::format("{} numbers of {}: {}", names.size(), info_.robot_type, fmt::join(names, ", "));
    if (feature == nullptr) Fail(key, expected, "no such feature");
    if (feature->dtype != "float32" && feature->dtype != "float64") Fail(key, expected, feature->dtype);
    if (feature->shape != std::vector<int>{static_cast<int>(names.size())}) {
      Fail(key, expected, fmt::format("shape {}", fmt::join(feature->shape, "x")));
    }
    if (!feature->names.empty() && feature->names != names)
      Fail(key, expected, fmt::format("{}", fmt::join(feature->names, ", ")));
  }

  std::string where_;
  const DatasetInfo& info_;
};

class Import {
 public:
  Import(const fs::path& dataset, const fs::path& out, const ImportOptions& options, Progress* progress)
      : dataset_(dataset),
        out_(out),
        options_(options),
        progress_(progress),
        reader_(dataset),
        scene_((OfferCheck(dataset, reader_.Info()).Check(options.cameras), SceneOf(reader_.Info().robot_type))) {
    const DatasetInfo& info = reader_.Info();
    features_ = {kStateFeature, kActionFeature};
    for (const char* name : {kToolFeature, kToolActionFeature, kLabelValidFeature, kLabelsFeature}) {
      if (info.Find(name) != nullptr) features_.emplace_back(name);
    }
    for (const std::string& camera : options.cameras) features_.push_back(std::string(kCameraPrefix) + camera);
  }

  int Run() {
    try {
      reader_.Read(features_, [this](const EpisodeEntry& episode, int frame, DatasetFrame&& content) {
        Add(episode, frame, std::move(content));
      });
    } catch (const Stopped&) {
      return 0;
    }
    for (auto& [task, writer] : writers_) writer->Finish();
    return rows_;
  }

 private:
  void Add(const EpisodeEntry& episode, int frame, DatasetFrame&& content) {
    if (options_.stop && options_.stop()) throw Stopped();
    const std::string task = TaskOf(episode, dataset_);
    const bool wanted = std::find(options_.tasks.begin(), options_.tasks.end(), task) != options_.tasks.end();
    if (wanted) {
      auto& writer = writers_[task];
      if (!writer) writer = std::make_unique<RowsWriter>((out_ / task).string(), Info(task));
      TrainingRow row = Row(episode, frame, std::move(content));
      row.episode = episodes_[task];
      writer->Append(row);
      ++rows_;
      if (frame + 1 == episode.length) ++episodes_[task];
    }
    if (frame + 1 == episode.length && progress_ != nullptr) {
      progress_->Advance(1.0);
      progress_->Finished(true);
    }
  }

  RowsInfo Info(const std::string& task) const {
    const DatasetInfo& info = reader_.Info();
    const RobotInterface robot = scene_.GetRobot().Interface();
    const DatasetFeature* camera = info.Find(std::string(kCameraPrefix) + options_.cameras.at(0));
    return {.task = task,
            .robot = robot.name,
            .renderer = info.renderer.empty() ? "lerobot" : info.renderer,
            .cameras = options_.cameras,
            .height = camera->shape[0],
            .width = camera->shape[1],
            .state_dim = robot.StateDim(),
            .joint_dim = robot.ActionDim(ActionKind::kJointPosition),
            .tool_action_dim = robot.ActionDim(ActionKind::kEndEffectorPose)};
  }

  TrainingRow Row(const EpisodeEntry& episode, int frame, DatasetFrame&& content) {
    TrainingRow row;
    row.state = content.numbers.at(kStateFeature);
    row.joint_target = content.numbers.at(kActionFeature);
    const auto tool = content.numbers.find(kToolFeature), target = content.numbers.find(kToolActionFeature);
    row.tool = tool != content.numbers.end() ? tool->second : ToolOf(row.state);
    row.tool_target = target != content.numbers.end() ? target->second : ToolActionOf(row.joint_target);
    const auto valid = content.flags.find(kLabelValidFeature);
    row.label_valid = valid == content.flags.end() || valid->second;
    if (frame % options_.every != 0) return row;  // without a picture
    for (const std::string& camera : options_.cameras) {
      row.images[camera] = std::move(content.pictures.at(std::string(kCameraPrefix) + camera));
    }
    const auto labels = content.texts.find(kLabelsFeature);
    if (labels != content.texts.end()) {
      ReadLabels(
          labels->second,
          fmt::format("dataset {}: episode {}, frame {}: {}", dataset_.string(), episode.index, frame, kLabelsFeature),
          options_.cameras, row);
      return row;
    }
    row.labels.instruction = episode.instructions.empty() ? "" : episode.instructions.front();
    row.labels.reasoning = ReasoningAt(content.persistent, frame, kFps);
    row.labels.object_pixels = Places(content.events, "object");
    row.labels.destination_pixels = Places(content.events, "destination");
    return row;
  }

  Pixels Places(const std::vector<LanguageRow>& events, const char* label) const {
    const Pixels all = PlacesIn(events, label);
    Pixels pixels;
    for (const std::string& camera : options_.cameras) {
      auto& place = pixels[camera];
      if (const auto found = all.find(camera); found != all.end()) place = found->second;
    }
    return pixels;
  }

  std::vector<float> ToolOf(const std::vector<float>& joints) {
    scene_.SetRobot({joints.begin(), joints.end()});
    scene_.Forward();
    return ToolState(scene_);
  }
  std::vector<float> ToolActionOf(const std::vector<float>& joints) {
    scene_.SetRobot({joints.begin(), joints.end()});
    scene_.Forward();
    std::vector<ToolTarget> targets;
    std::size_t last = 0;  // of each arm's numbers is the gripper
    for (std::size_t arm = 0; arm < scene_.GetRobot().arms.size(); ++arm) {
      last += scene_.GetRobot().arms[arm].joint_ids.size();
      targets.push_back({scene_.ToolPose(static_cast<int>(arm)), std::clamp(joints.at(last), 0.0F, 1.0F)});
      ++last;
    }
    return ToAction(scene_, targets);
  }

  const fs::path &dataset_, &out_;
  const ImportOptions& options_;
  Progress* progress_;
  DatasetReader reader_;
  Scene scene_;
  std::vector<std::string> features_;
  std::map<std::string, std::unique_ptr<RowsWriter>> writers_;  // by task
  std::map<std::string, int> episodes_;                         // by task, so far
  int rows_{};
};

}  // namespace

DatasetOffer CheckOffer(const fs::path& dataset, const std::vector<std::string>& cameras) {
  const DatasetReader reader(dataset);
  const DatasetInfo& info = reader.Info();
  OfferCheck(dataset, info).Check(cameras);
  std::set<std::string> tasks;
  for (const EpisodeEntry& episode : reader.Episodes()) tasks.insert(TaskOf(episode, dataset));
  return {info.robot_type, {tasks.begin(), tasks.end()}, info.Find(kLabelsFeature) != nullptr};
}

int ImportRows(const fs::path& dataset, const fs::path& out, const ImportOptions& options, Progress* progress) {
  DIVLA_CHECK(!options.tasks.empty() && !options.cameras.empty() && options.every > 0, "tasks and cameras to import");
  return Import(dataset, out, options, progress).Run();
}

}  // namespace divla
