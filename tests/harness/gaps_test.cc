#include "harness/gaps.h"

#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "harness/compare/paired_statistics.h"
#include "tasks/axes/axis.h"
#include "tests/harness/expect_error.h"
#include "tests/harness/sample_records.h"

namespace divla {
namespace {

// `outcomes`: a character for each index, '+' for success.
void Add(std::vector<EpisodeRecord>& records, const std::string& task, const std::string& axis, int level,
         const std::string& outcomes) {
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    records.push_back(SampleRecord(task, static_cast<int>(i), outcomes[i] == '+'));
    records.back().key.axis = axis;
    records.back().key.level = level;
  }
}

RunSummary Summary(const std::vector<EpisodeRecord>& records) {
  RunInfo info = SampleInfo();
  info.episodes = static_cast<int>(records.size());
  return Summarize(info, records, {}, /*interrupted=*/false);
}

constexpr const char* kColour = "object_colour";
constexpr const char* kBoth = "instruction_intent+object_category";

// Two tasks: carry loses 6 of 10 by the colour and wins none, stack loses 1 and wins 1.
std::vector<EpisodeRecord> TwoTasks() {
  std::vector<EpisodeRecord> records;
  Add(records, "carry", "none", 0, "++++++++--");
  Add(records, "carry", kColour, 2, "++--------");
  Add(records, "carry", kBoth, 5, "+---------");
  Add(records, "stack", "none", 0, "+++++-----");
  Add(records, "stack", kColour, 2, "++++-+----");
  return records;
}

TEST(Gaps, PairEachTwinWithItsCleanEpisode) {
  const GapSummary gaps = Summary(TwoTasks()).gaps.value();
  ASSERT_EQ(gaps.cells.size(), 3U);
  const CellGap& both = gaps.cells[0];
  EXPECT_EQ(both.axis, kBoth);
  EXPECT_EQ(both.counts, (PairedCounts{1, 7, 0, 2}));
  const CellGap& carry = gaps.cells[1];
  EXPECT_EQ(carry.task, "carry");
  EXPECT_EQ(carry.axis, kColour);
  EXPECT_EQ(carry.level, 2);
  EXPECT_EQ(carry.counts, (PairedCounts{2, 6, 0, 2}));
  EXPECT_DOUBLE_EQ(carry.difference, -0.6);
  EXPECT_EQ(carry.newcombe.low, PairedDifferenceInterval(carry.counts).low);
  // Tosses by hand: 2 / 2^6, half of that for the mid-p, and Holm over three cells: 2/2^7 times 3 comes first.
  EXPECT_DOUBLE_EQ(carry.p, 2.0 / 64);
  EXPECT_DOUBLE_EQ(carry.p_mid, 1.0 / 64);
  EXPECT_DOUBLE_EQ(both.p_holm, 3 * 2.0 / 128);
  EXPECT_DOUBLE_EQ(carry.p_holm, 2 * 2.0 / 64);
  EXPECT_EQ(gaps.cells[2].counts, (PairedCounts{4, 1, 1, 4}));
  EXPECT_EQ(gaps.cells[2].p_holm, 1.0);
}

TEST(Gaps, TakeOnlyPairsOfWhichBothWerePlayed) {
  std::vector<EpisodeRecord> records;
  Add(records, "carry", "none", 0, "+++");
  Add(records, "carry", kColour, 1, "--+--");  // two have no clean twin, as in a run that was stopped
  Add(records, "stack", kColour, 1, "+++");    // and this task has none at all
  const GapSummary gaps = Summary(records).gaps.value();
  ASSERT_EQ(gaps.cells.size(), 1U);
  EXPECT_EQ(gaps.cells[0].counts, (PairedCounts{1, 2, 0, 0}));
}

TEST(Gaps, AreAbsentWithoutTwins) {
  std::vector<EpisodeRecord> records;
  Add(records, "carry", "none", 0, "+++");
  EXPECT_FALSE(Summary(records).gaps);
  EXPECT_FALSE(Summary(records).clustered);
  EXPECT_FALSE(ToJson(Summary(records)).contains("gaps"));
  records.clear();
  Add(records, "carry", kColour, 1, "+++");
  EXPECT_FALSE(Summary(records).gaps);
}

TEST(Gaps, OfAnAxisCountEachTaskOnce) {
  auto records = TwoTasks();
  const GapSummary gaps = Summary(records).gaps.value();
  ASSERT_EQ(gaps.axes.size(), 2U);
  const AxisGap& colour = gaps.axes[1];
  EXPECT_EQ(colour.axis, kColour);
  EXPECT_EQ(colour.gap.tasks, 2);
  EXPECT_DOUBLE_EQ(colour.gap.mean, -0.3);  // of -0.6 and 0
  EXPECT_EQ(colour.gap.pooled, (PairedCounts{6, 7, 1, 6}));
  EXPECT_EQ(colour.newcombe.high, PairedDifferenceInterval({6, 7, 1, 6}).high);
  // t with one degree of freedom, 12.7062, times 0.3: past -1 and 1, and cut there.
  EXPECT_EQ(colour.gap.interval->low, -1.0);
  EXPECT_EQ(colour.gap.interval->high, 1.0);
  const AxisGap& both = gaps.axes[0];  // one task says nothing about others
  EXPECT_EQ(both.gap.tasks, 1);
  EXPECT_FALSE(both.gap.interval);
  // A third task that also stays as it was. s = 0.6 / sqrt(3), t(2) = 4.302653: half width 4.302653 * 0.2.
  Add(records, "turn", "none", 0, "++");
  Add(records, "turn", kColour, 2, "++");
  const AxisGap three = Summary(records).gaps.value().axes[1];
  EXPECT_DOUBLE_EQ(three.gap.mean, -0.2);
  EXPECT_EQ(three.gap.interval->low, -1.0);
  EXPECT_NEAR(three.gap.interval->high, -0.2 + 0.860531, 1e-6);
}

TEST(Gaps, FactorialJoinsTheFamilies) {
  auto records = TwoTasks();
  Add(records, "carry", "object_size", 5, "++++++++++");   // object again: same row as the colour
  Add(records, "carry", "intervention_object", 1, "+++");  // of no family: in no row
  Add(records, "stack", "environment_camera", 1, "+---------");
  const GapSummary gaps = Summary(records).gaps.value();
  ASSERT_EQ(gaps.factorial.size(), 4U);
  const FactorialRow &clean = gaps.factorial[0], &environment = gaps.factorial[1], &object = gaps.factorial[2],
                     &joined = gaps.factorial[3];
  EXPECT_FALSE(clean.instruction || clean.object || clean.environment);
  EXPECT_EQ(clean.k, 13);
  EXPECT_EQ(clean.n, 20);
  EXPECT_FALSE(clean.gap);
  EXPECT_NEAR(clean.interval.low, WilsonInterval(13, 20).low, 1e-2);  // nothing is clustered but for (C - 1) / C
  EXPECT_TRUE(environment.environment && !environment.object && !environment.instruction);
  EXPECT_EQ(environment.k, 1);
  EXPECT_TRUE(object.object && !object.environment && !object.instruction);
  EXPECT_EQ(object.n, 30);
  EXPECT_EQ(object.k, 2 + 5 + 10);
  EXPECT_DOUBLE_EQ(object.macro_rate, (12.0 / 20 + 5.0 / 10) / 2);
  ASSERT_TRUE(object.gap);
  EXPECT_EQ(object.gap->pooled, (PairedCounts{14, 7, 3, 6}));
  EXPECT_DOUBLE_EQ(object.gap->mean, ((12 - 16) / 20.0 + 0.0) / 2);
  EXPECT_TRUE(joined.instruction && joined.object && !joined.environment);
}

TEST(Gaps, KnowTheFamilyOfEveryAxis) {
  for (const Axis* axis : AllAxes()) {
    const std::string family = axis->Spec().family;
    const AxisFamilies expected{family == "instruction", family == "object", family == "environment"};
    EXPECT_EQ(FamiliesOf(axis->Spec().name), expected) << axis->Spec().name;
  }
  EXPECT_EQ(FamiliesOf("environment_camera+instruction_noise"), (AxisFamilies{true, false, true}));
  for (const char* other : {"none", "intervention_object", "object_size+none", "object_size+", "", "+"}) {
    EXPECT_FALSE(FamiliesOf(other)) << other;
  }
}

TEST(Gaps, ComeBackFromJsonAndMistakesAreNamed) {
  const auto json = ToJson(Summary(TwoTasks()));
  EXPECT_EQ(ToJson(RunSummaryFromJson(json, "x")), json);
  ASSERT_TRUE(json["gaps"].is_object());
  auto broken = json;
  broken["gaps"]["axes"][0]["gap"]["pairs"]["lost"] = -1;
  ExpectError<InputError>([&] { RunSummaryFromJson(broken, "file s.json"); },
                          {"file s.json", "'axes' entry 0", "'pairs'", "'lost'", "-1"});
  broken = json;
  broken["gaps"]["factorial"][0]["object"] = "unknown";
  ExpectError<InputError>([&] { RunSummaryFromJson(broken, "x"); }, {"'factorial' entry 0", "'object'", "unknown"});
  broken = json;
  broken["gaps"]["cells"][2]["newcombe"] = {0.1};
  ExpectError<InputError>([&] { RunSummaryFromJson(broken, "x"); }, {"'cells' entry 2", "'newcombe'"});
  broken = json;
  broken["gaps"]["more"] = 1;
  ExpectError<InputError>([&] { RunSummaryFromJson(broken, "x"); }, {"'gaps'", "'more'"});
}

// Twins that fall together: 3 clusters all solved, 3 all failed, of 4 episodes each. The variance of the ratio
// estimator is 6/5 * 6 * 2^2 / 24^2 = 0.05, so the 24 episodes are worth 0.25 / 0.05 = 5.
TEST(Gaps, TwinsAreNoIndependentEvidence) {
  std::vector<EpisodeRecord> records;
  Add(records, "carry", "none", 0, "+++---");
  for (const char* axis : {"object_size", "object_colour", "environment_camera"}) {
    Add(records, "carry", axis, 1, "+++---");
  }
  const RunSummary summary = Summary(records);
  ASSERT_TRUE(summary.clustered);
  const double z = 1.959963984540054, half = z / (1 + z * z / 5) * std::sqrt(0.25 / 5 + z * z / 100);
  EXPECT_NEAR(summary.clustered->low, 0.5 - half, 1e-12);
  EXPECT_NEAR(summary.clustered->high, 0.5 + half, 1e-12);
}

}  // namespace
}  // namespace divla
