#include "harness/demonstration.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <exception>
#include <mutex>
#include <nlohmann/json.hpp>
#include <thread>

#include "harness/disturbance.h"
#include "harness/file_write.h"
#include "harness/json_fields.h"
#include "harness/run_folder.h"
#include "harness/suite.h"
#include "sim/check.h"
#include "sim/controller.h"
#include "sim/ik.h"
#include "tasks/monitor.h"
#include "tasks/registry.h"

namespace divla {
namespace {

constexpr double kOtherStart = 0.4;   // share of episodes that do not start at home
constexpr double kStartRange = 0.10;  // m, in x and y, and upwards
constexpr double kStartDown = 0.05;   // m downwards: lower would touch objects
constexpr int kInfoVersion = 2;       // 1: pushes that mostly came too late, no missed grasps, no counts

EpisodeKey DemoKey(const Task& task, int index) { return {task.Spec().name, "none", 0, index}; }

Rng DemoRng(const Task& task, std::uint64_t seed, int index, std::string_view stream) {
  return Rng({seed, task.Spec().name, "none", 0, index, stream});
}

// Moves each arm's start so that its tool is somewhere around home.
void MoveStart(const Task& task, Rng& rng, EpisodePlan& plan) {
  const Scene scene = task.Build(plan);
  const Robot& robot = scene.GetRobot();
  std::size_t first = 0;
  for (std::size_t arm = 0; arm < robot.arms.size(); ++arm) {
    const std::size_t joints = robot.arms[arm].joint_ids.size();
    const std::span<const double> home(plan.robot_start.data() + first, joints);
    Pose target = scene.ToolPose(static_cast<int>(arm));
    target.position[0] += rng.Uniform(-kStartRange, kStartRange);
    target.position[1] += rng.Uniform(-kStartRange, kStartRange);
    target.position[2] += rng.Uniform(-kStartDown, kStartRange);
    const IkResult result = SolveIk(scene, static_cast<int>(arm), target, home, home);
    if (result.converged)
      std::copy(result.joints.begin(), result.joints.end(),
                plan.robot_start.begin() + static_cast<std::ptrdiff_t>(first));
    first += joints + 1;
  }
}

void WriteDemoInfo(const DemoInfo& info, const std::filesystem::path& folder) {
  const nlohmann::json json{{"format", "divla-demonstrations"},
                            {"version", kInfoVersion},
                            {"task", info.task},
                            {"seed", info.seed},
                            {"perturb", info.perturb},
                            {"attempts", info.attempts},
                            {"pushes", info.pushes},
                            {"missed_grasps", info.missed_grasps},
                            {"indices", info.indices}};
  WriteFileAtomically(folder / "demo.json", json.dump() + "\n");
}

// Runs attempts in order of index on several threads. Indices are handed out without gaps and every one that was handed
// out is finished, so "the first N successes" is the same set for any number of threads.
class Recorder {
 public:
  Recorder(const DemoOptions& options, const Task& task, const std::filesystem::path& folder, Progress* progress)
      : options_(options), task_(task), folder_(folder), progress_(progress) {}

  void Work() noexcept {
    try {
      for (int index = 0; (index = Next()) >= 0;) {
        Demonstration demo = RunDemonstration(task_, options_.seed, index, options_.perturb);
        if (demo.success) WriteFileAtomically(LogPath(folder_, demo.log.key), EncodeLog(demo.log));
        Note(index, demo);
      }
    } catch (...) {
      const std::lock_guard lock(mutex_);
      if (!error_) error_ = std::current_exception();
    }
  }

  DemoInfo Result() {
    if (error_) std::rethrow_exception(error_);
    std::sort(successes_.begin(), successes_.end(), [](const Kept& a, const Kept& b) { return a.index < b.index; });
    const auto keep = static_cast<std::size_t>(options_.episodes);
    for (std::size_t i = keep; i < successes_.size(); ++i) {  // the other threads' surplus
      std::filesystem::remove(LogPath(folder_, DemoKey(task_, successes_[i].index)));
    }
    if (successes_.size() > keep) successes_.resize(keep);
    DemoInfo info;
    info.task = options_.task;
    info.seed = options_.seed;
    info.perturb = options_.perturb;
    info.attempts = started_;
    for (const Kept& kept : successes_) {
      info.indices.push_back(kept.index);
      info.pushes += kept.pushes;
      info.missed_grasps += kept.missed_grasps;
    }
    // Attempts up to the last one that counted: the number does not depend on the surplus either.
    if (info.indices.size() == keep) info.attempts = info.indices.back() + 1;
    return info;
  }

