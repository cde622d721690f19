// Demonstrations of the scripted experts: seeds, states and clean labels, small and exact. They are rendered into
// training rows later (harness/training/demo_rows.h). Seeds from kFirstDemoSeed on, so that no evaluation ever shows what was
// demonstrated.
//
// Perturbed demonstrations are recovery data: the arm is pushed off the expert's way, or its fingers close on nothing,
// and the expert's answer to that is the label (noise injection after Laskey et al. 2017, "DART"; numbers measured for
// this project):
//   - 40 % start with the tool up to 10 cm away from home (inverse kinematics; home when that has no solution);
//   - pushes, missed grasps and trembling as harness/training/disturbance.h says.
#pragma once

#include <cstdint>

#include "harness/log.h"
#include "harness/suite.h"
#include "harness/training/disturbance.h"
#include "tasks/task.h"

namespace divla {

// Seeds from here on belong to validation during training (harness/training/validation.h).
inline constexpr std::uint64_t kFirstValidationSeed = 1'000'000'000;
// Throws InputError unless the seed belongs to demonstrations: from kFirstDemoSeed on and below kFirstValidationSeed.
void CheckDemoSeed(std::uint64_t seed);
// Throws InputError for a task that is for evaluation only: what it places may not be learned from.
void CheckDemoTask(const Task& task);

EpisodeKey DemoKey(const Task& task, int index);
// The plan of a demonstration; a pure function of its arguments. Throws InputError as the two checks above.
EpisodePlan DemoPlan(const Task& task, std::uint64_t seed, int index, bool perturb);

struct Demonstration {
  bool success{};
  EpisodeLog log;                 // end-effector actions as executed; labels and label_valid beside
  int pushes{}, missed_grasps{};  // that happened (harness/training/disturbance.h)
  int taken_over{};               // of a takeover (harness/training/takeover.h): control steps before it
};

// The expert alone over the plan, undisturbed.
UndisturbedRun RunUndisturbed(const Task& task, const EpisodePlan& plan);
// The expert acts from the scene as it is until the goal has held, for the task's horizon at most. Its log begins with
// the scene's present state. `disturbance` may be null. Sets `success` and `log` of `demo`.
void RunExpert(const Task& task, const EpisodePlan& plan, Expert& expert, Scene& scene, Disturbance* disturbance,
               Demonstration& demo);
// Runs the expert once. A scene whose premises are false counts as a failure (a moved start may hide something); its
// log is empty.
Demonstration RunDemonstration(const Task& task, std::uint64_t seed, int index, bool perturb);

}  // namespace divla
