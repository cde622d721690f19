// A dataset that was written is read back to the bit; damaged, missing and contradicting files are named.
#include <arrow/api.h>
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "harness/file_write.h"
#include "harness/lerobot/parquet_file.h"
#include "tests/harness/expect_error.h"
#include "tests/harness/lerobot/small_dataset.h"
#include "tests/harness/small_run.h"
#include "tests/harness/temp_folder.h"
#include "tests/support/read_video.h"

namespace divla {
namespace {

namespace fs = std::filesystem;

struct DatasetTest : testing::Test {
  TempFolder folder;
  fs::path data = folder / "data";

  void Write(const SmallDataset& dataset = {}) const { dataset.Write(data); }
  void ReadAll() const {
    DatasetReader(data).Read(kSmallFeatures, [](const EpisodeEntry&, int, DatasetFrame&&) {});
  }
  fs::path File(const std::string& name) const { return data / name; }
  nlohmann::json Json(const char* name) const { return ParseJson(ReadTextFile(File(name)), name); }
  void Put(const char* name, const nlohmann::json& json) const { WriteFileAtomically(File(name), json.dump()); }
};

TEST_F(DatasetTest, EveryFrameComesBack) {
  const SmallDataset small;
  Write(small);
  const DatasetReader reader(data);
  EXPECT_EQ(reader.Tasks(), (std::vector<std::string>{"Pick it up.", "Put it down."}));
  ASSERT_EQ(reader.Episodes().size(), 3U);
  EXPECT_EQ(reader.Episodes()[1].task, "a_task");
  EXPECT_EQ(reader.Episodes()[1].key, "key-1");
  EXPECT_EQ(reader.Episodes()[2].from, 8);
  EXPECT_EQ(reader.Info().renderer, "by hand");
  int seen = 0;
  reader.Read(kSmallFeatures, [&](const EpisodeEntry& episode, int frame, DatasetFrame&& content) {
    SCOPED_TRACE(std::to_string(episode.index) + " " + std::to_string(frame));
    const int index = static_cast<int>(episode.index);
    const DatasetFrame expected = small.Frame(index, frame);
    EXPECT_EQ(content.numbers, expected.numbers);
    EXPECT_EQ(content.flags, expected.flags);
    EXPECT_EQ(content.texts, expected.texts);
    EXPECT_EQ(content.pictures, expected.pictures);
    EXPECT_EQ(content.events, expected.events);
    EXPECT_EQ(content.persistent, small.Persistent(index));
    ++seen;
  });
  EXPECT_EQ(seen, 10);
}

TEST_F(DatasetTest, SameFramesSameBytes) {
  for (const bool png : {true, false}) {
    SCOPED_TRACE(png);
    const SmallDataset small{.png = png};
    const fs::path one = folder / (png ? "one" : "one-video"), two = folder / (png ? "two" : "two-video");
    small.Write(one);
    small.Write(two);
    EXPECT_EQ(Files(one), Files(two));
  }
}

// The columns are what LeRobot's loader asks for, by their Arrow types.
TEST_F(DatasetTest, ColumnsHaveLeRobotsTypes) {
  Write();
  const auto table = ReadParquet(File("data/chunk-000/file-000.parquet"));
  const auto type = [&](const char* name) { return table->GetColumnByName(name)->type()->ToString(); };
  EXPECT_EQ(type("observation.state"), "fixed_size_list<element: float>[2]");
  EXPECT_EQ(type("next.reward"), "float");
  EXPECT_EQ(type("timestamp"), "float");
  EXPECT_EQ(type("task_index"), "int64");
  EXPECT_EQ(type("observation.images.left"), "struct<bytes: binary, path: string>");
  EXPECT_EQ(table->num_rows(), 10);
  const auto tasks = ReadParquet(File("meta/tasks.parquet"));
  EXPECT_NE(tasks->schema()->metadata()->Get("pandas").ValueOr("").find("\"index_columns\":[\"task\"]"),
            std::string::npos);
}

TEST_F(DatasetTest, VideosGoOnOverEpisodesAndAreCutByTime) {
  Write({.png = false});
  const ReadVideo video = DecodeVideo(File("videos/observation.images.left/chunk-000/file-000.mp4"));
  EXPECT_EQ(video.pictures.size(), 10U);
  EXPECT_EQ(video.codec, "h264");
  EXPECT_NEAR(video.seconds, 10 / 20.0, 1e-6);
  const DatasetReader reader(data);
  EXPECT_DOUBLE_EQ(reader.Episodes()[1].videos.at("observation.images.left").from, 3 / 20.0);
  EXPECT_DOUBLE_EQ(reader.Episodes()[1].videos.at("observation.images.left").to, 8 / 20.0);
  reader.Read(kSmallFeatures, [](const EpisodeEntry& episode, int frame, DatasetFrame&& content) {
    const Image& picture = content.pictures.at("observation.images.left");
    EXPECT_NEAR(picture.rgb[picture.rgb.size() / 2], 40 * episode.index + 10 * frame + 20, 3);
  });
}

TEST_F(DatasetTest, FilesThatBecomeTooLargeAreFollowedByOthers) {
  Write({.png = false, .data_file_mb = 1e-6, .video_file_mb = 1e-6});
  for (const char* name :
       {"data/chunk-000/file-002.parquet", "videos/observation.images.left/chunk-000/file-002.mp4"}) {
    EXPECT_TRUE(fs::exists(File(name))) << name;
  }
  EXPECT_EQ(DatasetReader(data).Episodes()[2].data_file, 2);
  EXPECT_EQ(DatasetReader(data).Episodes()[2].videos.at("observation.images.left").from, 0);
  ReadAll();
}

TEST_F(DatasetTest, WithoutFinishThereIsNoDataset) {
  {
    DatasetWriter writer(data, SmallDataset().Info());
    writer.BeginEpisode({"Pick it up.", "a_task", "key", 1});
    writer.Add(SmallDataset{.lengths = {1}}.Frame(0, 0));
    writer.EndEpisode({});
  }
  ExpectError<InputError>([&] { DatasetReader reader(data); }, {data.string(), "meta/info.json", "found none"});
  for (const auto& [name, bytes] : Files(data)) EXPECT_FALSE(name.ends_with(".tmp")) << name;
  ExpectError<InputError>([&] { DatasetWriter(data, SmallDataset().Info()); }, {data.string()});
}

TEST_F(DatasetTest, MissingAndDamagedFilesAreNamed) {
  for (const char* name :
       {"meta/tasks.parquet", "meta/episodes/chunk-000/file-000.parquet", "data/chunk-000/file-000.parquet",
        "videos/observation.images.left/chunk-000/file-000.mp4"}) {
    SCOPED_TRACE(name);
    fs::remove_all(data);
    Write({.png = false});
    const std::string bytes = ReadTextFile(File(name));
    for (const std::size_t kept : {std::size_t{0}, std::size_t{3}, bytes.size() / 2, bytes.size() - 1}) {
      std::ofstream(File(name), std::ios::binary | std::ios::trunc) << bytes.substr(0, kept);
      // A video without its last byte may still be whole.
      if (kept + 1 == bytes.size() && std::string_view(name).ends_with(".mp4")) continue;
      ExpectError<InputError>([&] { ReadAll(); }, {name});
    }
    fs::remove(File(name));
    ExpectError<InputError>([&] { ReadAll(); },
                            {std::string_view(name).starts_with("meta/ep") ? "meta/episodes" : name});
  }
}

// Any single byte of a table may be wrong: an error or other numbers, never a crash.
TEST_F(DatasetTest, AWrongByteNeverCrashes) {
  Write();
  for (const char* name : {"data/chunk-000/file-000.parquet", "meta/episodes/chunk-000/file-000.parquet"}) {
    const std::string bytes = ReadTextFile(File(name));
    const std::size_t step = std::max<std::size_t>(1, bytes.size() / 150);
    for (std::size_t place = 0; place < bytes.size(); place += step) {
      std::string wrong = bytes;
      wrong[place] = static_cast<char>(wrong[place] ^ 0x55);
      std::ofstream(File(name), std::ios::binary | std::ios::trunc) << wrong;
      try {
        ReadAll();
      } catch (const InputError& error) {
        EXPECT_NE(std::string(error.what()).find(data.string()), std::string::npos) << error.what();
      }
    }
    std::ofstream(File(name), std::ios::binary | std::ios::trunc) << bytes;
  }
}

TEST_F(DatasetTest, InfoIsCheckedAgainstTheTables) {
  Write();
  const nlohmann::json info = Json("meta/info.json");
  const auto expect = [&](const char* key, const nlohmann::json& value, std::initializer_list<std::string> parts) {
    nlohmann::json wrong = info;
    wrong[nlohmann::json::json_pointer(key)] = value;
    Put("meta/info.json", wrong);
    ExpectError<InputError>([&] { ReadAll(); }, parts);
  };
  expect("/codebase_version", "v2.1", {"info.json", "codebase_version", "v3.0", "v2.1"});
  expect("/fps", 0, {"info.json", "'fps'", "number 0"});
  expect("/total_frames", 9, {"info.json", "10 frames", "found 3 of 9"});
  expect("/total_episodes", 2, {"info.json", "expected 3 episodes"});
  expect("/data_path", "../{chunk_index}.parquet", {"inside the dataset", "../"});
  expect("/data_path", "{episode}.parquet", {"info.json", "{episode}"});
  expect("/features/observation.state/shape", {3}, {"observation.state", "expected 3 numbers", "found 2"});
  expect("/features/observation.state/dtype", "bool", {"observation.state", "expected numbers"});
  expect("/features/next.done/dtype", "float32", {"next.done", "floating-point numbers", "found bool"});
  expect("/features/observation.images.left/shape", {8, 8, 3}, {"observation.images.left", "8x8", "16x32"});
  nlohmann::json wrong = info;
  wrong["features"].erase("note");
  Put("meta/info.json", wrong);
  ExpectError<InputError>([&] { ReadAll(); }, {"info.json", "'note'", "found none"});
}

}  // namespace
}  // namespace divla
