// The tables of a dataset as Arrow: the frames of one episode, the list of episodes, the tasks. Internal to
// harness/lerobot.
#pragma once

#include <arrow/api.h>

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "harness/lerobot/dataset_info.h"
#include "harness/lerobot/episode_entry.h"

namespace divla {

// The frames of one episode by feature. A bool is 0 or 1; a number of dtype float32 or int64 is exact as a double.
struct FrameColumns {
  int frames{};
  std::map<std::string, std::vector<double>> numbers;                   // (frames x elements), row-major
  std::map<std::string, std::vector<std::string>> texts;                // (frames)
  std::map<std::string, std::vector<std::vector<std::byte>>> pictures;  // (frames), PNG
  std::vector<std::vector<LanguageRow>> events;                         // (frames)
  std::vector<LanguageRow> persistent;                                  // of the episode
};

std::shared_ptr<arrow::Schema> FrameSchema(const DatasetInfo& info);
std::shared_ptr<arrow::Table> FrameTable(const DatasetInfo& info, const FrameColumns& columns);

std::shared_ptr<arrow::Schema> EpisodesSchema(const DatasetInfo& info);
std::shared_ptr<arrow::Table> EpisodesTable(const DatasetInfo& info, const std::vector<EpisodeEntry>& episodes);
// `file` names the source in errors. Throws InputError for missing columns, wrong types, and numbers that do not fit.
std::vector<EpisodeEntry> EpisodesFrom(const arrow::Table& table, const DatasetInfo& info, const std::string& file);

// Row n has task_index n. With what pandas needs to make "task" the index, which LeRobot asks for.
std::shared_ptr<arrow::Table> TasksTable(const std::vector<std::string>& tasks);
std::vector<std::string> TasksFrom(const arrow::Table& table, const std::string& file);

}  // namespace divla
