// Demonstrations through a dataset and back to training rows, the rollouts of a run, and foreign datasets.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "harness/file_write.h"
#include "harness/lerobot/dataset_writer.h"
#include "harness/lerobot/export.h"
#include "harness/lerobot/import.h"
#include "harness/training/training_data.h"
#include "policy/rows.h"
#include "tasks/registry.h"
#include "tests/harness/expect_error.h"
#include "tests/harness/small_run.h"
#include "tests/harness/temp_folder.h"

namespace divla {
namespace {

namespace fs = std::filesystem;

const std::string kTask = "cube_to_coloured_box";

// Two perturbed demonstrations, for all tests here.
struct ExportTest : testing::Test {
  static void SetUpTestSuite() {
    shared = new TempFolder;
    DemoOptions options;
    options.task = kTask;
    options.episodes = 2;
    options.perturb = true;
    options.workers = 2;
    RecordDemonstrations(options, *shared / "demos", nullptr);
  }
  static void TearDownTestSuite() {
    delete shared;
    shared = nullptr;
  }
  static RowsOptions Rows(int workers = 2) {
    RowsOptions rows;
    rows.height = 32;
    rows.width = 48;
    rows.workers = workers;
    return rows;
  }
  static ExportResult Export(const fs::path& out, bool png, int workers = 2) {
    return ExportDemonstrations(*shared / "demos", out, Rows(workers), png, true, nullptr);
  }
  static TempFolder* shared;
  TempFolder folder;
};
TempFolder* ExportTest::shared = nullptr;

// Exact pictures give exactly the rows that are rendered straight from the demonstrations, file by file.
TEST_F(ExportTest, PngGivesTheSameTrainingRows) {
  const ExportResult result = Export(folder / "dataset", true);
  EXPECT_EQ(result.episodes, 2);
  RenderRows(*shared / "demos", folder / "rows", Rows(), nullptr);
  const DatasetOffer offer = CheckOffer(folder / "dataset", {"left"});
  EXPECT_EQ(offer.robot, "panda");
  EXPECT_EQ(offer.tasks, (std::vector<std::string>{kTask}));
  EXPECT_TRUE(offer.has_points);
  const RowsReader straight((folder / "rows").string());
  const ImportOptions options{.tasks = {kTask}, .cameras = straight.Info().cameras};
  EXPECT_EQ(ImportRows(folder / "dataset", folder / "imported", options, nullptr), result.frames);
  EXPECT_EQ(straight.size(), result.frames);
  EXPECT_EQ(Files(folder / "imported" / kTask), Files(folder / "rows"));
}

TEST_F(ExportTest, ThinnedRowsAreThoseOfThinnedRendering) {
  Export(folder / "dataset", true);
  RowsOptions rows = Rows();
  rows.every = 7;
  rows.cameras = {"left"};
  RenderRows(*shared / "demos", folder / "rows", rows, nullptr);
  ImportRows(folder / "dataset", folder / "imported", {.tasks = {kTask}, .cameras = {"left"}, .every = 7}, nullptr);
  EXPECT_EQ(Files(folder / "imported" / kTask), Files(folder / "rows"));
}

TEST_F(ExportTest, BytesDoNotDependOnWorkersAndVideosAreClose) {
  Export(folder / "one", false, 1);
  Export(folder / "two", false, 2);
  EXPECT_EQ(Files(folder / "one"), Files(folder / "two"));
  RenderRows(*shared / "demos", folder / "rows", Rows(), nullptr);
  ImportRows(folder / "one", folder / "imported", {.tasks = {kTask}, .cameras = {"left"}}, nullptr);
  const RowsReader straight((folder / "rows").string()), imported((folder / "imported" / kTask).string());
  ASSERT_EQ(imported.size(), straight.size());
  const auto& cameras = straight.Info().cameras;
  const int left = static_cast<int>(std::find(cameras.begin(), cameras.end(), "left") - cameras.begin());
  for (const int row : {0, 1, straight.size() / 2, straight.size() - 1}) {
    const auto a = straight.Frame(row, left), b = imported.Frame(row, 0);
    double error = 0;
    for (std::size_t i = 0; i < a.size(); ++i) error += std::abs(static_cast<int>(a[i]) - static_cast<int>(b[i]));
    EXPECT_LT(error / static_cast<double>(a.size()), 6.0) << "mean levels of 255, row " << row;
    EXPECT_EQ(imported.Labels(row).reasoning, straight.Labels(row).reasoning);
  }
}

// A configuration that names the dataset gives training the same rows, from the cache the second time.
TEST_F(ExportTest, ATrainingConfigurationReadsIt) {
  Export(folder / "dataset", true);
  nlohmann::json config{{"model", {{"embodiments", {{"panda", {{"cameras", {"left"}}}}}}}},
                        {"tasks", {{kTask, 1.0}}},
                        {"data", {{"lerobot", {(folder / "dataset").string()}}}}};
  const std::string file = (folder / "config.json").string();
  const auto plan = [&] {
    WriteFileAtomically(file, config.dump());
    return ReadTrainingPlan(file);
  };
  const auto prepared = PrepareTrainingData(plan(), folder / "cache", {.workers = 1, .quiet = true, .stop = {}});
  ASSERT_EQ(prepared.size(), 1U);
  EXPECT_EQ(RowsReader(prepared[0]).Info().task, kTask);
  const auto written = fs::last_write_time(fs::path(prepared[0]) / "frames.bin");
  EXPECT_EQ(PrepareTrainingData(plan(), folder / "cache", {.workers = 1, .quiet = true, .stop = {}}), prepared);
  EXPECT_EQ(fs::last_write_time(fs::path(prepared[0]) / "frames.bin"), written);
  EXPECT_TRUE(PrepareTrainingData(plan(), folder / "stopped", {1, true, [] { return true; }}).empty());

  config["tasks"] = {{"stack_bowls", 1.0}};
  ExpectError<InputError>([&] { plan(); }, {"config.json", "'tasks'", kTask});
  config["tasks"] = {{kTask, 1.0}, {"object_selection", 1.0}};
  ExpectError<InputError>([&] { plan(); }, {"config.json", "object_selection", "found nothing"});
  config["data"]["lerobot"] = {(folder / "nowhere").string()};
  ExpectError<InputError>([&] { plan(); }, {"nowhere", "meta/info.json"});
}

// The rollouts of a run: what the policy saw, said and did.
TEST_F(ExportTest, ARunsEpisodesAreExported) {
  SmallRun run;
  run.Go(folder / "run");
  RunExportOptions options{.png = true, .workers = 2, .find_task = run.Tasks()};
  const auto results = ExportRun(folder / "run", folder / "out", options, nullptr);
  ASSERT_EQ(results.size(), 1U);
  EXPECT_EQ(results[0].folder, folder / "out" / "panda");
  EXPECT_EQ(results[0].episodes, 5);
  EXPECT_EQ(results[0].frames, 5 * run.horizon);
  options.workers = 1;
  ExportRun(folder / "run", folder / "again", options, nullptr);
  EXPECT_EQ(Files(folder / "out"), Files(folder / "again"));

  const DatasetReader reader(results[0].folder);
  std::map<std::string, EpisodeRecord> records;
  for (const EpisodeRecord& record : ReadEpisodes(folder / "run")) records[ToString(record.key)] = record;
  const std::vector<std::string> features{
      "observation.state", "action",      "observation.images.left", "observation.images.wrist", "next.done",
      "next.truncated",    "next.success"};
  reader.Read(features, [&](const EpisodeEntry& episode, int frame, DatasetFrame&& content) {
    SCOPED_TRACE(episode.key + " " + std::to_string(frame));
    const EpisodeRecord& record = records.at(episode.key);
    EXPECT_EQ(episode.instructions, (std::vector<std::string>{record.instruction}));
    EXPECT_EQ(content.flags.at("next.done"), frame + 1 == run.horizon);
    EXPECT_EQ(content.flags.at("next.truncated"), frame + 1 == run.horizon);
    EXPECT_FALSE(content.flags.at("next.success"));
    EXPECT_EQ(content.pictures.at("observation.images.left").height, 24);
    EXPECT_EQ(ReasoningAt(content.persistent, frame, 20), frame < 2 ? "Pick the purple cube." : "I have lost it.");
    EXPECT_EQ(PlacesIn(content.events, "object").size(), frame == 0 ? 1U : 0U);
    // Joint actions within the controller's speed are executed as they are.
    const EpisodeLog log = ReadLog(LogPath(folder / "run", record.key));
    for (std::size_t i = 0; i < content.numbers.at("action").size(); ++i) {
      EXPECT_NEAR(content.numbers.at("action")[i], log.Action(frame)[i], 0.2) << i;
    }
  });
}

// What a person changed in the viewer is done again: new words are an interjection of the user, and a push that the log
// knows nothing of leads to other states, which is refused.
TEST_F(ExportTest, WhatAPersonChangedIsDoneAgain) {
  SmallRun run;
  run.Go(folder / "run");
  const RunExportOptions options{.png = true, .find_task = run.Tasks()};
  const auto change = [&](const nlohmann::json& edit) {
    nlohmann::json info = nlohmann::json::parse(ReadTextFile(folder / "run" / "run.json"));
    info["edited"] = {edit};
    WriteFileAtomically(folder / "run" / "run.json", info.dump());
  };
  change({{"step", 2}, {"instruction", "Pick the cup."}});
  const auto results = ExportRun(folder / "run", folder / "out", options, nullptr);
  DatasetReader(results[0].folder)
      .Read({"action"}, [&](const EpisodeEntry&, int frame, DatasetFrame&& content) {
        int said = 0;
        for (const LanguageRow& row : content.events) {
          if (row.style == "interjection") said += row.content == "Pick the cup." ? 1 : 100;
        }
        EXPECT_EQ(said, frame == 2 ? 1 : 0) << frame;
      });
  change({{"step", 1}, {"push", {{"body", "panda_hand"}, {"force", {0.0, 40.0, 0.0}}, {"steps", 2}}}});
  ExpectError<InputError>([&] { ExportRun(folder / "run", folder / "out2", options, nullptr); }, {"verify"});
}

TEST_F(ExportTest, RunsThatCannotBePlayedAgainAreRefused) {
  SmallRun run;
  run.Go(folder / "run");
  const RunExportOptions options{.png = true, .find_task = run.Tasks()};
  const EpisodeKey key = ReadEpisodes(folder / "run").front().key;
  EpisodeLog log = ReadLog(LogPath(folder / "run", key));
  log.actions[3] += 0.05F;
  WriteFileAtomically(LogPath(folder / "run", key), EncodeLog(log));
  ExpectError<InputError>([&] { ExportRun(folder / "run", folder / "out", options, nullptr); },
                          {ToString(key), "verify"});
  fs::remove(LogPath(folder / "run", key));
  ExpectError<InputError>([&] { ExportRun(folder / "run", folder / "out2", options, nullptr); }, {ToString(key)});
}

// A dataset as somebody else's recorder writes it: no features of ours.
struct Foreign {
  DatasetInfo info;
  Foreign() {
    info.robot_type = "panda";
    const auto names =
        FindTask(kTask).Build(FindTask(kTask).Draw(0, {kTask, "none", 0, 0})).GetRobot().Interface().state_names;
    const int size = static_cast<int>(names.size());
    info.features = {{.name = "observation.state", .dtype = "float32", .shape = {size}, .names = names},
                     {.name = "action", .dtype = "float32", .shape = {size}, .names = {}},
                     {.name = "observation.images.left", .dtype = "image", .shape = {16, 16, 3}, .names = {}}};
  }
  void Write(const fs::path& folder, const std::vector<float>& joints) const {
    DatasetWriter writer(folder, info);
    writer.BeginEpisode({"Tidy up.", "", "", 2});
    for (int frame = 0; frame < 2; ++frame) {
      DatasetFrame content;
      for (const DatasetFeature& feature : info.features) {
        if (feature.IsPicture()) {
          Image picture{feature.shape[0], feature.shape[1], {}};
          picture.rgb.resize(picture.ByteCount());
          content.pictures[feature.name] = picture;
        } else {
          std::vector<float> numbers = joints;
          numbers.resize(static_cast<std::size_t>(feature.shape[0]));
          content.numbers[feature.name] = numbers;
        }
      }
      writer.Add(content);
    }
    writer.EndEpisode({});
    writer.Finish();
  }
};

TEST_F(ExportTest, ForeignDatasetsAreReadByTheirJoints) {
  // The state of a real demonstration, whose tool pose the simulator has told.
  RenderRows(*shared / "demos", folder / "rows", Rows(), nullptr);
  const RowsReader rows((folder / "rows").string());
  const auto state = rows.State(20), tool = rows.Tool(20);
  Foreign().Write(folder / "tidy_up", {state.begin(), state.end()});
  const DatasetOffer offer = CheckOffer(folder / "tidy_up", {"left"});
  EXPECT_EQ(offer.tasks, (std::vector<std::string>{"tidy_up"}));
  EXPECT_FALSE(offer.has_points);
  EXPECT_EQ(ImportRows(folder / "tidy_up", folder / "out", {.tasks = {"tidy_up"}, .cameras = {"left"}}, nullptr), 2);
  const RowsReader imported((folder / "out" / "tidy_up").string());
  EXPECT_EQ(imported.Info().renderer, "lerobot");
  EXPECT_EQ(imported.Labels(0).instruction, "Tidy up.");
  EXPECT_EQ(imported.Labels(0).reasoning, "");
  EXPECT_TRUE(imported.LabelValid(1));
  for (std::size_t i = 0; i < tool.size(); ++i) {
    EXPECT_NEAR(imported.Tool(0)[i], tool[i], 2e-4) << i;        // m and parts of a unit vector
    EXPECT_NEAR(imported.ToolTarget(0)[i], tool[i], 2e-4) << i;  // its action is the same place
  }
  EXPECT_NEAR(imported.ToolTarget(0)[9], state.back(), 1e-6);
}

TEST_F(ExportTest, ForeignDatasetsThatDoNotFitAreNamed) {
  int count = 0;
  const auto expect = [&](const std::function<void(DatasetInfo&)>& change, std::initializer_list<std::string> parts) {
    Foreign foreign;
    change(foreign.info);
    const fs::path path = folder / ("d" + std::to_string(count++));
    foreign.Write(path, {});
    ExpectError<InputError>([&] { CheckOffer(path, {"left"}); }, parts);
  };
  expect([](DatasetInfo& info) { info.robot_type = "so100"; }, {"info.json", "robot_type", "panda", "so100"});
  expect([](DatasetInfo& info) { info.fps = 30; }, {"info.json", "'fps'", "20", "30"});
  expect([](DatasetInfo& info) { info.features[0].shape = {6}, info.features[0].names = {}; },
         {"features.observation.state", "8 numbers of panda", "shape 6"});
  expect([](DatasetInfo& info) { std::swap(info.features[0].names[0], info.features[0].names[1]); },
         {"features.observation.state", "8 numbers of panda"});
  expect([](DatasetInfo& info) { info.features.erase(info.features.begin() + 1); },
         {"features.action", "no such feature"});
  expect([](DatasetInfo& info) { info.features[2].name = "observation.images.top"; },
         {"features.observation.images.left", "none"});
}

}  // namespace
}  // namespace divla
