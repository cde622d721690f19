#include "harness/lerobot/dataset_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "harness/lerobot/dataset_tables.h"
#include "harness/lerobot/frame_cells.h"
#include "harness/lerobot/parquet_file.h"
#include "media/video_reader.h"
#include "sim/check.h"

namespace divla {
namespace {

namespace fs = std::filesystem;

// Parquet files under FOLDER/*/*, in order of their names.
std::vector<fs::path> ParquetFiles(const fs::path& folder) {
  std::vector<fs::path> files;
  std::error_code error;
  for (const fs::directory_entry& chunk : fs::directory_iterator(folder, error)) {
    for (const fs::directory_entry& file : fs::directory_iterator(chunk.path(), error)) {
      if (file.path().extension() == ".parquet") files.push_back(file.path());
    }
  }
  std::sort(files.begin(), files.end());
  if (files.empty()) {
    throw InputError(fmt::format("folder {}: expected Parquet files of the dataset, found none", folder.string()));
  }
  return files;
}

// The frames of the data files, one after another, put together with their videos.
class FrameStream {
 public:
  FrameStream(const fs::path& folder, const DatasetInfo& info, const std::vector<EpisodeEntry>& episodes,
              const std::vector<std::string>& features, const DatasetReader::Visit& visit)
      : folder_(folder), info_(info), episodes_(episodes), visit_(visit) {
    for (const std::string& name : features) features_.push_back(&Checked(name));
    for (const char* name : {kLanguagePersistent, kLanguageEvents}) {
      if (info.Find(name) != nullptr) language_.emplace_back(name);
    }
    columns_ = language_;
    for (const DatasetFeature* feature : features_) {
      if (feature->dtype != "video") columns_.push_back(feature->name);
    }
    for (const char* name : {"episode_index", "frame_index"}) columns_.emplace_back(name);
  }

  void Run() {
    std::set<std::pair<int, int>> files;
    for (const EpisodeEntry& episode : episodes_) files.emplace(episode.data_chunk, episode.data_file);
    for (const auto& [chunk, file] : files) {
      const fs::path path = folder_ / DatasetFile(info_.data_path, chunk, file, "");
      file_ = path.string();
      ReadParquet(path, columns_, [this](const arrow::RecordBatch& batch) { AddBatch(batch); });
    }
    if (episode_ < episodes_.size()) {
      throw InputError(fmt::format("folder {}: expected {} frames of episode {} in the data, found {}",
                                   folder_.string(), episodes_[episode_].length, episodes_[episode_].index, frame_));
    }
  }

 private:
  const DatasetFeature& Checked(const std::string& name) const {
    const DatasetFeature* feature = info_.Find(name);
    const std::string where = fmt::format("file {}: feature '{}'", (folder_ / "meta" / "info.json").string(), name);
    if (feature == nullptr) throw InputError(where + ": expected it in the dataset, found none");
    const std::string& type = feature->dtype;
    const bool flat = feature->shape.size() == 1;
    if (!feature->IsPicture() && !(flat && (type == "float32" || type == "float64")) &&
        !(flat && feature->shape[0] == 1 && (type == "bool" || type == "string"))) {
      throw InputError(fmt::format("{}: expected numbers, a bool, a text or a picture, found {} of {} dimensions",
                                   where, type, feature->shape.size()));
    }
    return *feature;
  }

  void AddBatch(const arrow::RecordBatch& batch) {
    const FrameColumn episodes(batch, "episode_index", file_), frames(batch, "frame_index", file_);
    std::map<std::string, FrameColumn> columns;
    for (const std::string& name : columns_) columns.emplace(name, FrameColumn(batch, name, file_));
    for (std::int64_t row = 0; row < batch.num_rows(); ++row) {
      const bool expected = episode_ < episodes_.size() && episodes.Integer(row) == episodes_[episode_].index &&
                            frames.Integer(row) == frame_;
      if (!expected) {
        throw InputError(fmt::format("file {}: expected {}, found frame {} of episode {}", file_,
                                     episode_ < episodes_.size()
                                         ? fmt::format("frame {} of episode {}", frame_, episodes_[episode_].index)
                                         : "no more frames",
                                     frames.Integer(row), episodes.Integer(row)));
      }
      visit_(episodes_[episode_], frame_, Frame(columns, row));
      if (++frame_ < episodes_[episode_].length) continue;
      frame_ = 0;
      ++episode_;
    }
  }

