#include "harness/training/demonstration.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "harness/training/disturbance.h"
#include "sim/check.h"
#include "sim/controller.h"
#include "sim/ik.h"
#include "tasks/monitor.h"

namespace divla {
namespace {

constexpr double kOtherStart = 0.4;   // share of episodes that do not start at home
constexpr double kStartRange = 0.10;  // m, in x and y, and upwards
constexpr double kStartDown = 0.05;   // m downwards: lower would touch objects

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

EpisodeKey DemoKey(const Task& task, int index) { return {task.Spec().name, "none", 0, index}; }

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

void RunExpert(const Task& task, const EpisodePlan& plan, Expert& expert, Scene& scene, Disturbance* disturbance,
               Demonstration& demo) {
  EpisodeLog& log = demo.log;
  log.key = plan.key;
  log.seed = plan.seed;
  log.robot = scene.GetRobot().spec.name;
  log.instruction = plan.instruction;
  log.action_kind = ActionKind::kEndEffectorPose;
  log.action_dim = static_cast<int>(scene.GetRobot().arms.size()) * kEndEffectorActionSize;
  const auto record_state = [&] {
    const std::vector<double> state = scene.SaveState();
    log.state_size = static_cast<int>(state.size());
    log.states.insert(log.states.end(), state.begin(), state.end());
  };
  record_state();
  EpisodeMonitor monitor(task, plan, scene);
  for (int step = 0; step < task.Spec().horizon && !monitor.GoalHeld(); ++step) {
    const std::vector<float> label = expert.Act(scene);
    DIVLA_CHECK(static_cast<int>(label.size()) == log.action_dim,
                "an expert answers with one end-effector action per arm");
    std::vector<float> action = label;
    const bool clean = disturbance == nullptr || disturbance->Apply(step, action);
    log.labels.insert(log.labels.end(), label.begin(), label.end());
    log.label_valid.push_back(clean ? 1 : 0);
    log.actions.insert(log.actions.end(), action.begin(), action.end());
    const StepStatus status = ControlStep(scene, ActionKind::kEndEffectorPose, action);
    record_state();
    if (status == StepStatus::kDiverged) return;
    monitor.Update(scene);
  }
  demo.success = monitor.GoalHeld();
}

Demonstration RunDemonstration(const Task& task, std::uint64_t seed, int index, bool perturb) {
  const EpisodePlan plan = DemoPlan(task, seed, index, perturb);
  Scene scene = task.Build(plan);
  Demonstration demo;
  for (const Premise& premise : task.Premises(scene, plan)) {
    if (!premise.holds) return demo;  // a moved start may hide or touch something
  }
  const auto expert = task.MakeExpert(plan);
  if (!perturb) {
    RunExpert(task, plan, *expert, scene, nullptr, demo);
    return demo;
  }
  const int arms = static_cast<int>(scene.GetRobot().arms.size());
  Disturbance disturbance(DemoRng(task, seed, index, "demo-disturbance"), arms, RunUndisturbed(task, plan));
  RunExpert(task, plan, *expert, scene, &disturbance, demo);
  if (demo.success) {
    demo.pushes = disturbance.Pushes();
    demo.missed_grasps = disturbance.MissedGrasps();
  }
  return demo;
}

}  // namespace divla
