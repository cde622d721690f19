#include "harness/demonstration.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <exception>
#include <mutex>
#include <nlohmann/json.hpp>
#include <thread>

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
constexpr int kMostBursts = 2;
constexpr int kMostBurstSteps = 3;
constexpr double kBurst[3] = {0.04, 0.04, 0.03};  // m, deviation of the offset in x, y, z
constexpr double kTremble = 0.002;                // m, deviation of the trembling
constexpr double kTrembleMemory = 0.9;            // of one control step

EpisodeKey DemoKey(const Task& task, int index) { return {task.Spec().name, "none", 0, index}; }

Rng DemoRng(const Task& task, std::uint64_t seed, int index, std::string_view stream) {
  return Rng({seed, task.Spec().name, "none", 0, index, stream});
}

// The offset that is added to the executed tool targets, step by step; and whether the step may be a label.
class Disturbance {
 public:
  Disturbance(Rng rng, int arms, int horizon) : rng_(rng), tremble_(static_cast<std::size_t>(arms)) {
    const int bursts = rng_.Int(kMostBursts + 1);
    for (int i = 0; i < bursts; ++i) {
      Burst burst;
      burst.first = 5 + rng_.Int(std::max(1, horizon / 2));
      burst.steps = 1 + rng_.Int(kMostBurstSteps);
      burst.arm = static_cast<std::size_t>(rng_.Int(arms));
      for (std::size_t axis = 0; axis < 3; ++axis) burst.offset[axis] = kBurst[axis] * rng_.Normal();
      bursts_.push_back(burst);
    }
  }

  // Moves the targets of `action`; true when no burst is on.
  bool Apply(int step, std::vector<float>& action) {
    const double fresh = std::sqrt(1.0 - kTrembleMemory * kTrembleMemory) * kTremble;
    for (auto& arm : tremble_) {
      for (double& value : arm) value = kTrembleMemory * value + fresh * rng_.Normal();
    }
    bool clean = true;
    auto offsets = tremble_;
    for (const Burst& burst : bursts_) {
      if (step < burst.first || step >= burst.first + burst.steps) continue;
      clean = false;
      for (std::size_t axis = 0; axis < 3; ++axis) offsets[burst.arm][axis] += burst.offset[axis];
    }
    for (std::size_t arm = 0; arm < offsets.size(); ++arm) {
      for (std::size_t axis = 0; axis < 3; ++axis) {
        action[arm * kEndEffectorActionSize + axis] += static_cast<float>(offsets[arm][axis]);
      }
    }
    return clean;
  }

 private:
  struct Burst {
    int first{}, steps{};
    std::size_t arm{};
    std::array<double, 3> offset{};
  };
  Rng rng_;
  std::vector<std::array<double, 3>> tremble_;
  std::vector<Burst> bursts_;
};

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
                            {"version", 1},
                            {"task", info.task},
                            {"seed", info.seed},
                            {"perturb", info.perturb},
                            {"attempts", info.attempts},
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
        Note(index, demo.success);
      }
    } catch (...) {
      const std::lock_guard lock(mutex_);
      if (!error_) error_ = std::current_exception();
    }
  }

  DemoInfo Result() {
    if (error_) std::rethrow_exception(error_);
    DemoInfo info{options_.task, options_.seed, options_.perturb, started_, successes_};
    std::sort(info.indices.begin(), info.indices.end());
    const auto keep = static_cast<std::size_t>(options_.episodes);
    for (std::size_t i = keep; i < info.indices.size(); ++i) {  // the other threads' surplus
      std::filesystem::remove(LogPath(folder_, DemoKey(task_, info.indices[i])));
    }
    if (info.indices.size() > keep) info.indices.resize(keep);
    // Attempts up to the last one that counted: the number does not depend on the surplus either.
    if (info.indices.size() == keep) info.attempts = info.indices.back() + 1;
    return info;
  }

 private:
  int Next() {
    const std::lock_guard lock(mutex_);
    const bool enough = static_cast<int>(successes_.size()) >= options_.episodes;
    if (enough || error_ || (options_.stop && options_.stop())) return -1;
    return started_++;
  }

  void Note(int index, bool success) {
    const std::lock_guard lock(mutex_);
    if (success) successes_.push_back(index);
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
  std::vector<int> successes_;
  std::exception_ptr error_;
};

}  // namespace

void CheckDemoSeed(std::uint64_t seed) {
  if (seed < kFirstDemoSeed) {
    throw InputError(fmt::format("--seed: expected {} or more (smaller seeds belong to evaluations), found {}",
                                 kFirstDemoSeed, seed));
  }
}

EpisodePlan DemoPlan(const Task& task, std::uint64_t seed, int index, bool perturb) {
  CheckDemoSeed(seed);
  EpisodePlan plan = task.Draw(seed, DemoKey(task, index));
  if (perturb) {
    Rng rng = DemoRng(task, seed, index, "demo-start");
    if (rng.Uniform() < kOtherStart) MoveStart(task, rng, plan);
  }
  return plan;
}

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
  Disturbance disturbance(DemoRng(task, seed, index, "demo-disturbance"), arms, task.Spec().horizon);
  for (int step = 0; step < task.Spec().horizon && !monitor.GoalHeld(); ++step) {
    const std::vector<float> label = expert->Act(scene);
    DIVLA_CHECK(static_cast<int>(label.size()) == log.action_dim,
                "an expert answers with one end-effector action per arm");
    std::vector<float> action = label;
    const bool clean = !perturb || disturbance.Apply(step, action);
    log.labels.insert(log.labels.end(), label.begin(), label.end());
    log.label_valid.push_back(clean ? 1 : 0);
    log.actions.insert(log.actions.end(), action.begin(), action.end());
    const StepStatus status = ControlStep(scene, ActionKind::kEndEffectorPose, action);
    record_state();
    if (status == StepStatus::kDiverged) return demo;
    monitor.Update(scene);
  }
  demo.success = monitor.GoalHeld();
  return demo;
}

DemoInfo RecordDemonstrations(const DemoOptions& options, const std::filesystem::path& folder, Progress* progress) {
  CheckDemoSeed(options.seed);
  if (options.episodes < 1)
    throw InputError(fmt::format("--episodes: expected at least 1, found {}", options.episodes));
  const Task& task = FindTask(options.task);
  if (task.Spec().evaluation_only) {
    throw InputError(
        fmt::format("--task: expected a task with seen objects only, found '{}': it places unseen objects, which are "
                    "never shown in "
                    "a demonstration",
                    options.task));
  }
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
  fields.Int("version", 1, 1);
  DemoInfo info;
  info.task = fields.String("task");
  info.seed = fields.U64("seed");
  info.perturb = fields.Bool("perturb");
  info.attempts = fields.Int("attempts", 0);
  for (const auto& value : fields.Array("indices")) {
    if (!value.is_number_unsigned()) fields.Fail("indices", "non-negative integers", value.dump());
    info.indices.push_back(value.get<int>());
  }
  fields.Finish();
  return info;
}

}  // namespace divla
