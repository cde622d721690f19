// The data of a training run from its configuration alone: demonstrations recorded and training rows rendered into a
// cache, so that one command repeats a whole training. Key "data" of the configuration:
//   "data": {"seed": 1000000, "height": 96, "width": 96, "perturb": true,
//            "tasks": {"cube_to_coloured_box": {"demonstrations": 300, "static_scenes": 1500, "every": 1}, ...}}
// Seeds are those of demonstrations (harness/training/demonstration.h). `every` as RowsOptions::every, `static_scenes` as there;
// both may be left out. "lerobot" names datasets to read instead, or as well (harness/training/dataset_part.h). Only the cameras of the configuration's embodiments are drawn, by the software renderer.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "harness/training/dataset_part.h"
#include "harness/training/demo_folder.h"
#include "harness/training/demo_rows.h"
#include "policy/trainer.h"

namespace divla {

// One task's part.
struct TrainingPart {
  DemoOptions demo;  // without workers and stop
  RowsOptions rows;  // likewise
};
struct TrainingPlan {
  std::vector<TrainingPart> parts;                                  // by name of the task
  std::vector<DatasetPart> datasets;                                // in the configuration's order
  bool Empty() const { return parts.empty() && datasets.empty(); }  // the configuration has no "data"
};
// Checks everything that can be checked before anything is recorded, the seed of the validation with it. Throws
// InputError naming file and key.
TrainingPlan ReadTrainingPlan(const std::string& config);
// The seed of the validation alone, for a training whose rows are there already: "data" may then be anything.
void CheckTrainingValidation(const std::string& config);

// What the part's folder in the cache is called: its task and a hash of what its rows depend on, the program's and
// MuJoCo's version and those of the task's rules with it, and of takeovers the policy's weights. Not the code between two
// versions: after a change to an expert, a scene or the renderer the cache must be removed by hand (a name by commit would
// record everything again after each commit).
std::string PartName(const TrainingPart& part);

// The parts of a stage's takeovers: as the plan's own of these tasks, but the checkpoint drives first, starts are not
// moved and there are no static scenes. Throws InputError when the plan lacks a task.
TrainingPlan TakeoverPlan(const TrainingPlan& plan, const TakeoverRequest& request, const std::string& config);

struct PrepareOptions {
  int workers{1};
  bool quiet{};
  std::function<bool()> stop;
};
// Makes what is missing in `cache` and returns the folders of rows; empty when stopped. A part is finished when its rows
// have their meta.json. It is made in a folder of this call alone, PART.work-XXXXXX beside it, and then renamed, so
// processes may share a cache: whoever finishes a part first has made it, and the others use that one. What a killed
// process left is removed by the next one that makes the part. On a file system without locks (flock) the killed cannot
// be told from the living, and only one process at a time may fill a cache. Throws MachineError when a finished part
// cannot be put into its place.
std::vector<std::string> PrepareTrainingData(const TrainingPlan& plan, const std::filesystem::path& cache,
                                             const PrepareOptions& options);

}  // namespace divla
