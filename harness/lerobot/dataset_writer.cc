#include "harness/lerobot/dataset_writer.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "harness/file_write.h"
#include "harness/lerobot/dataset_tables.h"
#include "harness/lerobot/feature_statistics.h"
#include "harness/lerobot/parquet_file.h"
#include "harness/report/png.h"
#include "harness/run_folder.h"
#include "media/video_writer.h"
#include "sim/check.h"

namespace divla {
namespace {

namespace fs = std::filesystem;

// LeRobot's own default: a reader that jumps to any picture decodes two at most.
constexpr int kKeyPictures = 2;
constexpr std::size_t kEpisodesAtOnce = 100;  // rows of meta/episodes in one row group

// Where the next episode goes: files of about the largest size, some thousand in a folder.
struct FilePlace {
  int chunk{}, file{};
  int episodes{};  // in this file

  // Whether an episode of the mean size so far would make it too large.
  bool IsFull(std::int64_t bytes, double limit_mb) const {
    return episodes > 0 && static_cast<double>(bytes) * (1.0 + 1.0 / episodes) > limit_mb * 1024 * 1024;
  }
  void Advance(int chunk_files) {
    episodes = 0;
    if (++file < chunk_files) return;
    file = 0;
    ++chunk;
  }
};

struct Camera {
  FilePlace place;
  std::unique_ptr<VideoWriter> video;
};

}  // namespace

struct DatasetWriter::State {
  fs::path folder;
  DatasetInfo info;
  FilePlace data_place;
  std::unique_ptr<ParquetOutput> data, episodes;
  std::map<std::string, Camera> cameras;  // of dtype video, by feature
  std::vector<EpisodeEntry> entries;      // that are not written yet
  std::vector<std::string> tasks;
  std::map<std::string, FeatureStatistics> statistics;

  // Of the open episode.
  bool open{};
  EpisodeHeader header;
  EpisodeEntry entry;
  FrameColumns columns;
  std::vector<int> sampled;  // frames whose pictures count in the statistics
  std::map<std::string, PictureStatistics> pictures;

  std::int64_t TaskIndex() {
    const auto found = std::find(tasks.begin(), tasks.end(), header.instruction);
    if (found == tasks.end()) tasks.push_back(header.instruction);
    return std::find(tasks.begin(), tasks.end(), header.instruction) - tasks.begin();
  }

  void OpenFiles() {
    if (data && data_place.IsFull(data->Bytes(), info.data_file_mb)) {
      data->Close();
      data.reset();
      data_place.Advance(info.chunk_files);
    }
    if (!data) {
      data = std::make_unique<ParquetOutput>(
          folder / DatasetFile(info.data_path, data_place.chunk, data_place.file, ""), FrameSchema(info));
    }
    entry.data_chunk = data_place.chunk;
    entry.data_file = data_place.file;
    for (const DatasetFeature& feature : info.features) {
      if (feature.dtype == "video") OpenVideo(feature);
    }
  }

  void OpenVideo(const DatasetFeature& feature) {
    auto& [place, video] = cameras[feature.name];
    if (video && place.IsFull(video->Bytes(), info.video_file_mb)) {
      video->Close();
      video.reset();
      place.Advance(info.chunk_files);
    }
    if (!video) {
      const fs::path path = folder / DatasetFile(info.video_path, place.chunk, place.file, feature.name);
      fs::create_directories(path.parent_path());
      video = std::make_unique<VideoWriter>(path, feature.shape[1], feature.shape[0], info.fps, kKeyPictures);
    }
    const double begin = video->Pictures();
    entry.videos[feature.name] = {place.chunk, place.file, begin / info.fps, (begin + header.length) / info.fps};
  }

  void AddPicture(const DatasetFeature& feature, const Image& picture) {
    DIVLA_CHECK(picture.height == feature.shape[0] && picture.width == feature.shape[1],
                "pictures of the feature's size");
    if (std::binary_search(sampled.begin(), sampled.end(), columns.frames)) pictures[feature.name].Add(picture);
    if (feature.dtype == "video") {
      cameras.at(feature.name).video->Add(picture);
    } else {
      columns.pictures[feature.name].push_back(EncodePng(picture));
    }
  }

  void AddDefaults() {
    const std::int64_t task = TaskIndex();
    for (int frame = 0; frame < columns.frames; ++frame) {
      // As a float32 holds it: the number that is stored, and that the statistics are of.
      columns.numbers["timestamp"].push_back(static_cast<float>(static_cast<double>(frame) / info.fps));
      columns.numbers["frame_index"].push_back(frame);
      columns.numbers["episode_index"].push_back(static_cast<double>(info.episodes));
      columns.numbers["index"].push_back(static_cast<double>(info.frames + frame));
      columns.numbers["task_index"].push_back(static_cast<double>(task));
    }
  }

  void AddStatistics() {
    for (const DatasetFeature& feature : info.features) {
      if (feature.dtype == "string" || feature.dtype == "language") continue;
      FeatureStatistics& own = entry.statistics[feature.name];
      own = feature.IsPicture() ? pictures.at(feature.name).Result()
                                : StatisticsOf(columns.numbers.at(feature.name), feature.shape[0]);
      AddTo(statistics[feature.name], own);
    }
  }

