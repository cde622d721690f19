#include "harness/compare.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <functional>
#include <nlohmann/json.hpp>

#include "harness/file_write.h"
#include "harness/run_folder.h"
#include "sim/check.h"
#include "tests/harness/expect_error.h"
#include "tests/harness/sample_records.h"
#include "tests/harness/temp_folder.h"

namespace divla {
namespace {

// run.json and episodes.jsonl, all that a comparison reads. `outcomes`: a character each, '+' for success.
class CompareTest : public testing::Test {
 protected:
  using Outcomes = std::map<std::string, std::string>;  // by task

  static std::vector<EpisodeRecord> Records(const Outcomes& outcomes) {
    std::vector<EpisodeRecord> records;
    for (const auto& [task, text] : outcomes) {
      for (std::size_t i = 0; i < text.size(); ++i) {
        records.push_back(SampleRecord(task, static_cast<int>(i), text[i] == '+'));
        records.back().hash.scene = task + std::to_string(i);
      }
    }
    return records;
  }
  static std::vector<int> Four(const PairedCounts& counts) {
    return {counts.both, counts.lost, counts.won, counts.neither};
  }
  static RunInfo Info(const std::string& renderer = "software 1") {
    RunInfo info = SampleInfo();
    info.versions.renderer = renderer;
    return info;
  }
  void Write(const std::string& name, const RunInfo& info, const std::vector<EpisodeRecord>& records) {
    std::filesystem::create_directories(folder_ / name);
    WriteFileAtomically(folder_ / name / "run.json", ToJson(info).dump(2));
    WriteFileAtomically(folder_ / name / "episodes.jsonl", EpisodeLines(records));
  }
  Comparison Compared(const CompareOptions& options = {}) {
    return CompareRuns(folder_ / "base", folder_ / "run", options);
  }
  void ExpectRefused(std::initializer_list<std::string> parts) {
    ExpectError<InputError>([&] { Compared(); }, parts);
  }

