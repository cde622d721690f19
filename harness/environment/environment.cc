#include "harness/environment/environment.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

#include "sim/check.h"
#include "tasks/axes/axis.h"

namespace divla {
namespace {

void CheckSize(const std::string& key, int pixels) {
  if (pixels < 1 || pixels > kMostPixels) {
    throw InputError(fmt::format("{}: expected 1 to {} pixels, found {}", key, kMostPixels, pixels));
  }
}

void CheckAxis(const Task& task, const std::string& axis, int level) {
  if (const std::string reason = WhyWithout(task, axis); !reason.empty()) throw InputError("axis: " + reason);
  const auto [low, high] = LevelsOf(axis);
  if (level < low || level > high) {
    throw InputError(fmt::format("level: expected {} to {} for axis {}, found {}", low, high, axis, level));
  }
}

std::vector<std::string> CamerasOf(const RobotInterface& robot, const EnvironmentOptions& options) {
  if (!options.cameras) return robot.cameras;
  std::set<std::string> named;
  for (const std::string& camera : *options.cameras) {
    const bool known = std::find(robot.cameras.begin(), robot.cameras.end(), camera) != robot.cameras.end();
    if (!known || !named.insert(camera).second) {
      throw InputError(fmt::format("cameras: expected some of {} ({}), each once, found '{}'",
                                   fmt::join(robot.cameras, ", "), robot.name, camera));
    }
  }
  return *options.cameras;
}

template <class From, class To>
void CopyTo(const From& from, To to) {
  DIVLA_CHECK(from.size() == to.size(), "a row has the size of what is written to it");
  std::copy(from.begin(), from.end(), to.begin());
}

}  // namespace

RewardKind RewardNamed(const std::string& name, const std::string& where) {
  if (name == "sparse") return RewardKind::kSparse;
  if (name == "progress") return RewardKind::kProgress;
  throw InputError(fmt::format("{}: expected sparse or progress, found '{}'", where, name));
}

EnvironmentShape ShapeOf(const Task& task, const EnvironmentOptions& options) {
  CheckSize("height", options.height);
  CheckSize("width", options.width);
  CheckAxis(task, options.axis, options.level);
  EnvironmentShape shape;
  // A robot's interface is known once it stands in a scene; any will do.
  const EpisodeKey key{task.Spec().name, "none", 0, 0};
  shape.robot = task.Build(task.Draw(1, key)).GetRobot().Interface();
  shape.pictures = {shape.robot.name, CamerasOf(shape.robot, options), options.height, options.width};
  shape.action_dim = shape.robot.ActionDim(options.action_kind);
  shape.horizon = task.Spec().horizon;
  return shape;
}

Environment::Environment(const Task& task, const EnvironmentOptions& options, const EnvironmentShape& shape)
    : task_(task), options_(options), shape_(shape) {}

void Environment::Begin(const EpisodeChoice& choice) {
  episode_.reset();
  if (choice.index < 0) throw InputError(fmt::format("index: expected 0 or more, found {}", choice.index));
  choice_ = choice;
  const EpisodeKey key{task_.Spec().name, options_.axis, options_.level, choice.index};
  episode_ = std::make_unique<Episode>(task_, DrawEpisode(task_, choice.seed, key), 0);
  progress_ = episode_->Monitor().Progress();
}

void Environment::BeginNext() {
  for (int passed_over = 0;; ++passed_over) {
    try {
      return Begin({choice_.seed, choice_.index + 1});
    } catch (const InputError&) {
      if (passed_over >= kMostPassedOver) throw;
    }
  }
}

EnvironmentStep Environment::Step(std::span<const float> action) {
  DIVLA_CHECK(Open(), "a step of an open episode");
  AgentAnswer answer;
  answer.action.assign(action.begin(), action.end());
  episode_->Step(options_.action_kind, answer);
  EnvironmentStep step;
  const double before = progress_;
  progress_ = episode_->Monitor().Progress();
  if (!episode_->Open()) {
    const EpisodeRecord& record = episode_->Record();
    step.truncated = record.termination == Termination::kHorizon;
    step.terminated = !step.truncated;
    if (options_.reward == RewardKind::kSparse) step.reward = record.success ? 1.0 : 0.0;
  }
  if (options_.reward == RewardKind::kProgress) step.reward = progress_ - before;
  return step;
}

void Environment::Look(Renderer* renderer, const ObservationRow& row) {
  DIVLA_CHECK(Begun(), "an observation of an episode");
  if (!Open() && episode_->Record().termination == Termination::kDiverged) return;
  const AgentView view = episode_->View();
  FirstImages first;  // of frozen cameras, which there are none here
  const Observation observation =
      LookAt(*view.plan, *view.control, *view.scene, shape_.pictures, renderer, first, *view.frames);
  for (std::size_t i = 0; i < shape_.pictures.cameras.size(); ++i) {
    CopyTo(observation.images.at(shape_.pictures.cameras[i]).rgb, row.images.at(i));
  }
  CopyTo(observation.state, row.state);
  CopyTo(observation.tool, row.tool);
  *row.instruction = observation.instruction;
}

Image Environment::Picture(Renderer& renderer, int height, int width) const {
  DIVLA_CHECK(Begun(), "a picture of an episode");
  CheckSize("height", height);
  CheckSize("width", width);
  const Scene& scene = episode_->GetScene();
  return renderer.Render(scene, scene.CameraId(shape_.robot.cameras.front()), height, width);
}

EnvironmentReport Environment::Report() const {
  DIVLA_CHECK(Begun(), "a report on an episode");
  const EpisodeMonitor& monitor = episode_->Monitor();
  const TaskStatus& status = monitor.Status();
  EnvironmentReport report;
  report.choice = choice_;
  report.key = episode_->Plan().key;
  report.instruction = episode_->Plan().instruction;
  report.hash = episode_->Hashes();
  report.steps = episode_->LogSoFar().Steps();
  report.goal_now = status.goal;
  report.goal_once = monitor.GoalOnce();
  report.goal_held = monitor.GoalHeld();
  report.progress = monitor.Progress();
  report.stages = status.stages;
  report.objects = {status.objects_placed, status.objects_total};
  if (!episode_->Open()) {
    const EpisodeRecord& record = episode_->Record();
    report.success = record.success;
    report.termination = ToString(record.termination);
    report.failure = record.failure;
    report.error = episode_->PolicyError();
  }
  return report;
}

}  // namespace divla
