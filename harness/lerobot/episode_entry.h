// One episode of a LeRobot dataset: a row of meta/episodes.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "harness/lerobot/feature_statistics.h"

namespace divla {

// Where its pictures are in a camera's video, which goes on over many episodes.
struct EpisodeVideoPlace {
  int chunk{}, file{};
  double from{}, to{};  // s
};

struct EpisodeEntry {
  std::int64_t index{};
  std::vector<std::string> instructions;  // LeRobot's "tasks"
  std::int64_t length{};                  // frames
  std::int64_t from{}, to{};              // of the dataset's frames: [from, to)
  int data_chunk{}, data_file{};
  std::map<std::string, EpisodeVideoPlace> videos;      // by feature
  std::map<std::string, FeatureStatistics> statistics;  // by feature; written, not read back
  // Of this program; empty in a dataset of another one.
  std::string task;  // "cube_to_coloured_box"
  std::string key;   // ToString(EpisodeKey)
};

}  // namespace divla
