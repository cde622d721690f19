// Takeovers with the random walk as the policy: it gets into states that no demonstration shows.
#include "harness/training/takeover.h"

#include <gtest/gtest.h>

#include "harness/file_write.h"
#include "harness/json_fields.h"
#include "harness/run_folder.h"
#include "harness/training/demo_check.h"
#include "harness/training/demo_folder.h"
#include "harness/training/demo_rows.h"
#include "policy/rows.h"
#include "tasks/registry.h"
#include "tests/harness/expect_error.h"
#include "tests/harness/temp_folder.h"
#include "tests/support/mujoco_warning_guard.h"

namespace divla {
namespace {

constexpr const char* kTask = "cube_to_coloured_box";

DemoOptions Some(int episodes, int workers) {
  return {.task = kTask, .episodes = episodes, .policy = "random", .workers = workers, .stop = {}};
}

TEST(TakeoverTest, TheExpertGoesOnFromWhereThePolicyLeftTheScene) {
  const MujocoWarningGuard guard;
  const Task& task = FindTask(kTask);
  Takeovers takeovers("random", RendererKind::kSoftware);
  int later = 0, kept = 0;
  for (int index = kFirstTakeoverIndex; index < kFirstTakeoverIndex + 6; ++index) {
    const Demonstration demo = takeovers.Run(task, kFirstDemoSeed, index, false);
    kept += demo.success;
    if (!demo.success || demo.taken_over == 0) continue;
    ++later;
    const Scene start = task.Build(DemoPlan(task, kFirstDemoSeed, index, false));
    const auto first = demo.log.State(0);
    EXPECT_NE(start.SaveState(), (std::vector<double>{first.begin(), first.end()}));
    EXPECT_EQ(demo.log.actions, demo.log.labels);
    for (const auto valid : demo.log.label_valid) EXPECT_EQ(valid, 1);
    const Demonstration again = takeovers.Run(task, kFirstDemoSeed, index, false);
    EXPECT_EQ(EncodeLog(again.log), EncodeLog(demo.log));
  }
  EXPECT_GE(kept, 4);
  EXPECT_GE(later, 3);
}

TEST(TakeoverTest, FoldersSayWhoDroveReplayAndDoNotDependOnTheNumberOfWorkers) {
  const TempFolder folder;
  const DemoInfo info = RecordDemonstrations(Some(4, 1), folder / "one", nullptr);
  RecordDemonstrations(Some(4, 3), folder / "three", nullptr);
  EXPECT_EQ(ReadTextFile(folder / "one" / "demo.json"), ReadTextFile(folder / "three" / "demo.json"));
  for (const int index : info.indices) {
    EXPECT_GE(index, kFirstTakeoverIndex);
    const EpisodeKey key{kTask, "none", 0, index};
    EXPECT_EQ(ReadTextFile(LogPath(folder / "one", key)), ReadTextFile(LogPath(folder / "three", key)));
  }
  const DemoInfo read = ReadDemoInfo(folder / "one");
  EXPECT_TRUE(read.Takeovers());
  EXPECT_EQ(read.policy, "random");
  EXPECT_EQ(read.taken_over, info.taken_over);
  EXPECT_EQ(read.taken_over.size(), 4U);
  EXPECT_GE(read.attempts, 4);
  EXPECT_LT(read.attempts, 40);

  const DemoCheck good = CheckDemonstrations(folder / "one", 2, {}, nullptr);
  EXPECT_EQ(good.Reproduced(), 4);
  const auto file = LogPath(folder / "one", {kTask, "none", 0, info.indices[0]});
  EpisodeLog log = ReadLog(file);
  log.actions[10 * 3] += 0.005F;
  WriteFileAtomically(file, EncodeLog(log));
  EXPECT_EQ(CheckDemonstrations(folder / "one", 2, {}, nullptr).replays[0].first_different_state, 4);
}

TEST(TakeoverTest, RowsPictureTheFirstSecondsAndKeepAllCommands) {
  const TempFolder folder;
  DemoOptions options = Some(1, 1);
  options.task = "cube_in_lidded_box";  // longer than what is pictured, wherever the expert begins
  const DemoInfo info = RecordDemonstrations(options, folder / "demos", nullptr);
  RenderRows(folder / "demos", folder / "rows", {.height = 32, .width = 32, .every = 4, .workers = 1, .stop = {}},
             nullptr);
  const RowsReader rows((folder / "rows").string());
  const EpisodeLog log = ReadLog(LogPath(folder / "demos", {options.task, "none", 0, info.indices[0]}));
  ASSERT_EQ(rows.size(), log.Steps());
  ASSERT_GT(rows.size(), kTakeoverPictured);
  for (int row = 0; row < rows.size(); ++row) {
    EXPECT_EQ(rows.Pictured(row), row % 4 == 0 && row < kTakeoverPictured) << row;
    EXPECT_TRUE(rows.LabelValid(row));
  }
}

TEST(TakeoverTest, WrongPoliciesAndFoldersAreNamed) {
  const TempFolder folder;
  DemoOptions options = Some(1, 1);
  options.policy = "nobody";
  ExpectError<InputError>([&] { RecordDemonstrations(options, folder / "d", nullptr); }, {"nobody"});
  WriteFileAtomically(
      folder / "demo.json",
      R"({"format":"divla-demonstrations","version":3,"task":"flip_pot","seed":1000000,"perturb":false,)"
      R"("attempts":3,"pushes":0,"missed_grasps":0,"indices":[2000000,2000002],"policy":"random",)"
      R"("weights_sha256":"","taken_over":[5]})");
  ExpectError<InputError>([&] { ReadDemoInfo(folder.Path()); }, {"taken_over", "2 numbers", "1"});
}

}  // namespace
}  // namespace divla
