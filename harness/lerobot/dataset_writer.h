// Writes a LeRobotDataset v3.0 (harness/lerobot/README.md), episode by episode: parquet files with one row group an
// episode, one H.264 video for each camera of dtype "video" that goes on over many episodes, and the tables and
// statistics under meta/. Holds one episode in memory without its videos' pictures. The same frames give the same bytes,
// with one Arrow, libpng, FFmpeg and libx264 on one processor.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "harness/lerobot/dataset_info.h"

namespace divla {

// Of each episode; the last two are columns of our own in meta/episodes.
struct EpisodeHeader {
  std::string instruction;  // LeRobot's "task": the words
  std::string task;         // of this program: "cube_to_coloured_box"
  std::string key;          // "cube_to_coloured_box.none.0.3"
  int length{};             // frames, at least 1
};

// Not thread-safe.
class DatasetWriter {
 public:
  // `folder` is new or empty (InputError otherwise). `info` says robot, rate, features and limits; its counts are the
  // writer's own. Videos have even sizes of 16 pixels or more. All functions throw MachineError when the disk is full or
  // the like.
  DatasetWriter(const std::filesystem::path& folder, DatasetInfo info);
  ~DatasetWriter();  // without Finish() there is no meta/info.json, and no reader opens the folder
  DatasetWriter(const DatasetWriter&) = delete;
  DatasetWriter& operator=(const DatasetWriter&) = delete;

  void BeginEpisode(const EpisodeHeader& header);
  // Exactly the features of `info` (DIVLA_CHECK); numbers are finite.
  void Add(const DatasetFrame& frame);
  // After `length` frames. `persistent` by ascending time.
  void EndEpisode(const std::vector<LanguageRow>& persistent);
  void Finish();  // at least one episode

  const DatasetInfo& Info() const;  // with the counts so far

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace divla
