#include "harness/summary.h"

#include <gtest/gtest.h>

#include <vector>

#include "harness/statistics.h"
#include "tests/harness/sample_records.h"

namespace divla {
namespace {

TEST(SummaryTest, CountsEachCell) {
  std::vector<EpisodeRecord> records{SampleRecord("b", 0, true), SampleRecord("a", 0, true),
                                     SampleRecord("a", 1, false), SampleRecord("a", 2, false)};
  records[3].termination = Termination::kPolicyError;
  records[3].failure = "policy_error";
  records[3].reasoning = {5, 4, 4, 10};
  records[3].reasoning.located = 4;
  records[3].reasoning.grounded = 3;
  const std::vector<CellName> order{{"a", "none", 0}, {"b", "none", 0}};
  const RunSummary summary = Summarize(SampleInfo(), records, order, false);
  ASSERT_EQ(summary.cells.size(), 2u);
  const CellSummary& a = summary.cells[0];
  EXPECT_EQ(a.task, "a");
  EXPECT_EQ(a.n, 3);
  EXPECT_EQ(a.k, 1);
  EXPECT_DOUBLE_EQ(a.rate, 1.0 / 3.0);
  EXPECT_EQ(a.wilson.low, WilsonInterval(1, 3).low);
  EXPECT_EQ(a.clopper_pearson.high, ClopperPearsonInterval(1, 3).high);
  EXPECT_DOUBLE_EQ(a.mean_progress, (1.0 + 1.0 / 3.0 + 1.0 / 3.0) / 3.0);
  EXPECT_DOUBLE_EQ(a.mean_steps, 41.0);
  EXPECT_DOUBLE_EQ(a.median_success_seconds.value(), 2.0);
  EXPECT_EQ(a.failures, (std::map<std::string, int>{{"missed_grasp", 1}, {"policy_error", 1}}));
  EXPECT_EQ(a.terminations.at("policy_error"), 1);
  EXPECT_EQ(a.reasoning.queries, 15);
  EXPECT_EQ(a.reasoning.correct, 10);
  EXPECT_EQ(a.reasoning.located, 4);
  EXPECT_EQ(a.reasoning.grounded, 3);
  // One failure said mostly wrong things, the other mostly right ones.
  EXPECT_EQ(a.failed_reasoning_wrong, 1);
  EXPECT_EQ(a.failed_reasoning_right, 1);
}

TEST(SummaryTest, TheMacroAverageCountsEachTaskOnce) {
  const std::vector<EpisodeRecord> records{SampleRecord("a", 0, true), SampleRecord("a", 1, true),
                                           SampleRecord("a", 2, true), SampleRecord("b", 0, false)};
  const RunSummary summary = Summarize(SampleInfo(), records, {}, false);
  EXPECT_DOUBLE_EQ(summary.macro_rate, 0.5);
  EXPECT_TRUE(summary.macro_interval);
  EXPECT_EQ(summary.n, 4);
  EXPECT_EQ(summary.k, 3);
}

// A task's rate is the mean of its cells': the many clean episodes of one task do not outweigh its twins.
TEST(SummaryTest, TheMacroAverageCountsEachCellOfATaskOnce) {
  std::vector<EpisodeRecord> records;
  for (int i = 0; i < 4; ++i) records.push_back(SampleRecord("a", i, true));
  records.push_back(SampleRecord("a", 0, false));
  records.back().key.axis = "object_size";
  records.back().key.level = 1;
  records.push_back(SampleRecord("b", 0, false));
  EXPECT_DOUBLE_EQ(Summarize(SampleInfo(), records, {}, false).macro_rate, (0.5 + 0.0) / 2);
}

TEST(SummaryTest, CountsSuccessesByTheTimeTheyTook) {
  std::vector<EpisodeRecord> records;
  const double seconds[] = {0.5, 1.7, 1.5, 0.35, 3.05};
  for (int i = 0; i < 8; ++i) {
    records.push_back(SampleRecord("a", i, i < 5));
    records.back().sim_seconds = i < 5 ? seconds[i] : 9.0;
  }
  const SuccessTimes times = Summarize(SampleInfo(), records, {}, false).cells[0].success_times.value();
  EXPECT_EQ(times.solved, (std::vector<int>{2, 2, 3, 4, 4, 4, 5}));  // by 0.5, 1, 1.5, 2, 2.5, 3, 3.5 s
  EXPECT_EQ(times.quarter, 0.5);                                     // two of eight
  EXPECT_EQ(times.half, 1.7);                                        // four of eight
  EXPECT_FALSE(times.three_quarters);
}

// Every simulated time is a rounded multiple of the control period; those on the grid must count there.
TEST(SummaryTest, ATimeOnTheGridCountsThere) {
  for (int steps = 10; steps < 2000; steps += 10) {
    std::vector<EpisodeRecord> records{SampleRecord("a", 0, true)};
    records[0].sim_seconds = steps * 0.05;
    const SuccessTimes times = Summarize(SampleInfo(), records, {}, false).cells[0].success_times.value();
    EXPECT_EQ(times.solved.size(), static_cast<std::size_t>(steps / 10)) << steps;
  }
}

TEST(SummaryTest, AnEmptyCellIsShownAndSaysNothing) {
  const std::vector<CellName> order{{"a", "none", 0}, {"b", "none", 0}};
  const std::vector<EpisodeRecord> records{SampleRecord("a", 0, true)};
  const RunSummary summary = Summarize(SampleInfo(), records, order, true);
  EXPECT_TRUE(summary.interrupted);
  EXPECT_EQ(summary.planned, 4);
  EXPECT_EQ(summary.finished, 1);
  ASSERT_EQ(summary.cells.size(), 2u);
  EXPECT_EQ(summary.cells[1].n, 0);
  EXPECT_EQ(summary.cells[1].wilson.high, 1.0);
  EXPECT_DOUBLE_EQ(summary.macro_rate, 1.0);  // of the tasks that have episodes
  EXPECT_FALSE(summary.macro_interval);
}

}  // namespace
}  // namespace divla
