// Data made from a training configuration: what is refused, what is found again, and that thinning loses no command.
#include "harness/training/training_data.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <functional>
#include <mutex>
#include <nlohmann/json.hpp>

#include "policy/file_io.h"
#include "policy/rows.h"
#include "sim/check.h"
#include "tests/harness/expect_error.h"
#include "tests/harness/temp_folder.h"

namespace divla {
namespace {

using nlohmann::json;

struct TrainingDataTest : testing::Test {
  TempFolder folder;
  json config = {{"model", {{"embodiments", {{"panda", {{"cameras", {"right", "left"}}}}}}}},
                 {"tasks", {{"cube_to_coloured_box", 1.0}}},
                 {"data",
                  {{"seed", 1'000'000},
                   {"height", 32},
                   {"width", 48},
                   {"tasks", {{"cube_to_coloured_box", {{"demonstrations", 2}, {"static_scenes", 3}}}}}}}};

  std::string Write() const {
    const std::string path = (folder.Path() / "config.json").string();
    WriteFile(path, config.dump());
    return path;
  }
  TrainingPlan Read() const { return ReadTrainingPlan(Write()); }
  std::vector<std::string> Prepare(const std::function<bool()>& stop = {}) const {
    return PrepareTrainingData(Read(), folder.Path() / "cache", {.workers = 2, .quiet = true, .stop = stop});
  }
  std::vector<std::string> WorkFolders() const {
    std::vector<std::string> found;
    for (const auto& entry : std::filesystem::directory_iterator(folder.Path() / "cache")) {
      const std::string name = entry.path().filename().string();
      if (name.find(".work-") != std::string::npos) found.push_back(name);
    }
    return found;
  }
};

TEST_F(TrainingDataTest, OnlyTheCamerasOfTheEmbodimentAreDrawnInTheRobotsOrder) {
  const std::vector<TrainingPart> parts = Read().parts;
  ASSERT_EQ(parts.size(), 1U);
  EXPECT_EQ(parts[0].rows.cameras, (std::vector<std::string>{"left", "right"}));
  EXPECT_TRUE(parts[0].demo.perturb);
  config.erase("data");
  EXPECT_TRUE(Read().parts.empty());
}

TEST_F(TrainingDataTest, FinishedPartsAreFoundAgainAndKilledOnesAreMadeAgain) {
  const std::vector<std::string> made = Prepare();
  ASSERT_EQ(made.size(), 1U);
  const std::string frames = ReadFile(made[0] + "/frames.bin");
  const auto written = std::filesystem::last_write_time(made[0] + "/frames.bin");
  EXPECT_EQ(Prepare(), made);
  EXPECT_EQ(std::filesystem::last_write_time(made[0] + "/frames.bin"), written);
  std::filesystem::remove(made[0] + "/meta.json");
  WriteFile(made[0] + "/frames.bin.tmp", "half of it");
  EXPECT_EQ(Prepare(), made);
  EXPECT_EQ(ReadFile(made[0] + "/frames.bin"), frames);
  EXPECT_FALSE(std::filesystem::exists(made[0] + "/frames.bin.tmp"));
}

// A second training comes while the first records, and finishes before it.
TEST_F(TrainingDataTest, WhoeverFinishesAPartFirstHasMadeIt) {
  std::once_flag once;
  std::vector<std::string> first;
  std::filesystem::file_time_type written;
  const std::vector<std::string> second = Prepare([&] {
    std::call_once(once, [&] {
      EXPECT_EQ(WorkFolders().size(), 1U);
      first = Prepare();
      ASSERT_EQ(first.size(), 1U);
      EXPECT_EQ(WorkFolders().size(), 1U);  // the living one is not touched
      written = std::filesystem::last_write_time(first[0] + "/frames.bin");
    });
    return false;
  });
  EXPECT_EQ(second, first);
  ASSERT_EQ(first.size(), 1U);
  EXPECT_EQ(std::filesystem::last_write_time(first[0] + "/frames.bin"), written);
  EXPECT_GT(RowsReader(first[0]).size(), 0);
  EXPECT_TRUE(WorkFolders().empty());
}

TEST_F(TrainingDataTest, SomethingElseInThePlaceOfAPartIsNamed) {
  const std::filesystem::path part = folder.Path() / "cache" / PartName(Read().parts[0]);
  std::once_flag once;
  const auto block = [&] {
    std::call_once(once, [&] {
      std::filesystem::create_directories(part);
      WriteFile((part / "notes.txt").string(), "mine");
    });
    return false;
  };
  ExpectError<MachineError>([&] { Prepare(block); }, {part.string(), "cannot be moved"});
  EXPECT_EQ(ReadFile((part / "notes.txt").string()), "mine");
  EXPECT_TRUE(WorkFolders().empty());
}

TEST_F(TrainingDataTest, WhatStoppedAndKilledProcessesLeftIsRemoved) {
  EXPECT_TRUE(Prepare([] { return true; }).empty());
  EXPECT_TRUE(WorkFolders().empty());
  const std::string work = (folder.Path() / "cache" / PartName(Read().parts[0])).string() + ".work-killed";
  std::filesystem::create_directories(work + "/made/demos");
  WriteFile(work + "/lock", "");
  EXPECT_EQ(WorkFolders().size(), 1U);
  EXPECT_EQ(Prepare().size(), 1U);
  EXPECT_TRUE(WorkFolders().empty());
}

TEST_F(TrainingDataTest, RowsThatAreThereNeedNoPlanButTheirValidationIsChecked) {
  config["data"] = {{"seed", 5}};
  config["validation"] = {{"every", 5}, {"episodes", 2}, {"seed", kFirstValidationSeed}};
  const std::string path = Write();
  ExpectError<InputError>([&] { ReadTrainingPlan(path); }, {"1000000"});
  CheckTrainingValidation(path);
  config["validation"]["seed"] = kFirstValidationSeed - 1;
  Write();
  ExpectError<InputError>([&] { CheckTrainingValidation(path); }, {"config.json", "validation.seed", "999999999"});
}

TEST_F(TrainingDataTest, ThinningKeepsEveryCommand) {
  const RowsReader all(Prepare().at(0));
  config["data"]["tasks"]["cube_to_coloured_box"]["every"] = 3;
  const RowsReader thin(Prepare().at(0));
  ASSERT_EQ(thin.size(), all.size());
  int pictured = 0, step = 0;
  for (int row = 0; row < all.size(); ++row) {
    step = row > 0 && all.Episode(row) == all.Episode(row - 1) ? step + 1 : 0;
    EXPECT_TRUE(std::ranges::equal(thin.ToolTarget(row), all.ToolTarget(row)));
    EXPECT_TRUE(std::ranges::equal(thin.JointTarget(row), all.JointTarget(row)));
    EXPECT_EQ(thin.LabelValid(row), all.LabelValid(row));
    EXPECT_EQ(thin.Episode(row), all.Episode(row));
    EXPECT_EQ(thin.Pictured(row), step % 3 == 0);
    if (!thin.Pictured(row)) continue;
    ++pictured;
    EXPECT_TRUE(std::ranges::equal(thin.Frame(row, 1), all.Frame(row, 1)));
    EXPECT_EQ(thin.Labels(row).reasoning, all.Labels(row).reasoning);
  }
  EXPECT_LT(pictured, all.size() / 2);
}

TEST_F(TrainingDataTest, WhatIsWrongIsNamedBeforeAnythingIsRecorded) {
  const auto refused = [&](std::initializer_list<std::string> parts) {
    ExpectError<InputError>([&] { Read(); }, parts);
  };
  const json good = config;
  config["validation"] = {{"every", 5}, {"episodes", 2}, {"seed", 1'000'000}};
  refused({"config.json", "validation.seed", "1000000000"});
  config = good;
  config["data"]["seed"] = 5;
  refused({"1000000", "5"});
  config = good;
  config["data"]["seed"] = kFirstValidationSeed;
  refused({"1000000000"});
  config = good;
  config["tasks"]["flip_pot"] = 1.0;
  refused({"flip_pot", "nothing"});
  config = good;
  config["model"]["embodiments"]["panda"]["cameras"] = {"left", "behind"};
  refused({"cameras", "behind"});
  config = good;
  config["data"]["tasks"]["cube_to_coloured_box"]["demos"] = 3;
  refused({"demos"});
}

TEST_F(TrainingDataTest, TakeoversAreMadeAsTheTasksPicturesAndFoundAgain) {
  const TrainingPlan plan = Read();
  const std::string checkpoint = (folder.Path() / "stage-1").string();
  std::filesystem::create_directories(checkpoint);
  WriteFile(checkpoint + "/model.safetensors", "weights");
  const TakeoverRequest request{2, checkpoint, {{"cube_to_coloured_box", 7}}};
  const std::vector<TrainingPart> parts = TakeoverPlan(plan, request, "c.json").parts;
  ASSERT_EQ(parts.size(), 1U);
  EXPECT_EQ(parts[0].demo.episodes, 7);
  EXPECT_EQ(parts[0].demo.policy, checkpoint);
  EXPECT_FALSE(parts[0].demo.perturb);
  EXPECT_EQ(parts[0].rows.static_scenes, 0);
  EXPECT_EQ(parts[0].rows.cameras, plan.parts[0].rows.cameras);
  EXPECT_EQ(parts[0].rows.width, 48);
  const std::string name = PartName(parts[0]);
  EXPECT_TRUE(name.starts_with("cube_to_coloured_box-takeovers-")) << name;
  WriteFile(checkpoint + "/model.safetensors", "other weights");
  EXPECT_NE(PartName(parts[0]), name);
  ExpectError<InputError>(
      [&] {
        TakeoverPlan(plan, {2, checkpoint, {{"flip_pot", 1}}}, "c.json");
      },
      {"c.json", "data.tasks.flip_pot", "stage 2"});
}

TEST_F(TrainingDataTest, TheNameFollowsWhatTheRowsDependOn) {
  const TrainingPart part = Read().parts[0];
  TrainingPart other = part;
  EXPECT_EQ(PartName(other), PartName(part));
  other.rows.every = 2;
  EXPECT_NE(PartName(other), PartName(part));
  other = part;
  other.demo.seed += 1;
  EXPECT_NE(PartName(other), PartName(part));
}

}  // namespace
}  // namespace divla
