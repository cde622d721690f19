#include "harness/training/dataset_part.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "harness/json_fields.h"
#include "harness/lerobot/import.h"
#include "harness/progress.h"
#include "harness/provenance.h"
#include "sim/check.h"
#include "sim/hash.h"
#include "sim/robot.h"

namespace divla {

namespace fs = std::filesystem;

std::vector<std::string> EmbodimentCameras(const nlohmann::json& config, const std::string& robot_name,
                                           const std::string& where) {
  const RobotSpec& robot = FindRobot(robot_name);
  JsonFields fields(config, where);
  JsonFields model = fields.Object("model");
  JsonFields bodies = model.Object("embodiments");
  JsonFields body = bodies.Object(robot.name);
  const std::vector<std::string> wanted = body.Strings("cameras");
  std::vector<std::string> cameras;
  for (const std::string& camera : robot.cameras) {
    if (std::find(wanted.begin(), wanted.end(), camera) != wanted.end()) cameras.push_back(camera);
  }
  if (cameras.size() != wanted.size()) {
    body.Fail("cameras", fmt::format("cameras of {}", robot.name), nlohmann::json(wanted).dump());
  }
  return cameras;
}

DatasetPart ReadDatasetPart(const nlohmann::json& config, const fs::path& folder, int every, const std::string& where) {
  DatasetPart part{.folder = folder, .tasks = {}, .cameras = {}, .every = every};
  const DatasetOffer offer = CheckOffer(folder, {});
  part.cameras = EmbodimentCameras(config, offer.robot, where);
  CheckOffer(folder, part.cameras);
  JsonFields fields(config, where);
  JsonFields wanted = fields.Object("tasks");
  for (const std::string& task : offer.tasks) {
    if (wanted.Has(task)) part.tasks.push_back(task);
  }
  if (part.tasks.empty()) {
    fields.Fail("tasks", fmt::format("one of the tasks of {}: {}", folder.string(), fmt::join(offer.tasks, ", ")),
                wanted.Json().dump());
  }
  if (!offer.has_points && (!fields.Has("points_weight") || fields.Number("points_weight") != 0)) {
    fields.Fail("points_weight", fmt::format("0, because the points of {} are not known", folder.string()),
                fields.Has("points_weight") ? fields.Any("points_weight").dump() : "nothing, which means 1");
  }
  return part;
}

std::string PartName(const DatasetPart& part) {
  Hasher hasher;
  for (const char* file : {"info.json", "stats.json"}) {
    const fs::path path = part.folder / "meta" / file;
    hasher.Add(std::string_view(fs::exists(path) ? ReadTextFile(path) : ""));
  }
  std::vector<std::string> files;
  for (const auto& entry : fs::recursive_directory_iterator(part.folder)) {
    if (!entry.is_regular_file()) continue;
    files.push_back(fmt::format("{} {}", fs::relative(entry.path(), part.folder).generic_string(), entry.file_size()));
  }
  std::sort(files.begin(), files.end());
  hasher.Add(std::string_view(fmt::format("{}; {}; {}; {}; {}", fmt::join(files, "\n"), fmt::join(part.tasks, ","),
                                          fmt::join(part.cameras, ","), part.every, ReadVersions("none").divla)));
  return "lerobot-" + hasher.Hex().substr(0, 12);
}

bool MakePart(const DatasetPart& part, const fs::path& folder, bool quiet, const std::function<bool()>& stop) {
  fs::create_directories(folder);
  Progress progress(part.folder.filename().string() + ": episodes",
                    static_cast<double>(DatasetReader(part.folder).Episodes().size()), quiet);
  const ImportOptions options{.tasks = part.tasks, .cameras = part.cameras, .every = part.every, .stop = stop};
  const int rows = ImportRows(part.folder, folder / "rows", options, &progress);
  progress.Close();
  return rows > 0;
}

}  // namespace divla
