// Reads a LeRobotDataset v3.0 from a folder, whoever wrote it: frames in order, one after another, pictures from PNG or
// from videos. Holds the list of episodes, a few hundred rows and one open video per camera.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "harness/lerobot/dataset_info.h"
#include "harness/lerobot/episode_entry.h"

namespace divla {

class DatasetReader {
 public:
  // Reads what is under meta/. Throws InputError naming file and key or column for a folder that is no dataset, is not
  // complete, or contradicts itself.
  explicit DatasetReader(std::filesystem::path folder);

  const DatasetInfo& Info() const { return info_; }
  const std::vector<EpisodeEntry>& Episodes() const { return episodes_; }  // by index
  const std::vector<std::string>& Tasks() const { return tasks_; }         // LeRobot's, by task_index

  // Every frame of every episode, in order. Only these features are filled in, with both language columns when there
  // are any; each is one of Info(), float32 of one dimension, bool, string, image or video (InputError). `frame` counts
  // from 0 in its episode. Throws InputError naming the file when a file is missing or damaged, frames are missing or
  // out of order, a value is missing or of another type, or a video has no picture at a frame's time.
  using Visit = std::function<void(const EpisodeEntry& episode, int frame, DatasetFrame&& content)>;
  void Read(const std::vector<std::string>& features, const Visit& visit) const;

 private:
  std::filesystem::path folder_;
  DatasetInfo info_;
  std::vector<EpisodeEntry> episodes_;
  std::vector<std::string> tasks_;
};

}  // namespace divla
