#include "harness/lerobot/dataset_info.h"

#include <fmt/args.h>
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "harness/json_fields.h"
#include "sim/check.h"

namespace divla {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr const char* kVersion = "v3.0";
constexpr int kMostFps = 120, kMostSize = 16'384, kMostElements = 1 << 20;

// Names are a list, or by custom of some datasets an object with one list ("motors").
std::vector<std::string> NamesOf(const json& value) {
  const json* list = &value;
  if (value.is_object() && value.size() == 1) list = &*value.begin();
  std::vector<std::string> names;
  if (!list->is_array()) return names;
  for (const json& name : *list) {
    if (name.is_string()) names.push_back(name.get<std::string>());
  }
  return names.size() == list->size() ? names : std::vector<std::string>{};
}

DatasetFeature FeatureFrom(const std::string& name, JsonFields fields) {
  DatasetFeature feature{.name = name, .dtype = fields.String("dtype")};
  feature.shape.clear();
  for (const json& size : fields.Array("shape")) {
    if (!size.is_number_unsigned() || size < 1 || size > kMostElements) {
      fields.Fail("shape", "positive whole numbers", size.dump());
    }
    feature.shape.push_back(size.get<int>());
  }
  if (fields.Has("names")) feature.names = NamesOf(fields.Any("names"));
  if (feature.IsPicture()) {
    const auto& shape = feature.shape;
    if (shape.size() != 3 || std::max(shape[0], shape[1]) > kMostSize || shape[2] != 3) {
      fields.Fail("shape", "height, width and 3 colours", json(shape).dump());
    }
  }
  return feature;
}

json FeatureJson(const DatasetFeature& feature, const DatasetInfo& info) {
  json value{{"dtype", feature.dtype}, {"shape", feature.shape}, {"names", nullptr}};
  if (!feature.names.empty()) value["names"] = feature.names;
  if (feature.dtype != "video") return value;
  value["info"] = {{"video.height", feature.shape[0]},
                   {"video.width", feature.shape[1]},
                   {"video.codec", "h264"},
                   {"video.pix_fmt", "yuv420p"},
                   {"video.is_depth_map", false},
                   {"is_depth_map", false},
                   {"video.fps", info.fps},
                   {"video.channels", 3},
                   {"has_audio", false}};
  return value;
}

}  // namespace

const DatasetFeature* DatasetInfo::Find(std::string_view name) const {
  for (const DatasetFeature& feature : features) {
    if (feature.name == name) return &feature;
  }
  return nullptr;
}

bool DatasetInfo::HasVideo() const {
  return std::any_of(features.begin(), features.end(), [](const auto& feature) { return feature.dtype == "video"; });
}

const std::vector<DatasetFeature>& DefaultFeatures() {
  static const std::vector<DatasetFeature> features{{.name = "timestamp", .dtype = "float32"},
                                                    {.name = "frame_index", .dtype = "int64"},
                                                    {.name = "episode_index", .dtype = "int64"},
                                                    {.name = "index", .dtype = "int64"},
                                                    {.name = "task_index", .dtype = "int64"}};
  return features;
}

fs::path DatasetFile(const std::string& path_template, int chunk, int file, const std::string& video_key) {
  fmt::dynamic_format_arg_store<fmt::format_context> values;
  values.push_back(fmt::arg("chunk_index", chunk));
  values.push_back(fmt::arg("file_index", file));
  values.push_back(fmt::arg("video_key", video_key));
  fs::path path;
  try {
    path = fmt::vformat(path_template, values);
  } catch (const fmt::format_error&) {
    throw InputError(fmt::format("meta/info.json: expected a path of chunk_index, file_index and video_key, found '{}'",
                                 path_template));
  }
  // A dataset comes from anywhere: it names no file outside itself.
  const bool leaves = path.is_absolute() || std::find(path.begin(), path.end(), "..") != path.end();
  if (leaves || path.empty()) {
    throw InputError(fmt::format("meta/info.json: expected a path inside the dataset, found '{}'", path_template));
  }
  return path;
}

fs::path EpisodesFile(int chunk, int file) {
  return fmt::format("meta/episodes/chunk-{:03d}/file-{:03d}.parquet", chunk, file);
}

json ToJson(const DatasetInfo& info) {
  json features = json::object();
  for (const DatasetFeature& feature : info.features) features[feature.name] = FeatureJson(feature, info);
  json value{{"codebase_version", kVersion},
             {"robot_type", info.robot_type},
             {"fps", info.fps},
             {"features", std::move(features)},
             {"total_episodes", info.episodes},
             {"total_frames", info.frames},
             {"total_tasks", info.tasks},
             {"chunks_size", info.chunk_files},
             {"data_files_size_in_mb", static_cast<int>(std::max(1.0, info.data_file_mb))},
             {"video_files_size_in_mb", static_cast<int>(std::max(1.0, info.video_file_mb))},
             {"data_path", info.data_path},
             {"video_path", nullptr},
             {"splits", {{"train", fmt::format("0:{}", info.episodes)}}}};
  if (info.HasVideo()) value["video_path"] = info.video_path;
  return value;
}

DatasetInfo ReadDatasetInfo(const fs::path& folder) {
  const fs::path file = folder / "meta" / "info.json";
  const std::string where = "file " + file.string();
  if (!fs::exists(file)) {
    throw InputError(
        fmt::format("folder {}: expected a LeRobot dataset (meta/info.json), found none", folder.string()));
  }
  const json value = ParseJson(ReadTextFile(file), where);
  JsonFields fields(value, where);  // keys that nobody asked for are other programs'
  if (const std::string version = fields.String("codebase_version"); version != kVersion) {
    fields.Fail("codebase_version", kVersion, version);
  }
  DatasetInfo info;
  if (fields.Has("robot_type") && !fields.IsNull("robot_type")) info.robot_type = fields.String("robot_type");
  info.fps = fields.Int("fps", 1, kMostFps);
  info.episodes = fields.Int("total_episodes", 1);
  info.frames = fields.Int("total_frames", 1);
  info.tasks = fields.Int("total_tasks", 1);
  info.data_path = fields.String("data_path");
  if (fields.Has("video_path") && !fields.IsNull("video_path")) info.video_path = fields.String("video_path");
  JsonFields features = fields.Object("features");
  for (const auto& [name, ignored] : features.Json().items()) {
    info.features.push_back(FeatureFrom(name, features.Object(name)));
  }
  const fs::path own_file = folder / kOwnInfoFile;
  if (fs::exists(own_file)) {
    const json own = ParseJson(ReadTextFile(own_file), "file " + own_file.string());
    info.renderer = JsonFields(own, "file " + own_file.string()).String("renderer");
  }
  return info;
}

}  // namespace divla