  void FlushEpisodes() {
    if (entries.empty()) return;
    if (!episodes) episodes = std::make_unique<ParquetOutput>(folder / EpisodesFile(0, 0), EpisodesSchema(info));
    episodes->Write(*EpisodesTable(info, entries));
    entries.clear();
  }
};

DatasetWriter::DatasetWriter(const fs::path& folder, DatasetInfo info) : state_(std::make_unique<State>()) {
  DIVLA_CHECK(!info.features.empty() && info.fps > 0 && info.chunk_files > 0, "features and a rate");
  for (const DatasetFeature& feature : DefaultFeatures()) info.features.push_back(feature);
  info.episodes = info.frames = info.tasks = 0;
  CreateRunFolder(folder);
  state_->folder = folder;
  state_->info = std::move(info);
}

DatasetWriter::~DatasetWriter() = default;

const DatasetInfo& DatasetWriter::Info() const { return state_->info; }

void DatasetWriter::BeginEpisode(const EpisodeHeader& header) {
  State& s = *state_;
  DIVLA_CHECK(!s.open && header.length > 0, "one episode at a time, with frames");
  s.open = true;
  s.header = header;
  s.columns = {};
  s.pictures.clear();
  s.sampled = SampledFrames(header.length);
  s.entry = {};
  s.entry.index = s.info.episodes;
  s.entry.instructions = {header.instruction};
  s.entry.length = header.length;
  s.entry.from = s.info.frames;
  s.entry.to = s.info.frames + header.length;
  s.entry.task = header.task;
  s.entry.key = header.key;
  s.OpenFiles();
}

void DatasetWriter::Add(const DatasetFrame& frame) {
  State& s = *state_;
  DIVLA_CHECK(s.open && s.columns.frames < s.header.length, "a frame of the open episode");
  std::size_t used = 0;
  for (const DatasetFeature& feature : s.info.features) {
    if (feature.IsPicture()) {
      s.AddPicture(feature, frame.pictures.at(feature.name));
      ++used;
    } else if (const auto numbers = frame.numbers.find(feature.name); numbers != frame.numbers.end()) {
      DIVLA_CHECK(feature.dtype == "float32" && static_cast<int>(numbers->second.size()) == feature.shape[0],
                  "numbers as the feature says: " + feature.name);
      std::vector<double>& column = s.columns.numbers[feature.name];
      column.insert(column.end(), numbers->second.begin(), numbers->second.end());
      ++used;
    } else if (const auto flag = frame.flags.find(feature.name); flag != frame.flags.end()) {
      DIVLA_CHECK(feature.dtype == "bool", "a flag as the feature says: " + feature.name);
      s.columns.numbers[feature.name].push_back(flag->second ? 1 : 0);
      ++used;
    } else if (const auto text = frame.texts.find(feature.name); text != frame.texts.end()) {
      DIVLA_CHECK(feature.dtype == "string", "a text as the feature says: " + feature.name);
      s.columns.texts[feature.name].push_back(text->second);
      ++used;
    }
  }
  DIVLA_CHECK(used == frame.pictures.size() + frame.numbers.size() + frame.flags.size() + frame.texts.size(),
              "only features of the dataset");
  s.columns.events.push_back(frame.events);
  ++s.columns.frames;
}

void DatasetWriter::EndEpisode(const std::vector<LanguageRow>& persistent) {
  State& s = *state_;
  DIVLA_CHECK(s.open && s.columns.frames == s.header.length, "as many frames as BeginEpisode said");
  s.columns.persistent = persistent;
  s.AddDefaults();
  s.AddStatistics();
  s.data->Write(*FrameTable(s.info, s.columns));
  ++s.data_place.episodes;
  for (auto& [name, camera] : s.cameras) ++camera.place.episodes;
  s.info.frames += s.header.length;
  s.info.tasks = static_cast<std::int64_t>(s.tasks.size());
  ++s.info.episodes;
  s.entries.push_back(std::move(s.entry));
  if (s.entries.size() >= kEpisodesAtOnce) s.FlushEpisodes();
  s.open = false;
}

void DatasetWriter::Finish() {
  State& s = *state_;
  DIVLA_CHECK(!s.open && s.info.episodes > 0, "whole episodes, at least one");
  s.data->Close();
  for (auto& [name, camera] : s.cameras) camera.video->Close();
  s.FlushEpisodes();
  s.episodes->Close();
  const auto tasks = TasksTable(s.tasks);
  ParquetOutput task_file(s.folder / "meta" / "tasks.parquet", tasks->schema());
  task_file.Write(*tasks);
  task_file.Close();
  nlohmann::json statistics = nlohmann::json::object();
  for (const DatasetFeature& feature : s.info.features) {
    const auto found = s.statistics.find(feature.name);
    if (found != s.statistics.end()) statistics[feature.name] = ToJson(found->second, feature.IsPicture());
  }
  WriteFileAtomically(s.folder / "meta" / "stats.json", statistics.dump(1) + "\n");
  if (!s.info.renderer.empty()) {
    const nlohmann::json own{{"renderer", s.info.renderer}};
    WriteFileAtomically(s.folder / kOwnInfoFile, own.dump(1) + "\n");
  }
  WriteFileAtomically(s.folder / "meta" / "info.json", ToJson(s.info).dump(1) + "\n");  // last: now it is a dataset
}

}  // namespace divla
