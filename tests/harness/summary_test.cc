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
