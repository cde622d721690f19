// Tests for harness/report/data.cc.
#include "harness/report/data.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "harness/file_write.h"
#include "harness/film_strip.h"
#include "harness/report/png.h"
#include "harness/run_folder.h"
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
  ReportData Load() { return LoadReportData(folder_, run_.info, run_.records, run_.summary, folder_); }

  const testing::SampleRun run_ = testing::MakeSampleRun(2);
  const TempFolder own_;  // CTest runs these tests side by side
  const std::filesystem::path folder_ = own_ / "run";
};

TEST_F(LoadReportDataTest, BringsFramesAndTextsOfEveryEpisode) {
  const ReportData data = Load();
  ASSERT_EQ(data.episodes.size(), run_.records.size());
  for (const EpisodeView& view : data.episodes) {
    ASSERT_EQ(view.frames.size(), 2U);
    EXPECT_EQ(view.frames[0].step, 0);
    EXPECT_EQ(view.frames[1].step, view.record.steps);
    for (const ReportFrame& frame : view.frames) EXPECT_FALSE(frame.png.empty());
    EXPECT_FALSE(view.reasoning.empty());
  }
}

TEST_F(LoadReportDataTest, LeavesOutWhatWasNotKept) {
  std::filesystem::remove_all(folder_ / "frames");
  std::filesystem::remove_all(folder_ / "logs");
  const ReportData data = Load();
  ASSERT_EQ(data.episodes.size(), run_.records.size());
  EXPECT_TRUE(data.episodes.front().frames.empty());
  EXPECT_TRUE(data.episodes.front().reasoning.empty());
}

TEST_F(LoadReportDataTest, FindsThePicturesBetweenAndPutsThemInOrder) {
  const EpisodeRecord& record = run_.records[1];
  for (const int step : {64, 16, 32, record.steps + 16}) {  // the last one belongs to no step of this episode
    WriteFileAtomically(StripFramePath(folder_, record.key, step), EncodePng(testing::SamplePicture(step, false)));
  }
  WriteFileAtomically(folder_ / "frames" / (ToString(record.key) + ".step-x.png"), "not a picture of ours");
  const ReportData data = Load();
  std::vector<int> steps;
  for (const ReportFrame& frame : data.episodes[1].frames) steps.push_back(frame.step);
  EXPECT_EQ(steps, (std::vector<int>{0, 16, 32, 64, record.steps}));
  EXPECT_EQ(data.episodes[1].frames[2].png, EncodePng(testing::SamplePicture(32, false)));
  EXPECT_EQ(data.episodes[0].frames.size(), 2U);
}

TEST_F(LoadReportDataTest, ReadsTheControlsOfTheFolder) {
  EXPECT_TRUE(Load().controls.empty());
  std::vector<EpisodeRecord> played = run_.records;
  for (EpisodeRecord& record : played) {
    record.success = false;
    record.instruction = "";  // as this control gives it
    record.control.emplace();
    record.control->name = "blank_instruction";
    record.control->applies = true;
  }
  const std::filesystem::path control = ControlFolder(folder_, Control::kBlankInstruction);
  std::filesystem::create_directories(control);
  WriteFileAtomically(control / "episodes.jsonl", EpisodeLines(played));
  RunSummary summary = run_.summary;
  summary.interrupted = true;
  WriteFileAtomically(control / "summary.json", ToJson(summary).dump());
  EXPECT_TRUE(Load().controls.empty());  // half a control answers nothing
  summary.interrupted = false;
  WriteFileAtomically(control / "summary.json", ToJson(summary).dump());
  const ReportData data = Load();
  ASSERT_EQ(data.controls.size(), 1U);
  EXPECT_EQ(data.controls[0].all.counts.lost, run_.summary.k);
}

TEST(PictureUseTest, KeepsAPageSmallEnoughToOpen) {
  EXPECT_EQ(PictureUseFor(kEmbeddedBytes), PictureUse::kEmbedded);
  EXPECT_EQ(PictureUseFor(kEmbeddedBytes + 1), PictureUse::kHalved);
  EXPECT_EQ(PictureUseFor(kHalvedBytes), PictureUse::kHalved);
  EXPECT_EQ(PictureUseFor(kHalvedBytes + 1), PictureUse::kLinked);
}

// A page elsewhere has to say where the run is; a page in the run folder sees it, however the folder is named.
TEST_F(LoadReportDataTest, NamesTheFolderAsGivenForAPageElsewhere) {
  EXPECT_EQ(Load().folder, "");
  const auto folder_for = [&](const std::filesystem::path& run, const std::filesystem::path& page) {
    return LoadReportData(run, run_.info, run_.records, run_.summary, page).folder;
  };
  const std::filesystem::path given = own_ / "other/../run/";
  std::filesystem::create_directories(own_ / "other");
  EXPECT_EQ(folder_for(given, own_ / "run"), "");
  EXPECT_EQ(folder_for(given, own_ / "other"), given.string());
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
