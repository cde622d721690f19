#include "harness/control_summary.h"

#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "harness/run_folder.h"
#include "harness/summary.h"
#include "tests/harness/sample_records.h"
#include "tests/harness/temp_folder.h"

namespace divla {
namespace {

// `plain` and `played`: success of each episode.
std::pair<std::vector<EpisodeRecord>, std::vector<EpisodeRecord>> Runs(const std::string& plain,
                                                                       const std::string& played) {
  std::vector<EpisodeRecord> base, run;
  for (int i = 0; i < static_cast<int>(plain.size()); ++i) {
    base.push_back(SampleRecord(i % 2 == 0 ? "even" : "odd", i, plain[static_cast<std::size_t>(i)] == '1'));
    run.push_back(SampleRecord(i % 2 == 0 ? "even" : "odd", i, played[static_cast<std::size_t>(i)] == '1'));
    run.back().control = ControlRecord{"wrong_reasoning", true, "own", "", "worded", "there", false, 2};
  }
  return {base, run};
}

TEST(ControlSummaryTest, PairsByKeyInAnyOrderAndLeavesOutWhatDoesNotApply) {
  auto [base, run] = Runs("11110000", "10100010");
  run[1].control->applies = false;
  std::reverse(run.begin(), run.end());
  run.push_back(SampleRecord("unknown", 3, true));
  const ControlSummary summary = SummarizeControl(Control::kWrongReasoning, base, run);
  EXPECT_EQ(summary.left_out, 1);
  EXPECT_EQ(summary.all.counts.both, 2);
  EXPECT_EQ(summary.all.counts.lost, 1);
  EXPECT_EQ(summary.all.counts.won, 1);
  EXPECT_EQ(summary.all.counts.neither, 3);
  ASSERT_EQ(summary.tasks.size(), 2U);
  EXPECT_EQ(summary.tasks[0].task, "even");
  EXPECT_EQ(summary.tasks[0].counts.Pairs(), 4);
  EXPECT_EQ(summary.tasks[1].counts.Pairs(), 3);
  EXPECT_EQ(summary.all.said.k, 14);
  EXPECT_EQ(summary.all.said.n, 35);
}

// 16 pairs of four scenes, two of them lost with all their twins.
TEST(ControlSummaryTest, AnEpisodeAndItsTwinsAreOneCluster) {
  auto [base, run] = Runs("1111111111111111", "0000000011111111");
  for (std::vector<EpisodeRecord>* records : {&base, &run}) {
    for (int i = 0; i < 16; ++i) (*records)[static_cast<std::size_t>(i)].key = {"a", "object_size", i % 4, i / 4};
  }
  const ControlResult all = SummarizeControl(Control::kWrongReasoning, base, run).all;
  EXPECT_EQ(all.counts, (PairedCounts{8, 8, 0, 0}));
  EXPECT_DOUBLE_EQ(all.p, 0.5);  // two tosses, both lost or both won
  const Interval as_pairs = PairedDifferenceInterval(all.counts);
  EXPECT_LT(all.interval.low, as_pairs.low - 0.1);
  EXPECT_GT(all.interval.high, as_pairs.high + 0.1);
}

TEST(ControlSummaryTest, CountsWhatTheArmTookWhereTheObjectsDiffer) {
  auto [base, run] = Runs("1111111", "0000000");
  const std::vector<std::string> took = {"worded", "worded", "own", "third", "", "worded", "worded"};
  for (std::size_t i = 0; i < took.size(); ++i) run[i].control->acted_on = took[i];
  run[5].control->object = "own";  // the words differ in the place only
  run[5].control->reached = true;
  const ControlSummary summary = SummarizeControl(Control::kWrongReasoning, base, run);
  EXPECT_EQ(summary.all.acted_on.words.k, 3);
  EXPECT_EQ(summary.all.acted_on.instruction.k, 1);
  EXPECT_EQ(summary.all.acted_on.other.k, 1);
  EXPECT_EQ(summary.all.acted_on.nothing.k, 1);
  EXPECT_EQ(summary.all.acted_on.words.n, 6);
  EXPECT_EQ(summary.all.reached.k, 1);
  EXPECT_EQ(summary.all.reached.n, 7);
}

std::vector<ControlSummary> One(Control control, int both, int lost, int won, int neither) {
  ControlSummary summary;
  summary.control = control;
  summary.all.counts = {both, lost, won, neither};
  summary.all.interval = PairedDifferenceInterval(summary.all.counts);
  return {summary};
}

Verdict Answer(const std::vector<ControlSummary>& summaries) { return Findings(summaries).at(0).verdict; }

TEST(ControlSummaryTest, AVerdictNeedsItsInterval) {
  EXPECT_EQ(Answer(One(Control::kBlankInstruction, 5, 40, 0, 55)), Verdict::kYes);
  EXPECT_EQ(Answer(One(Control::kOracleReasoning, 50, 0, 30, 20)), Verdict::kYes);
  EXPECT_EQ(Answer(One(Control::kBlankInstruction, 50, 0, 30, 20)), Verdict::kNo) << "better without is no need";
  EXPECT_EQ(Answer(One(Control::kBlankInstruction, 200, 3, 2, 195)), Verdict::kNo);
  EXPECT_EQ(Answer(One(Control::kBlankInstruction, 4, 2, 1, 3)), Verdict::kUnclear) << "ten episodes show little";
  EXPECT_TRUE(Findings(One(Control::kBlankInstruction, 0, 0, 0, 0)).empty()) << "nothing was asked";
}

TEST(ControlSummaryTest, CauseIsReadFromWhatTheArmTook) {
  auto summaries = One(Control::kWrongReasoning, 0, 40, 0, 0);
  const auto set = [&](int words, int told) {
    summaries[0].all.acted_on = {MakeShare(words, 40), MakeShare(told, 40), MakeShare(0, 40), MakeShare(0, 40)};
  };
  set(38, 0);
  EXPECT_EQ(Answer(summaries), Verdict::kYes);
  set(1, 39);
  EXPECT_EQ(Answer(summaries), Verdict::kNo);
  set(18, 20);
  EXPECT_EQ(Answer(summaries), Verdict::kUnclear);
  // recipe: 38 of 40 -> Wilson [83.5, 98.6] %
  set(38, 0);
  EXPECT_NE(Findings(summaries)[0].because.find("38/40 = 95.0 % [83.5, 98.6]"), std::string::npos)
      << Findings(summaries)[0].because;
}

TEST(ControlSummaryTest, FoldersAreReadInTheOrderOfTheControls) {
  const TempFolder folder;
  const auto [base, run] = Runs("1111", "0000");
  for (const Control control : {Control::kWrongReasoning, Control::kBlankInstruction}) {
    const auto path = CreateRunFolder(ControlFolder(folder.Path(), control));
    std::ofstream(path / "episodes.jsonl") << EpisodeLines(run);
    std::ofstream(path / "summary.json") << ToJson(Summarize(SampleInfo(), run, {}, false));
  }
  const auto stopped = CreateRunFolder(ControlFolder(folder.Path(), Control::kFrozenCameras));
  std::ofstream(stopped / "episodes.jsonl") << EpisodeLines(run);
  std::ofstream(stopped / "summary.json") << ToJson(Summarize(SampleInfo(), run, {}, true));
  const auto summaries = ReadControls(folder.Path(), base);
  ASSERT_EQ(summaries.size(), 2U) << "a control that was stopped says nothing yet";
  EXPECT_EQ(summaries[0].control, Control::kBlankInstruction);
  EXPECT_EQ(summaries[1].all.counts.lost, 4);
  const nlohmann::json json = ToJson(summaries);
  EXPECT_EQ(json["controls"][1]["control"], "wrong_reasoning");
  EXPECT_EQ(json["controls"][1]["all"]["pairs"]["lost"], 4);
  EXPECT_EQ(json["findings"].size(), 2U);
  const std::string text = FormatControls(summaries);
  EXPECT_NE(text.find("wrong_reasoning"), std::string::npos);
  EXPECT_EQ(text.back(), '\n');
}

}  // namespace
}  // namespace divla
