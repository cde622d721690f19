// meta/info.json of a LeRobotDataset v3.0 (huggingface/lerobot, src/lerobot/datasets/utils.py, DatasetInfo): which features
// a dataset has, how many episodes, and in which files they are. And what a frame of it holds.
//
// Every dataset has, besides its own features, the ones of DefaultFeatures(). What the format has no place for stands in
// a file of our own, kOwnInfoFile: {"renderer": "software 1"}.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/image.h"

namespace divla {

// "float32" (any 1-d shape), "int64", "bool", "string" (shape 1), "image" (PNG in parquet) and "video" (shape height,
// width, 3), "language" (the two columns below). A reader also meets others, which it passes over.
struct DatasetFeature {
  std::string name{};  // "observation.state"
  std::string dtype{};
  std::vector<int> shape{1};
  std::vector<std::string> names{};  // of its elements; may be empty

  bool IsPicture() const { return dtype == "image" || dtype == "video"; }
};

inline constexpr const char* kOwnInfoFile = "meta/divla.json";
inline constexpr std::string_view kCameraPrefix = "observation.images.";
inline constexpr const char* kLanguagePersistent = "language_persistent";
inline constexpr const char* kLanguageEvents = "language_events";

// Row of a language column (lerobot, datasets/language.py). In `persistent` each row holds from its timestamp on until
// one of the same style follows, and every frame of the episode carries them all; `events` belong to one frame.
struct LanguageRow {
  std::string role;      // "user", "assistant"
  std::string content;   //
  std::string style;     // persistent: "subtask", "plan", ...; events: "vqa", ...
  float timestamp{};     // s from the episode's start; of persistent rows only
  std::string camera{};  // feature of the camera, of "vqa" and "trace" only; else empty
  bool operator==(const LanguageRow&) const = default;
};

// One frame: what is observed before a control step, and the action of that step. By name of the feature.
struct DatasetFrame {
  std::map<std::string, std::vector<float>> numbers;  // of float32
  std::map<std::string, bool> flags;                  // of bool
  std::map<std::string, std::string> texts;           // of string
  std::map<std::string, Image> pictures;              // of image and video
  std::vector<LanguageRow> events;
  std::vector<LanguageRow> persistent{};  // filled by a reader: the episode's
};

struct DatasetInfo {
  std::string robot_type{};  // "panda"
  int fps{20};
  std::vector<DatasetFeature> features{};  // by name; the default ones are added by the writer
  std::int64_t episodes{}, frames{}, tasks{};
  int chunk_files{1000};      // files in one chunk folder
  double data_file_mb{100};   // a parquet file that would become larger is not gone on with, in 2^20 bytes
  double video_file_mb{200};  // likewise
  std::string data_path{"data/chunk-{chunk_index:03d}/file-{file_index:03d}.parquet"};
  std::string video_path{"videos/{video_key}/chunk-{chunk_index:03d}/file-{file_index:03d}.mp4"};
  std::string renderer{};  // what drew the pictures; empty: not by this program

  // Null when there is none.
  const DatasetFeature* Find(std::string_view name) const;
  bool HasVideo() const;
};

// timestamp, frame_index, episode_index, index, task_index.
const std::vector<DatasetFeature>& DefaultFeatures();

// Of a file of episodes' data or of a camera's video, relative to the dataset. The templates are Python's, of which the
// fields {chunk_index}, {file_index} and {video_key} with an optional width are understood; InputError for others.
std::filesystem::path DatasetFile(const std::string& path_template, int chunk, int file, const std::string& video_key);
std::filesystem::path EpisodesFile(int chunk, int file);

nlohmann::json ToJson(const DatasetInfo& info);
// FOLDER/meta/info.json. Throws InputError naming file, key, expected and found: of another version, without episodes.
DatasetInfo ReadDatasetInfo(const std::filesystem::path& folder);

}  // namespace divla
