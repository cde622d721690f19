#include "harness/compare/compare_sequential.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <set>

#include "harness/file_write.h"
#include "harness/run_folder.h"
#include "sim/check.h"
#include "tests/harness/expect_error.h"
#include "tests/harness/sample_records.h"
#include "tests/harness/temp_folder.h"

namespace divla {
namespace {

class SequentialTest : public testing::Test {
 protected:
  // The first `successes` of `count` episodes succeed.
  void Write(const std::string& name, int count, int successes, std::uint64_t seed = 1) {
    RunInfo info = SampleInfo();
    info.seed = seed;
    std::vector<EpisodeRecord> records;
    for (int i = 0; i < count; ++i) records.push_back(SampleRecord("carry", i, i < successes));
    std::filesystem::create_directories(folder_ / name);
    WriteFileAtomically(folder_ / name / "run.json", ToJson(info).dump(2));
    WriteFileAtomically(folder_ / name / "episodes.jsonl", EpisodeLines(records));
  }
  SequentialComparison Compared(const SequentialOptions& options = {}) {
    return CompareSequentially(folder_ / "base", folder_ / "run", options);
  }
  TempFolder folder_;
};

TEST_F(SequentialTest, TakesThePairsInAnOrderOfTheSeedAndNotOfTheOutcomes) {
  Write("base", 60, 60);
  Write("run", 60, 60);
  const SequentialComparison same = Compared();
  EXPECT_EQ(same.result.verdict, SequentialVerdict::kInconclusive);
  ASSERT_EQ(same.order.size(), 60U);
  std::set<int> indices;
  bool sorted = true;
  for (std::size_t i = 0; i < same.order.size(); ++i) {
    indices.insert(same.order[i].key.index);
    sorted = sorted && same.order[i].key.index == static_cast<int>(i);
  }
  EXPECT_EQ(indices.size(), 60U);
  EXPECT_FALSE(sorted);
  Write("run", 60, 20);
  const SequentialComparison worse = Compared();
  EXPECT_EQ(worse.result.verdict, SequentialVerdict::kWorse);
  EXPECT_TRUE(worse.Worse());
  ASSERT_LT(worse.order.size(), 60U);
  for (std::size_t i = 0; i < worse.order.size(); ++i) EXPECT_EQ(worse.order[i].key, same.order[i].key);
  Write("base", 60, 60, 2);
  Write("run", 60, 60, 2);
  EXPECT_NE(ToString(Compared().order[0].key) + ToString(Compared().order[1].key),
            ToString(same.order[0].key) + ToString(same.order[1].key));
}

TEST_F(SequentialTest, SaysVerdictPairsAndTrajectory) {
  Write("base", 60, 60);
  Write("run", 60, 20);
  const SequentialComparison comparison = Compared();
  const std::string text = FormatSequential(comparison);
  EXPECT_NE(text.find("worse after " + std::to_string(comparison.result.decided_after) + " pairs"), std::string::npos)
      << text;
  const nlohmann::json json = ToJson(comparison);
  EXPECT_EQ(json["verdict"], "worse");
  EXPECT_EQ(json["trajectory"].size(), comparison.order.size());
  EXPECT_LT(json["trajectory"].back()["interval"][1], 0.0);
  EXPECT_EQ(json["budget"], 60);
  Write("run", 60, 60);
  EXPECT_NE(FormatSequential(Compared()).find("inconclusive after 60 pairs"), std::string::npos);
  EXPECT_EQ(ToJson(Compared())["decided_after"], nullptr);
  EXPECT_NE(FormatSequential(Compared({.margin = 0.2})).find("equivalent after "), std::string::npos);
}

// 60 pairs of 20 scenes, each with two twins; all of a scene fall out alike.
TEST_F(SequentialTest, LooksAtAnEpisodeWithAllItsTwins) {
  const auto write = [&](const std::string& name, int successes) {
    std::vector<EpisodeRecord> records;
    for (int i = 0; i < 60; ++i) {
      records.push_back(SampleRecord("carry", i / 3, i / 3 < successes));
      if (i % 3 > 0) records.back().key = {"carry", "object_size", i % 3, i / 3};
    }
    Write(name, 0, 0);
    WriteFileAtomically(folder_ / name / "episodes.jsonl", EpisodeLines(records));
  };
  write("base", 20);
  write("run", 0);
  const SequentialComparison comparison = Compared();
  EXPECT_EQ(comparison.scenes, 20);
  EXPECT_EQ(comparison.pairs, 60);
  // Twenty single pairs, all lost, are decided as soon.
  Write("base", 20, 20);
  Write("run", 20, 0);
  const SequentialComparison single = Compared();
  EXPECT_EQ(comparison.result.verdict, SequentialVerdict::kWorse);
  EXPECT_EQ(comparison.result.decided_after, single.result.decided_after);
  EXPECT_EQ(comparison.order.front().pairs, 3);
  const std::string text = FormatSequential(comparison);
  EXPECT_NE(text.find("20 scenes in a shuffled order"), std::string::npos) << text;
  EXPECT_NE(text.find("counts by their mean: 60 pairs"), std::string::npos) << text;
  EXPECT_EQ(ToJson(comparison)["trajectory"][0]["pairs"], 3);
  EXPECT_FALSE(ToJson(single)["trajectory"][0].contains("pairs"));
  write("base", 20);
  write("run", 19);
  EXPECT_EQ(Compared({.budget = 8}).order.size(), 2U);  // 6 pairs; a third scene would be 9
  ExpectError<InputError>([&] { Compared({.budget = 2}); }, {"--budget", "at least the 3", "found 2"});
}

TEST_F(SequentialTest, KeepsToItsBudgetAndRefusesMoreThanThereIs) {
  Write("base", 60, 60);
  Write("run", 60, 59);
  EXPECT_EQ(Compared({.budget = 7}).order.size(), 7U);
  ExpectError<InputError>([&] { Compared({.budget = 61}); }, {"--budget", "60", "61"});
  Write("run", 59, 59);
  ExpectError<InputError>([&] { Compared(); }, {"59"});
  Write("base", 0, 0);
  Write("run", 0, 0);
  ExpectError<InputError>([&] { Compared(); }, {"at least one episode"});
}

}  // namespace
}  // namespace divla