  DatasetFrame Frame(const std::map<std::string, FrameColumn>& columns, std::int64_t row) {
    DatasetFrame frame;
    for (const DatasetFeature* feature : features_) {
      const std::string& name = feature->name;
      if (feature->dtype == "video") {
        frame.pictures[name] = VideoPicture(*feature);
      } else if (feature->dtype == "image") {
        frame.pictures[name] = columns.at(name).Picture(row);
      } else if (feature->dtype == "bool") {
        frame.flags[name] = columns.at(name).Flag(row);
      } else if (feature->dtype == "string") {
        frame.texts[name] = columns.at(name).Text(row);
      } else {
        frame.numbers[name] = columns.at(name).Numbers(row, feature->shape[0]);
      }
      if (feature->IsPicture()) CheckSize(*feature, frame.pictures[name]);
    }
    for (const std::string& name : language_) {
      (name == kLanguagePersistent ? frame.persistent : frame.events) = columns.at(name).Language(row);
    }
    return frame;
  }

  Image VideoPicture(const DatasetFeature& feature) {
    const EpisodeVideoPlace& place = episodes_[episode_].videos.at(feature.name);
    OpenVideo& open = videos_[feature.name];
    if (!open.reader || open.chunk != place.chunk || open.file != place.file) {
      const fs::path path = folder_ / DatasetFile(info_.video_path, place.chunk, place.file, feature.name);
      open = {place.chunk, place.file, std::make_unique<VideoReader>(path)};
    }
    return open.reader->At(place.from + static_cast<double>(frame_) / info_.fps, 0.5 / info_.fps);
  }

  void CheckSize(const DatasetFeature& feature, const Image& picture) const {
    if (picture.height == feature.shape[0] && picture.width == feature.shape[1]) return;
    throw InputError(fmt::format("file {}: feature '{}': expected pictures of {}x{}, found one of {}x{} in episode {}",
                                 file_, feature.name, feature.shape[0], feature.shape[1], picture.height, picture.width,
                                 episodes_[episode_].index));
  }

  struct OpenVideo {
    int chunk{}, file{};
    std::unique_ptr<VideoReader> reader;
  };

  const fs::path& folder_;
  const DatasetInfo& info_;
  const std::vector<EpisodeEntry>& episodes_;
  const DatasetReader::Visit& visit_;
  std::vector<const DatasetFeature*> features_;
  std::vector<std::string> language_, columns_;
  std::map<std::string, OpenVideo> videos_;  // by feature
  std::string file_;                         // that is being read
  std::size_t episode_{};                    // the next frame's
  int frame_{};
};

}  // namespace

DatasetReader::DatasetReader(fs::path folder) : folder_(std::move(folder)), info_(ReadDatasetInfo(folder_)) {
  for (const fs::path& file : ParquetFiles(folder_ / "meta" / "episodes")) {
    for (EpisodeEntry& entry : EpisodesFrom(*ReadParquet(file), info_, file.string())) {
      if (entry.index != static_cast<std::int64_t>(episodes_.size())) {
        throw InputError(fmt::format("file {}: column 'episode_index': expected {}, found {}", file.string(),
                                     episodes_.size(), entry.index));
      }
      episodes_.push_back(std::move(entry));
    }
  }
  std::int64_t frames = 0;
  for (const EpisodeEntry& entry : episodes_) frames += entry.length;
  if (static_cast<std::int64_t>(episodes_.size()) != info_.episodes || frames != info_.frames) {
    throw InputError(fmt::format("file {}: expected {} episodes of {} frames as meta/episodes has, found {} of {}",
                                 (folder_ / "meta" / "info.json").string(), episodes_.size(), frames, info_.episodes,
                                 info_.frames));
  }
  const fs::path tasks = folder_ / "meta" / "tasks.parquet";
  tasks_ = TasksFrom(*ReadParquet(tasks), tasks.string());
}

void DatasetReader::Read(const std::vector<std::string>& features, const Visit& visit) const {
  FrameStream(folder_, info_, episodes_, features, visit).Run();
}

}  // namespace divla
