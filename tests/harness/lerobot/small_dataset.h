// A small dataset of made-up frames, for tests of the format alone.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "harness/lerobot/dataset_reader.h"
#include "harness/lerobot/dataset_writer.h"

namespace divla {

struct SmallDataset {
  std::vector<int> lengths{3, 5, 2};
  bool png{true};
  double data_file_mb{100}, video_file_mb{200};
  std::function<void(DatasetFrame&)> change{};  // of every frame

  DatasetInfo Info() const {
    DatasetInfo info{.robot_type = "panda", .fps = 20, .renderer = "by hand"};
    info.data_file_mb = data_file_mb;
    info.video_file_mb = video_file_mb;
    info.features = {
        {.name = "observation.state", .dtype = "float32", .shape = {2}, .names = {"a", "b"}},
        {.name = "observation.images.left", .dtype = png ? "image" : "video", .shape = {16, 32, 3}, .names = {}},
        {.name = "next.reward", .dtype = "float32"},
        {.name = "next.done", .dtype = "bool"},
        {.name = "note", .dtype = "string"},
        {.name = kLanguagePersistent, .dtype = "language"},
        {.name = kLanguageEvents, .dtype = "language"}};
    return info;
  }

  DatasetFrame Frame(int episode, int frame) const {
    DatasetFrame content;
    content.numbers["observation.state"] = {0.1F * static_cast<float>(frame), static_cast<float>(episode) - 0.5F};
    content.numbers["next.reward"] = {frame == 2 ? 1.0F : 0.0F};
    content.flags["next.done"] = frame + 1 == lengths.at(static_cast<std::size_t>(episode));
    content.texts["note"] = "frame " + std::to_string(frame) + (frame == 1 ? " \xC3\xA4\n" : "");
    Image picture{16, 32, {}};
    picture.rgb.assign(picture.ByteCount(), static_cast<std::uint8_t>(40 * episode + 10 * frame + 20));
    content.pictures["observation.images.left"] = picture;
    if (frame == 1) content.events = {{"user", "Faster!", "interjection", 0, ""}};
    if (change) change(content);
    return content;
  }

  std::vector<LanguageRow> Persistent(int episode) const {
    return {{"assistant", "I look.", "subtask", 0, ""},
            {"assistant", "I lift " + std::to_string(episode) + ".", "subtask", 0.05F, ""}};
  }

  void Write(const std::filesystem::path& folder) const {
    DatasetWriter writer(folder, Info());
    for (int episode = 0; episode < static_cast<int>(lengths.size()); ++episode) {
      const int length = lengths[static_cast<std::size_t>(episode)];
      writer.BeginEpisode(
          {episode == 1 ? "Put it down." : "Pick it up.", "a_task", "key-" + std::to_string(episode), length});
      for (int frame = 0; frame < length; ++frame) writer.Add(Frame(episode, frame));
      writer.EndEpisode(Persistent(episode));
    }
    writer.Finish();
  }
};

inline const std::vector<std::string> kSmallFeatures{"observation.state", "observation.images.left", "next.reward",
                                                     "next.done", "note"};

}  // namespace divla
