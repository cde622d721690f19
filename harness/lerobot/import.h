// From a LeRobot dataset to the training folders of policy/rows.h: this program's own (harness/lerobot/robot_dataset.h),
// which gives back every number and label, and other people's, of a robot that this program knows:
//   - robot_type is "panda" or "agilex", fps is 20, and `observation.state` and `action` have the robot's size, and its
//     joint names where they have names: absolute joint positions (rad), the gripper from 0 (closed) to 1 (open);
//   - observation.images.CAMERA for each camera that is asked for, all of one size;
//   - the tool's pose and target, where they are missing, follow from the joints (forward kinematics);
//   - reasoning and places are taken from the language columns, where there are any; points of the world (TrainingRow::
//     points) and other instructions are not known: points are 0.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "harness/lerobot/dataset_reader.h"
#include "harness/progress.h"

namespace divla {

// What a dataset offers to training.
struct DatasetOffer {
  std::string robot;
  std::vector<std::string> tasks;  // of this program, sorted; of other people's datasets the folder's name
  bool has_points{};               // TrainingRow::points are known
};
// Checks all that can be checked without reading frames. Throws InputError naming file and feature.
DatasetOffer CheckOffer(const std::filesystem::path& dataset, const std::vector<std::string>& cameras);

struct ImportOptions {
  std::vector<std::string> tasks{};    // of the offer
  std::vector<std::string> cameras{};  // of the robot
  int every{1};                        // as RowsOptions::every
  std::function<bool()> stop{};
};
// Writes OUT/TASK for each of the tasks and returns the number of rows; 0 when stopped, or when the tasks have no
// episodes. Throws InputError as DatasetReader::Read does. `progress` counts episodes; may be null.
int ImportRows(const std::filesystem::path& dataset, const std::filesystem::path& out, const ImportOptions& options,
               Progress* progress);

}  // namespace divla
