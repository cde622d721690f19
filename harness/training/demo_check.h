// Does a folder of demonstrations still show what it claims? Each kept demonstration is replayed: its scene is built
// from its seed (a takeover's is put into the state in which the expert took over), the recorded actions are executed,
// and the states must come out bit for bit and end in success. What fails here was recorded by another version of a task
// or of the physics, and its rows would be of scenes that are not.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "harness/progress.h"
#include "harness/training/demo_folder.h"
#include "tasks/task.h"

namespace divla {

struct DemoReplay {
  int index{};
  bool success{};                 // the recorded actions reach the goal, held as an evaluation asks
  int first_different_state{-1};  // row of the log whose state differs; -1: all are equal bit for bit

  bool Reproduced() const { return success && first_different_state < 0; }
};

// Replays one log of `info`. Throws InputError when the log is of another episode or another robot.
DemoReplay ReplayDemonstration(const Task& task, const DemoInfo& info, int index, const EpisodeLog& log);

struct DemoCheck {
  DemoInfo info;
  std::vector<DemoReplay> replays;  // in order of index; fewer than info.indices when stopped

  int Successes() const;
  int Reproduced() const;
  // At least 99.5 % reproduce, and there is at least one.
  bool Good() const;
};

// Replays every demonstration in `folder` (with its demo.json) on `workers` threads. Throws InputError for damaged
// logs.
DemoCheck CheckDemonstrations(const std::filesystem::path& folder, int workers, const std::function<bool()>& stop,
                              Progress* progress);

}  // namespace divla