 private:
  struct Kept {
    int index{}, pushes{}, missed_grasps{};
  };

  int Next() {
    const std::lock_guard lock(mutex_);
    const bool enough = static_cast<int>(successes_.size()) >= options_.episodes;
    if (enough || error_ || (options_.stop && options_.stop())) return -1;
    return started_++;
  }

  void Note(int index, const Demonstration& demo) {
    const std::lock_guard lock(mutex_);
    const bool success = demo.success;
    if (success) successes_.push_back({index, demo.pushes, demo.missed_grasps});
    if (progress_ != nullptr && success && static_cast<int>(successes_.size()) <= options_.episodes) {
      progress_->Advance(1.0);
      progress_->Finished(true);
    }
    failures_ += success ? 0 : 1;
    if (failures_ >= 20 && 2 * failures_ > started_) {
      throw InputError(fmt::format("task {}: expected an expert that succeeds, found {} failures in {} attempts",
                                   options_.task, failures_, started_));
    }
  }

  const DemoOptions& options_;
  const Task& task_;
  const std::filesystem::path& folder_;
  Progress* progress_;
  std::mutex mutex_;
  int started_{};
  int failures_{};
  std::vector<Kept> successes_;
  std::exception_ptr error_;
};

}  // namespace

void CheckDemoSeed(std::uint64_t seed) {
  if (seed < kFirstDemoSeed) {
    throw InputError(fmt::format("--seed: expected {} or more (smaller seeds belong to evaluations), found {}",
                                 kFirstDemoSeed, seed));
  }
  if (seed >= kFirstValidationSeed) {
    throw InputError(fmt::format("--seed: expected less than {} (larger seeds belong to validation), found {}",
                                 kFirstValidationSeed, seed));
  }
}

void CheckDemoTask(const Task& task) {
  if (task.Spec().evaluation_only) {
    throw InputError(
        fmt::format("--task: expected a task that may be demonstrated, found {}: it places unseen objects, which "
                    "nothing may be trained on",
                    task.Spec().name));
  }
}

EpisodePlan DemoPlan(const Task& task, std::uint64_t seed, int index, bool perturb) {
  CheckDemoSeed(seed);
  CheckDemoTask(task);
  EpisodePlan plan = task.Draw(seed, DemoKey(task, index));
  if (perturb) {
    Rng rng = DemoRng(task, seed, index, "demo-start");
    if (rng.Uniform() < kOtherStart) MoveStart(task, rng, plan);
  }
  return plan;
}

namespace {

// The expert alone over the same plan: where it can be disturbed.
UndisturbedRun RunUndisturbed(const Task& task, const EpisodePlan& plan) {
  Scene scene = task.Build(plan);
  const auto expert = task.MakeExpert(plan);
  EpisodeMonitor monitor(task, plan, scene);
  Closings closings(static_cast<int>(scene.GetRobot().arms.size()));
  UndisturbedRun run;
  for (; run.steps < task.Spec().horizon && !monitor.GoalHeld(); ++run.steps) {
    const std::vector<float> command = expert->Act(scene);
    closings.Watch(command);
    if (ControlStep(scene, ActionKind::kEndEffectorPose, command) == StepStatus::kDiverged) break;
    monitor.Update(scene);
  }
  if (monitor.GoalHeld()) run.steps -= static_cast<int>(std::lround(kGoalHold / kControlPeriod));
  run.closings = closings.Count();
  return run;
}

}  // namespace

Demonstration RunDemonstration(const Task& task, std::uint64_t seed, int index, bool perturb) {
  const EpisodePlan plan = DemoPlan(task, seed, index, perturb);
  Scene scene = task.Build(plan);
  Demonstration demo;
  for (const Premise& premise : task.Premises(scene, plan)) {
    if (!premise.holds) return demo;  // a moved start may hide or touch something
  }
  EpisodeLog& log = demo.log;
  log.key = plan.key;
  log.seed = seed;
  log.robot = scene.GetRobot().spec.name;
  log.instruction = plan.instruction;
  log.action_kind = ActionKind::kEndEffectorPose;
  const int arms = static_cast<int>(scene.GetRobot().arms.size());
  log.action_dim = arms * kEndEffectorActionSize;
  const auto record_state = [&] {
    const std::vector<double> state = scene.SaveState();
    log.state_size = static_cast<int>(state.size());
    log.states.insert(log.states.end(), state.begin(), state.end());
  };
  record_state();
  const auto expert = task.MakeExpert(plan);
  EpisodeMonitor monitor(task, plan, scene);
  std::optional<Disturbance> disturbance;
  if (perturb) {
    disturbance.emplace(DemoRng(task, seed, index, "demo-disturbance"), arms, RunUndisturbed(task, plan));
  }
  for (int step = 0; step < task.Spec().horizon && !monitor.GoalHeld(); ++step) {
    const std::vector<float> label = expert->Act(scene);
    DIVLA_CHECK(static_cast<int>(label.size()) == log.action_dim,
                "an expert answers with one end-effector action per arm");
    std::vector<float> action = label;
    const bool clean = !disturbance || disturbance->Apply(step, action);
    log.labels.insert(log.labels.end(), label.begin(), label.end());
    log.label_valid.push_back(clean ? 1 : 0);
    log.actions.insert(log.actions.end(), action.begin(), action.end());
    const StepStatus status = ControlStep(scene, ActionKind::kEndEffectorPose, action);
    record_state();
    if (status == StepStatus::kDiverged) return demo;
    monitor.Update(scene);
  }
  demo.success = monitor.GoalHeld();
  if (disturbance) {
    demo.pushes = disturbance->Pushes();
    demo.missed_grasps = disturbance->MissedGrasps();
  }
  return demo;
}

DemoInfo RecordDemonstrations(const DemoOptions& options, const std::filesystem::path& folder, Progress* progress) {
  CheckDemoSeed(options.seed);
  if (options.episodes < 1)
    throw InputError(fmt::format("--episodes: expected at least 1, found {}", options.episodes));
  const Task& task = FindTask(options.task);
  CheckDemoTask(task);
  CreateRunFolder(folder);
  CreateRunFolder(folder / "logs");
  Recorder recorder(options, task, folder, progress);
  std::vector<std::thread> threads;
  for (int i = 0; i < std::max(1, options.workers); ++i) threads.emplace_back([&] { recorder.Work(); });
  for (std::thread& thread : threads) thread.join();
  DemoInfo info = recorder.Result();
  WriteDemoInfo(info, folder);
  return info;
}

DemoInfo ReadDemoInfo(const std::filesystem::path& folder) {
  const auto file = folder / "demo.json";
  const std::string where = "file " + file.string();
  const nlohmann::json json = ParseJson(ReadTextFile(file), where);
  JsonFields fields(json, where);
  if (const auto format = fields.String("format"); format != "divla-demonstrations") {
    fields.Fail("format", "\"divla-demonstrations\"", format);
  }
  const int version = fields.Int("version", 1, kInfoVersion);
  DemoInfo info;
  info.task = fields.String("task");
  info.seed = fields.U64("seed");
  info.perturb = fields.Bool("perturb");
  info.attempts = fields.Int("attempts", 0);
  if (version >= 2) {  // logs hold what was executed, so older folders are read as before
    info.pushes = fields.Int("pushes", 0);
    info.missed_grasps = fields.Int("missed_grasps", 0);
  }
  for (const auto& value : fields.Array("indices")) {
    if (!value.is_number_unsigned()) fields.Fail("indices", "non-negative integers", value.dump());
    info.indices.push_back(value.get<int>());
  }
  fields.Finish();
  return info;
}

}  // namespace divla
