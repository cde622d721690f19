// Demonstrations of the scripted experts: seeds, states and clean labels, small and exact. They are rendered into
// training rows later (harness/demo_rows.h). Seeds from kFirstDemoSeed on, so that no evaluation ever shows what was
// demonstrated.
//
// Perturbed demonstrations are recovery data: the arm is pushed off the expert's way, or its fingers close on nothing,
// and the expert's answer to that is the label (noise injection after Laskey et al. 2017, "DART"; numbers measured for
// this project):
//   - 40 % start with the tool up to 10 cm away from home (inverse kinematics; home when that has no solution);
//   - pushes, missed grasps and trembling as harness/disturbance.h says.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "harness/log.h"
#include "harness/progress.h"
#include "harness/suite.h"
#include "tasks/task.h"

namespace divla {

// Seeds from here on belong to validation during training (harness/validation.h).
inline constexpr std::uint64_t kFirstValidationSeed = 1'000'000'000;
// Throws InputError unless the seed belongs to demonstrations: from kFirstDemoSeed on and below kFirstValidationSeed.
void CheckDemoSeed(std::uint64_t seed);
// Throws InputError for a task that is for evaluation only: what it places may not be learned from.
void CheckDemoTask(const Task& task);

// The plan of a demonstration; a pure function of its arguments. Throws InputError as the two checks above.
EpisodePlan DemoPlan(const Task& task, std::uint64_t seed, int index, bool perturb);

struct Demonstration {
  bool success{};
  EpisodeLog log;                 // end-effector actions as executed; labels and label_valid beside
  int pushes{}, missed_grasps{};  // that happened (harness/disturbance.h)
};
// Runs the expert once. A scene whose premises are false counts as a failure (a moved start may hide something); its
// log is empty.
Demonstration RunDemonstration(const Task& task, std::uint64_t seed, int index, bool perturb);

struct DemoOptions {
  std::string task;
  int episodes{};  // successes to keep
  std::uint64_t seed{kFirstDemoSeed};
  bool perturb{};
  int workers{1};
  std::function<bool()> stop;
};

// demo.json: what is needed to build the scenes of the logs again.
struct DemoInfo {
  std::string task;
  std::uint64_t seed{};
  bool perturb{};
  int attempts{};                 // demonstrations that were run
  int pushes{}, missed_grasps{};  // in those kept; 0 in folders of version 1, which did not count them
  std::vector<int> indices;       // of those kept, in order: their logs lie in logs/
};
DemoInfo ReadDemoInfo(const std::filesystem::path& folder);

// Runs attempts 0, 1, 2, ... until `episodes` of them succeeded, keeps the first so many successes, and writes
// demo.json and logs/KEY.bin into `folder`, which must be new or empty. What is written does not depend on the number
// of workers. Gives up with an InputError when more than half of at least 40 attempts failed, and refuses a task that
// is for evaluation only.
DemoInfo RecordDemonstrations(const DemoOptions& options, const std::filesystem::path& folder, Progress* progress);

}  // namespace divla
