#include "harness/demonstration.h"

#include <gtest/gtest.h>

#include <map>

#include "harness/demo_rows.h"
#include "harness/json_fields.h"
#include "policy/rows.h"
#include "tasks/registry.h"
#include "tests/harness/expect_error.h"
#include "tests/harness/temp_folder.h"
#include "tests/support/mujoco_warning_guard.h"

namespace divla {
namespace {

constexpr const char* kTask = "cube_to_coloured_box";

std::map<std::string, std::string> Files(const std::filesystem::path& folder) {
  std::map<std::string, std::string> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file()) files[std::filesystem::relative(entry.path(), folder)] = ReadTextFile(entry.path());
  }
  return files;
}

DemoOptions Some(int episodes, int workers) {
  return {.task = kTask, .episodes = episodes, .seed = kFirstDemoSeed, .perturb = true, .workers = workers, .stop = {}};
}

TEST(DemonstrationTest, EvaluationSeedsAreRefused) {
  const TempFolder folder;
  DemoOptions options = Some(1, 1);
  options.seed = kFirstDemoSeed - 1;
  ExpectError<InputError>([&] { RecordDemonstrations(options, folder / "d", nullptr); },
                          {"--seed", "1000000", "999999"});
  EXPECT_THROW(DemoPlan(FindTask(kTask), 1, 0, false), InputError);
}

TEST(DemonstrationTest, TasksWithUnseenObjectsAreRefused) {
  const TempFolder folder;
  DemoOptions options = Some(1, 1);
  options.task = "bin_picking";
  ExpectError<InputError>([&] { RecordDemonstrations(options, folder / "d", nullptr); },
                          {"--task", "bin_picking", "unseen"});
  EXPECT_FALSE(std::filesystem::exists(folder / "d"));
}

TEST(DemonstrationTest, CleanOnesPlayTheirLabelsAndPerturbedOnesDoNot) {
  const MujocoWarningGuard guard;
  const Task& task = FindTask(kTask);
  const Demonstration clean = RunDemonstration(task, kFirstDemoSeed, 0, false);
  EXPECT_TRUE(clean.success);
  EXPECT_EQ(clean.log.actions, clean.log.labels);
  int masked = 0, moved = 0;
  for (int index = 0; index < 6; ++index) {
    const Demonstration pushed = RunDemonstration(task, kFirstDemoSeed, index, true);
    for (const auto valid : pushed.log.label_valid) masked += valid == 0;
    EXPECT_NE(pushed.log.actions, pushed.log.labels);
    moved += task.Draw(kFirstDemoSeed, pushed.log.key).robot_start !=
             DemoPlan(task, kFirstDemoSeed, index, true).robot_start;
  }
  EXPECT_GT(masked, 0);
  EXPECT_LT(masked, 6 * 2 * 3 + 1);  // at most two bursts of three steps
  EXPECT_GT(moved, 0);
  EXPECT_LT(moved, 6);
}

TEST(DemonstrationTest, FoldersDoNotDependOnTheNumberOfWorkers) {
  const TempFolder folder;
  RecordDemonstrations(Some(4, 1), folder / "one", nullptr);
  RecordDemonstrations(Some(4, 3), folder / "three", nullptr);
  EXPECT_EQ(Files(folder / "one"), Files(folder / "three"));
  EXPECT_EQ(ReadDemoInfo(folder / "one").indices.size(), 4u);
  EXPECT_EQ(Files(folder / "one").size(), 5u);

  for (const int workers : {1, 3}) {
    const RowsOptions rows{.height = 32, .width = 32, .static_scenes = 3, .workers = workers, .stop = {}};
    RenderRows(folder / "one", folder / ("rows" + std::to_string(workers)), rows, nullptr);
  }
  EXPECT_EQ(Files(folder / "rows1"), Files(folder / "rows3"));
}

TEST(DemonstrationTest, RowsHoldWhatTheSimulatorKnows) {
  const TempFolder folder;
  const DemoInfo info = RecordDemonstrations(Some(2, 2), folder / "demos", nullptr);
  const RowsOptions options{.height = 32, .width = 32, .static_scenes = 2, .workers = 2, .stop = {}};
  const int count = RenderRows(folder / "demos", folder / "rows", options, nullptr);
  const RowsReader rows((folder / "rows").string());
  EXPECT_EQ(rows.size(), count);
  EXPECT_EQ(rows.Info().cameras.size(), 3u);
  EXPECT_EQ(rows.Info().renderer, MakeSoftwareRenderer()->Description());
  const Task& task = FindTask(kTask);
  const EpisodePlan plan = DemoPlan(task, info.seed, info.indices[0], true);
  const EpisodeLog log = ReadLog(LogPath(folder / "demos", plan.key));
  for (int step = 0; step < log.Steps(); ++step) {
    EXPECT_EQ(rows.Episode(step), 0);
    EXPECT_EQ(rows.LabelValid(step), log.label_valid[static_cast<std::size_t>(step)] != 0);
    const auto label = std::span(log.labels).subspan(static_cast<std::size_t>(step * log.action_dim), 10);
    EXPECT_TRUE(std::equal(label.begin(), label.end(), rows.ToolTarget(step).begin()));
  }
  EXPECT_EQ(rows.Episode(log.Steps()), 1);
  const RowLabels labels = rows.Labels(0);
  EXPECT_EQ(labels.instruction, plan.instruction);
  EXPECT_EQ(labels.reasoning, task.Truth(task.Build(plan), plan).text);
  EXPECT_EQ(labels.objects.size(), plan.objects.size());
  EXPECT_FALSE(labels.alternatives.empty());
  EXPECT_TRUE(labels.object_pixels.at("left").has_value());
  // The last two rows are static scenes: episodes of their own without a label.
  EXPECT_FALSE(rows.LabelValid(count - 1));
  EXPECT_FALSE(rows.LabelValid(count - 2));
  EXPECT_NE(rows.Episode(count - 1), rows.Episode(count - 2));
  // The joint command of a demonstration follows its tool command: from row to row it goes somewhere.
  EXPECT_FALSE(std::equal(rows.JointTarget(0).begin(), rows.JointTarget(0).end(), rows.JointTarget(20).begin()));
}

TEST(DemonstrationTest, DamagedFoldersAreNamed) {
  const TempFolder folder;
  ExpectError<InputError>([&] { RenderRows(folder.Path(), folder / "rows", {}, nullptr); }, {"demo.json"});
  const DemoInfo info = RecordDemonstrations(Some(1, 1), folder / "demos", nullptr);
  const auto log = LogPath(folder / "demos", {kTask, "none", 0, info.indices[0]});
  std::filesystem::resize_file(log, 100);
  ExpectError<InputError>(
      [&] {
        RenderRows(folder / "demos", folder / "rows",
                   {.height = 32, .width = 32, .static_scenes = 0, .workers = 1, .stop = {}}, nullptr);
      },
      {log.filename().string(), "damaged"});
}

}  // namespace
}  // namespace divla