  TempFolder folder_;
};

TEST_F(CompareTest, PairsByKeyAndCounts) {
  Write("base", Info(), Records({{"carry", "++--+"}, {"stack", "+-"}}));
  auto records = Records({{"carry", "+-+--"}, {"stack", "++"}});
  std::reverse(records.begin(), records.end());
  Write("run", Info(), records);
  const Comparison comparison = Compared();
  ASSERT_EQ(comparison.tasks.size(), 2U);
  const PairedCounts& carry = comparison.tasks[0].counts;
  EXPECT_EQ(comparison.tasks[0].task, "carry");
  EXPECT_EQ(Four(carry), (std::vector<int>{1, 2, 1, 1}));
  const PairedCounts& stack = comparison.tasks[1].counts;
  EXPECT_EQ(Four(stack), (std::vector<int>{1, 0, 1, 0}));
  const PairedCounts& all = comparison.all.counts;
  EXPECT_EQ(Four(all), (std::vector<int>{2, 2, 2, 1}));
  ASSERT_EQ(comparison.lost.size(), 2U);
  EXPECT_EQ(ToString(comparison.lost[0]), "carry.none.0.0001");
  EXPECT_EQ(ToString(comparison.lost[1]), "carry.none.0.0004");
  ASSERT_EQ(comparison.won.size(), 2U);
  EXPECT_EQ(ToString(comparison.won[1]), "stack.none.0.0001");
  EXPECT_FALSE(comparison.Worse());
  const std::string text = FormatComparison(comparison);
  for (const char* part : {"carry", "all episodes", "stack.none.0.0001", "not worse"}) {
    EXPECT_NE(text.find(part), std::string::npos) << part << " is not in\n" << text;
  }
  const nlohmann::json json = ToJson(comparison);
  EXPECT_EQ(json["tasks"][0]["lost"], 2);
  EXPECT_EQ(json["all"]["task"], nullptr);
  EXPECT_EQ(json["lost"].size(), 2U);
  EXPECT_EQ(json["worse"], false);
}

TEST_F(CompareTest, ARunAgainstItselfIsNotWorse) {
  Write("base", Info(), Records({{"carry", "++--"}}));
  Write("run", Info(), Records({{"carry", "++--"}}));
  const Comparison comparison = Compared({.alpha = 0.05, .margin = 0.0});
  EXPECT_FALSE(comparison.Worse());
  EXPECT_EQ(comparison.all.p, 1.0);
}

// Six lost and none won: p = 2/64 = 0.03125. Alone it counts; beside a second task Holm doubles it.
TEST_F(CompareTest, ATaskIsWorseWhenTheTestSaysSoAfterHolm) {
  const std::string good(30, '+'), bad = "------" + std::string(24, '+');
  const CompareOptions options{.alpha = 0.05, .margin = 1.0};  // only the tasks decide
  Write("base", Info(), Records({{"carry", good}}));
  Write("run", Info(), Records({{"carry", bad}}));
  EXPECT_TRUE(Compared(options).Worse());
  EXPECT_NE(Compared(options).worse_because.front().find("carry"), std::string::npos);
  EXPECT_FALSE(Compared({.alpha = 0.03, .margin = 1.0}).Worse());
  Write("base", Info(), Records({{"carry", good}, {"stack", "+-"}}));
  Write("run", Info(), Records({{"carry", bad}, {"stack", "+-"}}));
  EXPECT_NEAR(Compared(options).tasks[0].p_adjusted, 0.0625, 1e-12);
  EXPECT_FALSE(Compared(options).Worse());
  // Better by as much is not worse.
  Write("base", Info(), Records({{"carry", bad}}));
  Write("run", Info(), Records({{"carry", good}}));
  EXPECT_FALSE(Compared({.alpha = 0.05, .margin = 0.0}).Worse());
}

// Two tasks that each lose four of 40: p = 0.125 each, so no task decides; together eight of 80 lie below zero.
TEST_F(CompareTest, ManySmallDropsAreWorseOverall) {
  const std::string good(40, '+'), bad = "----" + std::string(36, '+');
  Write("base", Info(), Records({{"carry", good}, {"stack", good}}));
  Write("run", Info(), Records({{"carry", bad}, {"stack", bad}}));
  const Comparison comparison = Compared();
  ASSERT_EQ(comparison.worse_because.size(), 1U);
  EXPECT_NE(comparison.worse_because.front().find("over all episodes: -10.0 points"), std::string::npos);
  EXPECT_LT(comparison.all.interval.high, 0.0);
  EXPECT_FALSE(Compared({.alpha = 0.05, .margin = 0.11}).Worse());
  EXPECT_TRUE(Compared({.alpha = 0.05, .margin = 0.09}).Worse());
}

TEST_F(CompareTest, RefusesRunsUnderOtherConditions) {
  const auto records = Records({{"carry", "+-"}});
  Write("base", Info(), records);
  const auto with = [&](const std::function<void(RunInfo&)>& change) {
    RunInfo info = Info();
    change(info);
    Write("run", info, records);
  };
  with([](RunInfo& info) { info.versions.renderer = "gl (EGL, llvmpipe)"; });
  ExpectRefused({"run.json", "'versions.renderer'", "software 1", "gl (EGL, llvmpipe)"});
  with([](RunInfo& info) { info.suite = "core"; });
  ExpectRefused({"run.json", "'suite.name'", "quick", "core"});
  with([](RunInfo& info) { info.suite_version = 2; });
  ExpectRefused({"'suite.version'", "expected 1", "found 2"});
  with([](RunInfo& info) { info.seed = 7; });
  ExpectRefused({"'seed'", "expected 1", "found 7"});
  // A policy without cameras saw nothing of either renderer.
  with([](RunInfo& info) { info.versions.renderer = "none"; });
  EXPECT_FALSE(Compared().Worse());
}

TEST_F(CompareTest, RefusesOtherEpisodes) {
  Write("base", Info(), Records({{"carry", "+-+"}}));
  auto records = Records({{"carry", "+-+"}});
  records[1].hash.scene = "another";
  Write("run", Info(), records);
  ExpectRefused({"episodes.jsonl", "'hash.scene of carry.none.0.0001'", "carry1", "another"});
  records = Records({{"carry", "+-+"}});
  records[2].hash.initial_state = "another";
  Write("run", Info(), records);
  ExpectRefused({"'hash.initial_state of carry.none.0.0002'", "expected \"b\"", "another"});
  records = Records({{"carry", "+-+"}});
  records[0].instruction = "another";
  Write("run", Info(), records);
  ExpectRefused({"'instruction of carry.none.0.0000'", "another"});
  Write("run", Info(), Records({{"carry", "+-"}}));
  ExpectRefused({"run", "episodes.jsonl", "3 episodes", "found 2", "carry.none.0.0002"});
  Write("run", Info(), Records({{"carry", "+-++"}}));
  ExpectRefused({"base", "episodes.jsonl", "4 episodes", "found 3", "carry.none.0.0003"});
  records = Records({{"carry", "+-+"}});
  records.push_back(records.front());
  Write("run", Info(), records);
  ExpectRefused({"episodes.jsonl", "once", "carry.none.0.0000"});
  std::filesystem::remove(folder_ / "run" / "run.json");
  ExpectRefused({"run.json"});
}

}  // namespace
}  // namespace divla
