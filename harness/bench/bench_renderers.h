// The renderers' part of `divla bench`: how fast both draw, side by side.
#pragma once

#include <functional>
#include <string>

#include "harness/bench/bench.h"
#include "tasks/task.h"

namespace divla {

// The registered task whose first episode's view holds the most geoms, and how many. The first of equals.
struct HeaviestTask {
  const Task* task{};
  int geoms{};
};
HeaviestTask FindHeaviestTask();

// Frames a second in three sizes, and control steps a second with every camera of the robot at 224x224, of the heaviest
// task's first scene, on the calling thread: first `software`, then `gl`. Without OpenGL the gl figures are left out
// and `note` gets a line that says why. The project's targets are the software renderer's.
void MeasureRenderers(double seconds, const std::function<void(BenchFigure)>& report,
                      const std::function<void(const std::string&)>& note);

}  // namespace divla
