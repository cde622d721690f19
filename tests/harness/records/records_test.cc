#include "harness/records/records.h"

#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "harness/summary.h"
#include "tests/harness/expect_error.h"
#include "tests/harness/sample_records.h"
#include "tests/harness/temp_folder.h"

namespace divla {
namespace {

TEST(RecordsTest, EpisodeComesBackAsItWas) {
  const EpisodeRecord record = SampleRecord("cube_to_coloured_box", 3, true);
  const auto json = ToJson(record);
  EXPECT_EQ(ToJson(EpisodeRecordFromJson(json, "x")), json);
}

TEST(RecordsTest, RunAndSummaryComeBackAsTheyWere) {
  const RunInfo info = SampleInfo();
  EXPECT_EQ(ToJson(RunInfoFromJson(ToJson(info), "x")), ToJson(info));
  RunInfo judged = info;
  judged.versions.rules = {{"tray_lift", 2}};
  EXPECT_EQ(RunInfoFromJson(ToJson(judged), "x").versions.rules, judged.versions.rules);
  EXPECT_EQ(ToJson(info)["versions"].count("rules"), 0U);
  RunInfo strict = info;
  strict.strict = true;
  EXPECT_TRUE(RunInfoFromJson(ToJson(strict), "x").strict);
  const std::vector<EpisodeRecord> records{SampleRecord("a", 0, true), SampleRecord("a", 1, false),
                                           SampleRecord("b", 0, false)};
  const auto json = ToJson(Summarize(info, records, {}, true));
  EXPECT_EQ(ToJson(RunSummaryFromJson(json, "x")), json);
}

TEST(RecordsTest, WhatARunIsOfComesBackOrIsAbsent) {
  RunInfo info = SampleInfo();
  for (const char* block : {"cells", "shard", "pictures", "latency", "remote", "merged"})
    EXPECT_FALSE(ToJson(info).contains(block)) << block;
  info.cells = {{"a_task", "none", 0, 32}, {"b", "object_size+environment_camera", 5, 10'000}};
  info.shard = Shard{2, 3};
  info.pictures = RunPictures{"gl", ReportFrames::kAll, {{"panda", {"wrist", "left"}, 24, 32}, {"agilex", {}, 0, 0}}};
  EXPECT_FALSE(ToJson(info)["pictures"].contains("videos"));  // as in runs from before there were any
  EXPECT_EQ(RunInfoFromJson(ToJson(info), "x").pictures->videos, RunVideos::kNone);
  info.pictures->videos = RunVideos::kFailures;
  EXPECT_FALSE(ToJson(info)["pictures"].contains("looks"));  // the robots' own
  info.pictures->looks = "panda of mujoco_menagerie 0123";
  info.merged = {{2, true, info.machine}, {7, false, {"another", "x86-64-v4", 8, "none"}}};
  info.latency = {120, LatencyPlay::kChunk};
  info.remote = R"({"metadata":{"reset_pose":[0,-1.5]},"profile":"aloha"})";
  const auto json = ToJson(info);
  EXPECT_EQ(json["latency"], nlohmann::json::parse(R"({"milliseconds": 120, "steps": 3, "play": "chunk"})"));
  EXPECT_EQ(json["remote"]["profile"], "aloha");
  const RunInfo back = RunInfoFromJson(json, "x");
  EXPECT_EQ(ToJson(back), json);
  EXPECT_EQ(back.cells, info.cells);
  EXPECT_EQ(back.shard, info.shard);
  EXPECT_EQ(back.pictures, info.pictures);
  EXPECT_EQ(back.latency, info.latency);
  EXPECT_EQ(back.remote, info.remote);
  EXPECT_EQ(back.merged.at(1).machine, info.merged[1].machine);
  const auto refuse = [&](const char* pointer, const nlohmann::json& value, std::initializer_list<std::string> parts) {
    auto bad = json;
    bad[nlohmann::json::json_pointer(pointer)] = value;
    ExpectError<InputError>([&] { RunInfoFromJson(bad, "file run.json"); }, parts);
  };
  for (const char* cell : {"", ":", "a", "a:3", "a.0:3", "a.none.0", "a.none.x:3", "a.none.0:x", ".none.0:3", "a..0:3",
                           "a.none.0:-1", "a.none.0:3 "}) {
    refuse("/cells/0", cell, {"'cells'", "TASK.AXIS.LEVEL:EPISODES"});
  }
  refuse("/shard/index", 4, {"'shard'", "'index'", "4"});
  refuse("/pictures/report", "some", {"'pictures'", "'report'", "some"});
  refuse("/pictures/videos", "some", {"'pictures'", "'videos'", "none, failures or all", "some"});
  refuse("/pictures/looks", 3, {"'pictures'", "'looks'"});
  refuse("/pictures/policy/0/height", -1, {"'policy'", "'height'"});
  refuse("/latency/milliseconds", 0, {"'latency'", "'milliseconds'"});
  refuse("/latency/steps", 2, {"'latency'", "'steps'", "3"});
  refuse("/latency/play", "wait", {"'latency'", "'play'", "hold or chunk", "wait"});
  refuse("/remote", "x", {"'remote'"});
  refuse("/merged/0/colour", "red", {"'merged'", "'colour'"});
}

TEST(RecordsTest, RunsFromBeforeStrictModeWereNotStrict) {
  auto json = ToJson(SampleInfo());
  json.erase("strict");
  EXPECT_FALSE(RunInfoFromJson(json, "x").strict);
  json["strict"] = "yes";
  ExpectError<InputError>([&] { RunInfoFromJson(json, "x"); }, {"'strict'"});
}

TEST(RecordsTest, SummariesFromBeforeTheLaterBlocksAreRead) {
  auto json = ToJson(Summarize(SampleInfo(), std::vector{SampleRecord("a", 0, true)}, {}, false));
  auto damaged = json;
  damaged["cells"][0]["success_times"]["solved"] = {0, 1, 0};
  ExpectError<InputError>([&] { RunSummaryFromJson(damaged, "x"); }, {"'solved'", "found 0"});
  ASSERT_TRUE(json["cells"][0].contains("success_times"));
  json["cells"][0].erase("success_times");
  EXPECT_FALSE(RunSummaryFromJson(json, "x").cells[0].success_times);
  int read = 0;  // the published ones, which are older
  for (const auto& entry : std::filesystem::directory_iterator(std::filesystem::path(DIVLA_SOURCE_DIR) / "results")) {
    if (!std::filesystem::exists(entry.path() / "summary.json")) continue;
    EXPECT_GT(ReadRunSummary(entry.path()).n, 0);
    ++read;
  }
  EXPECT_GT(read, 0);
}

TEST(RecordsTest, TheLineHasTheKeysOfTheContract) {
  const auto json = ToJson(SampleRecord("a", 0, true));
  std::vector<std::string> keys;
  for (const auto& [key, value] : json.items()) keys.push_back(key);
  EXPECT_EQ(keys, (std::vector<std::string>{"failure", "hash", "instruction", "key", "objects", "progress", "reasoning",
                                            "seed", "sim_seconds", "steps", "success", "success_held", "success_once",
                                            "termination"}));
}

TEST(RecordsTest, AKeyOfJoinedAxesIsReadBack) {
  EpisodeRecord record = SampleRecord("a", 0, true);
  record.key.axis = "instruction_intent+object_category";
  record.key.level = 5;
  EXPECT_EQ(EpisodeRecordFromJson(ToJson(record), "line").key.axis, record.key.axis);
}

TEST(RecordsTest, BlocksThatOnlySomeRunsHave) {
  EpisodeRecord record = SampleRecord("a", 0, true);
  record.reasoning.located = 4;
  record.reasoning.grounded = 3;
  record.control = ControlRecord{"wrong_reasoning", true, "own", "taken", "worded", "there", true, 7};
  const auto json = ToJson(record);
  const EpisodeRecord back = EpisodeRecordFromJson(json, "line");
  EXPECT_EQ(back.reasoning.located, 4);
  EXPECT_EQ(back.reasoning.grounded, 3);
  ASSERT_TRUE(back.control.has_value());
  EXPECT_EQ(back.control->acted_on, "taken");
  EXPECT_EQ(back.control->object, "worded");
  EXPECT_EQ(back.control->said, 7);
  EXPECT_TRUE(back.control->reached);
  EXPECT_EQ(ToJson(back), json);

  RunInfo info = SampleInfo();
  EXPECT_FALSE(ToJson(info).contains("control"));
  info.control = "wrong_reasoning";
  EXPECT_EQ(RunInfoFromJson(ToJson(info), "run.json").control, "wrong_reasoning");
}

TEST(RecordsTest, MistakesNameFileLineAndKey) {
  const TempFolder folder;
  auto json = ToJson(SampleRecord("a", 0, true));
  std::ofstream file(folder / "episodes.jsonl");
  file << json.dump() << "\n";
  json["termination"] = "bored";
  file << json.dump() << "\n";
  file.close();
  ExpectError<InputError>([&] { ReadEpisodes(folder.Path()); }, {"episodes.jsonl line 2", "'termination'", "bored"});
  json["termination"] = "success";
  json["reasoning"]["correct"] = 99;  // more than queries
  ExpectError<InputError>([&] { EpisodeRecordFromJson(json, "line"); }, {"line", "'reasoning'", "'correct'", "99"});
  json = ToJson(SampleInfo());
  json["schema"] = 2;
  ExpectError<InputError>([&] { RunInfoFromJson(json, "file run.json"); }, {"'schema'", "2"});
}

TEST(RecordsTest, AKeyCannotLeaveTheRunFolder) {
  auto json = ToJson(SampleRecord("a", 0, true));
  json["key"]["task"] = "../../etc/passwd";
  ExpectError<InputError>([&] { EpisodeRecordFromJson(json, "line"); }, {"'task'", "../../etc/passwd"});
}

TEST(RecordsTest, PathsCarryTheKey) {
  const EpisodeKey key{"a_task", "none", 0, 7};
  EXPECT_EQ(LogPath("r", key), "r/logs/a_task.none.0.0007.bin");
  EXPECT_EQ(FirstFramePath("r", key), "r/frames/a_task.none.0.0007.first.png");
  EXPECT_EQ(LastFramePath("r", key), "r/frames/a_task.none.0.0007.last.png");
}

}  // namespace
}  // namespace divla
