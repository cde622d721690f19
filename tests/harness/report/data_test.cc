// Tests for harness/report/data.cc.
#include "harness/report/data.h"

#include <gtest/gtest.h>

#include "harness/file_write.h"
#include "sim/check.h"
#include "tests/harness/report/sample_run.h"
#include "tests/harness/temp_folder.h"

namespace divla {
namespace {

ReasoningEntry Entry(int step, const std::string& said, bool correct, const std::string& truth) {
  return {.step = step,
          .correct = correct,
          .faithful = correct,
          .said = said,
          .grounded = said,
          .truth = truth,
          .required = {}};
}

TEST(JoinReasoningTest, JoinsWhatIsSaidAgainAndKeepsEveryChange) {
  const std::vector<ReasoningSpan> spans =
      JoinReasoning({Entry(0, "left", true, "left"), Entry(8, "left", true, "left again"),
                     Entry(16, "left", false, "right"), Entry(24, "left", false, "up"), Entry(32, "up", true, "up")},
                    40);
  ASSERT_EQ(spans.size(), 4U);
  EXPECT_EQ(spans[0].first_step, 0);
  EXPECT_EQ(spans[0].last_step, 15);
  EXPECT_EQ(spans[0].queries, 2);
  EXPECT_FALSE(spans[1].correct);
  EXPECT_EQ(spans[1].truth, "right");
  EXPECT_EQ(spans[2].truth, "up");
  EXPECT_EQ(spans[3].last_step, 39);
  int queries = 0;
  for (const ReasoningSpan& span : spans) queries += span.queries;
  EXPECT_EQ(queries, 5);
}

TEST(JoinReasoningTest, GivesNothingForAPolicyThatDoesNotReason) {
  EXPECT_TRUE(JoinReasoning({Entry(0, "", false, "left"), Entry(8, "", false, "left")}, 16).empty());
  EXPECT_TRUE(JoinReasoning({}, 16).empty());
}

class LoadReportDataTest : public ::testing::Test {
 protected:
  void SetUp() override { testing::WriteSampleFolder(folder_, run_); }
  ReportData Load() { return LoadReportData(folder_, run_.info, run_.records, run_.summary); }

  const testing::SampleRun run_ = testing::MakeSampleRun(2);
  const TempFolder own_;  // CTest runs these tests side by side
  const std::filesystem::path folder_ = own_ / "run";
};

TEST_F(LoadReportDataTest, BringsFramesAndTextsOfEveryEpisode) {
  const ReportData data = Load();
  ASSERT_EQ(data.episodes.size(), run_.records.size());
  for (const EpisodeView& view : data.episodes) {
    EXPECT_FALSE(view.first_frame.empty());
    EXPECT_FALSE(view.last_frame.empty());
    EXPECT_FALSE(view.reasoning.empty());
  }
}

TEST_F(LoadReportDataTest, LeavesOutWhatWasNotKept) {
  std::filesystem::remove_all(folder_ / "frames");
  std::filesystem::remove_all(folder_ / "logs");
  const ReportData data = Load();
  ASSERT_EQ(data.episodes.size(), run_.records.size());
  EXPECT_TRUE(data.episodes.front().first_frame.empty());
  EXPECT_TRUE(data.episodes.front().reasoning.empty());
}

TEST_F(LoadReportDataTest, RefusesADamagedFrameAndADamagedLog) {
  const std::filesystem::path frame = FirstFramePath(folder_, run_.records[1].key);
  WriteFileAtomically(frame, "GIF89a, not a PNG");
  try {
    Load();
    FAIL() << "took a GIF";
  } catch (const InputError& error) {
    EXPECT_NE(std::string(error.what()).find(frame.string()), std::string::npos) << error.what();
  }
  std::filesystem::remove(frame);
  WriteFileAtomically(LogPath(folder_, run_.records[1].key), "DIVLALOG");
  EXPECT_THROW(Load(), InputError);
}

}  // namespace
}  // namespace divla
