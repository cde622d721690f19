// Training rows out of LeRobot datasets: the key "lerobot" of a training configuration's "data",
//   "data": {"lerobot": ["FOLDER", ...], "every": 1}
// alone or beside the demonstrations that are recorded. Folders are named from where the command runs. Of each dataset the
// episodes of the configuration's "tasks" are taken, with the cameras of its embodiment (harness/lerobot/import.h).
#pragma once

#include <filesystem>
#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

namespace divla {

struct DatasetPart {
  std::filesystem::path folder{};
  std::vector<std::string> tasks{};    // that are taken, sorted
  std::vector<std::string> cameras{};  // of the robot, in the robot's order
  int every{1};                        // as RowsOptions::every
};

// The cameras that the configuration's embodiment of this robot looks through, in the robot's order. Throws InputError
// that begins with `where`.
std::vector<std::string> EmbodimentCameras(const nlohmann::json& config, const std::string& robot,
                                           const std::string& where);

// One dataset of a configuration. Throws InputError naming the dataset's file and feature, or the configuration's key: a
// dataset without any task of it, or without known points while "points_weight" asks for them.
DatasetPart ReadDatasetPart(const nlohmann::json& config, const std::filesystem::path& folder, int every,
                            const std::string& where);

// What its rows are called in a cache: by the dataset's info, statistics and the sizes of its files.
std::string PartName(const DatasetPart& part);

// Into `folder`/rows/TASK; false when stopped.
bool MakePart(const DatasetPart& part, const std::filesystem::path& folder, bool quiet,
              const std::function<bool()>& stop);

}  // namespace divla
