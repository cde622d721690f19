// Tests for harness/report/highlights.cc and cells.cc.
#include "harness/report/highlights.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "harness/report/cells.h"
#include "harness/report/text.h"
#include "tests/harness/report/sample_run.h"

namespace divla {
namespace {

std::string Text(const std::vector<Highlight>& highlights, const std::string& title) {
  for (const Highlight& highlight : highlights) {
    if (highlight.title == title) return highlight.text;
  }
  return {};
}

TEST(HighlightsTest, ALossIsNamedOnlyWhenItsIntervalExcludesZero) {
  const testing::SampleRun run = testing::MakePerturbedRun(6);
  ReportData data{run.info, run.summary, {}};
  ASSERT_TRUE(data.summary.gaps);
  for (AxisGap& axis : data.summary.gaps->axes) axis.newcombe = {-0.4, 0.01};
  EXPECT_NE(Text(Highlights(data), "Largest losses by perturbation").find("on none of"), std::string::npos);
  AxisGap& one = data.summary.gaps->axes[2];
  one.newcombe = {-0.4, -0.01};
  const std::string text = Text(Highlights(data), "Largest losses by perturbation");
  EXPECT_TRUE(text.starts_with(Spaced(one.axis) + " " + std::to_string(one.level) + ": ")) << text;
  EXPECT_NE(text.find("[−40.0, −1.0]"), std::string::npos) << text;
  EXPECT_EQ(text.find("; "), text.find("; the intervals")) << "only one loss is named: " << text;
}

TEST(HighlightsTest, SaysWhatTheControlShows) {
  ControlSummary control;
  control.control = Control::kWrongReasoning;
  control.all.counts = {.both = 5, .lost = 45, .won = 0, .neither = 0};
  control.all.acted_on = {.words = MakeShare(40, 50),
                          .instruction = MakeShare(3, 50),
                          .other = MakeShare(7, 50),
                          .nothing = MakeShare(0, 50)};
  EXPECT_TRUE(CausalSentence({control}).starts_with("The reasoning causes the action")) << CausalSentence({control});
  std::swap(control.all.acted_on.words, control.all.acted_on.instruction);
  EXPECT_TRUE(CausalSentence({control}).starts_with("The reasoning merely accompanies"));
  control.all.acted_on.words = control.all.acted_on.instruction = MakeShare(25, 50);
  EXPECT_TRUE(CausalSentence({control}).starts_with("Whether the reasoning causes"));
  EXPECT_EQ(CausalSentence({}), "");
}

TEST(MeasuredTest, SaysUnderWhichControl) {
  testing::SampleRun run = testing::MakeSampleRun(2);
  EXPECT_EQ(Measured(run.info, run.summary), "6 episodes of 3 tasks, seed 7");
  run.info.control = "blank_instruction";
  EXPECT_EQ(Measured(run.info, run.summary),
            "6 episodes of 3 tasks, seed 7; played under the control blank instruction");
}

TEST(CellsTest, AddsUpPerturbedCells) {
  const testing::SampleRun run = testing::MakePerturbedRun(6);
  const std::vector<TaskCells> tasks = CellsByTask(run.summary);
  ASSERT_EQ(tasks.size(), 3U);
  for (const TaskCells& task : tasks) {
    ASSERT_EQ(task.clean.size(), 1U);
    ASSERT_EQ(task.perturbed.size(), 6U);
    const CellTotal total = Total(task.perturbed);
    const auto successes = std::count_if(run.records.begin(), run.records.end(), [&](const EpisodeRecord& record) {
      return record.success && record.key.task == task.task && record.key.axis != "none";
    });
    EXPECT_EQ(total.n, 36);
    EXPECT_EQ(total.k, successes);
    ASSERT_TRUE(total.solved);
    EXPECT_EQ(total.solved->back(), successes);
    EXPECT_TRUE(std::is_sorted(total.solved->begin(), total.solved->end()));
  }
}

TEST(CellsTest, OneCellWithoutTimesLeavesTheTotalWithoutAny) {
  testing::SampleRun run = testing::MakePerturbedRun(6);
  const CellSummary* last = CellsByTask(run.summary).back().perturbed.front();
  run.summary.cells[static_cast<std::size_t>(last - run.summary.cells.data())].success_times.reset();
  const std::vector<TaskCells> tasks = CellsByTask(run.summary);
  const CellTotal total = Total(tasks.back().perturbed);
  EXPECT_FALSE(total.solved);
  EXPECT_EQ(total.n, 36) << "the counts do not need the times";
  EXPECT_TRUE(Total(tasks.front().perturbed).solved);
}

TEST(CellsTest, OnlyTheTrainedConditionIsClean) {
  EXPECT_TRUE(IsClean("none", 0));
  EXPECT_FALSE(IsClean("none", 1));
  EXPECT_FALSE(IsClean("environment_lighting", 0));
}

}  // namespace
}  // namespace divla
