// Videos of a run: what is in them, which episodes have one, and that they go with the run wherever it goes.
#include "harness/episode_video.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <fstream>
#include <iterator>

#include "harness/merge.h"
#include "harness/policy_view.h"
#include "harness/proof/publish.h"
#include "harness/report/png.h"
#include "sim/render/picture_difference.h"
#include "tests/harness/expect_error.h"
#include "tests/harness/small_run.h"
#include "tests/harness/temp_folder.h"
#include "tests/support/read_video.h"

namespace divla {
namespace {

namespace fs = std::filesystem;

SmallRun WithVideos(RunVideos videos) {
  SmallRun run;
  run.videos = videos;
  return run;
}

Image Crop(const Image& image, int left, int top, int height, int width) {
  Image part{height, width, {}};
  for (int y = top; y < top + height; ++y) {
    const auto row = image.rgb.begin() + static_cast<std::ptrdiff_t>(y) * image.width * 3 + left * 3;
    part.rgb.insert(part.rgb.end(), row, row + width * 3);
  }
  return part;
}

// How near a picture is to the place of a bigger one where it fits best, at its left edge.
double BestPsnr(const Image& page, const Image& picture) {
  double best = 0;
  for (int top = 0; top + picture.height <= page.height; ++top) {
    best = std::max(best, ComparePictures(Crop(page, 0, top, picture.height, picture.width), picture).psnr);
  }
  return best;
}

Image ReadPng(const fs::path& file) {
  const std::string bytes = ReadTextFile(file);
  return DecodePng(std::as_bytes(std::span(bytes)), file.string());
}

int CountFiles(const fs::path& folder) {
  return fs::exists(folder) ? static_cast<int>(std::distance(fs::directory_iterator(folder), {})) : 0;
}

// Succeeds in every second episode as soon as the goal was held: the task itself says so.
class EverySecondSucceeds final : public Task {
 public:
  explicit EverySecondSucceeds(const std::string& name) : task_(name, 20) {}
  const TaskSpec& Spec() const override { return task_.Spec(); }
  EpisodePlan Draw(std::uint64_t seed, const EpisodeKey& key) const override { return task_.Draw(seed, key); }
  Scene Build(const EpisodePlan& plan) const override { return task_.Build(plan); }
  std::vector<Premise> Premises(const Scene&, const EpisodePlan&) const override { return {}; }
  TaskStatus Status(const Scene& scene, const EpisodePlan& plan) const override {
    TaskStatus status = task_.Status(scene, plan);
    status.goal = plan.key.index % 2 == 0;
    return status;
  }
  GroundTruth Truth(const Scene& scene, const EpisodePlan& plan) const override { return task_.Truth(scene, plan); }
  std::vector<Alternative> Alternatives(const Scene& scene, const EpisodePlan& plan) const override {
    return task_.Alternatives(scene, plan);
  }
  std::unique_ptr<Expert> MakeExpert(const EpisodePlan& plan) const override { return task_.MakeExpert(plan); }
  Wordings Words(const EpisodePlan& plan) const override { return task_.Words(plan); }

 private:
  ShortTask task_;
};

std::map<std::string, std::string> VideosOf(const fs::path& run) {
  auto files = Results(run);
  std::erase_if(files, [](const auto& file) { return !file.first.starts_with("videos"); });
  return files;
}

class EpisodeVideoTest : public testing::Test {
 protected:
  TempFolder folder_;
};

TEST_F(EpisodeVideoTest, ShowsTheEpisodeFromItsFirstToItsLastPicture) {
  const fs::path path = folder_ / "run";
  SmallRun run = WithVideos(RunVideos::kAll);
  run.horizon = 8;
  const RunOutcome outcome = run.Go(path);
  EXPECT_EQ(ReadRunInfo(path).pictures->videos, RunVideos::kAll);
  ASSERT_EQ(outcome.records.size(), 5U);
  EXPECT_EQ(CountFiles(path / "videos"), 5);
  for (const EpisodeRecord& record : outcome.records) {
    const ReadVideo video = DecodeVideo(path / "videos" / (ToString(record.key) + ".mp4"));
    EXPECT_EQ(video.codec, "h264");
    EXPECT_DOUBLE_EQ(video.fps, 20.0);  // the control rate: real time
    ASSERT_EQ(static_cast<int>(video.pictures.size()), record.steps + kVideoEndPictures);
    EXPECT_GE(video.pictures[0].width, 2 * kReportWidth);  // the policy's pictures are 24x32: the report's shape
    // The film strip's first and last picture were drawn, compressed and read on another way.
    const Image first = ReadPng(FirstFramePath(path, record.key)), last = ReadPng(LastFramePath(path, record.key));
    EXPECT_GT(BestPsnr(video.pictures.front(), first), 30.0);
    EXPECT_GT(BestPsnr(video.pictures.back(), last), 30.0);
  }
}

TEST_F(EpisodeVideoTest, TheReportPlaysThoseThatAreThere) {
  const fs::path path = folder_ / "run";
  const RunOutcome outcome = WithVideos(RunVideos::kAll).Go(path);
  const std::string page = ReadTextFile(path / "report.html");
  EXPECT_NE(page.find("media-src"), std::string::npos);  // or the page's own policy forbids them
  for (const EpisodeRecord& record : outcome.records) {
    EXPECT_NE(page.find("\"video\":\"videos/" + ToString(record.key) + ".mp4\""), std::string::npos);
  }
  fs::remove(VideoPath(path, outcome.records[0].key));
  WriteReports(path, ReadRunInfo(path), outcome.records, outcome.summary);
  const std::string without = ReadTextFile(path / "report.html");
  EXPECT_EQ(without.find("videos/" + ToString(outcome.records[0].key)), std::string::npos);
  EXPECT_NE(without.find("videos/" + ToString(outcome.records[1].key)), std::string::npos);
}

TEST_F(EpisodeVideoTest, OfFailuresOnly) {
  const EverySecondSucceeds task("cube_to_coloured_box");
  SmallRun run;
  fs::create_directories(folder_ / "videos");
  EvaluationOptions options{
      .workers = 2, .frames = ReportFrames::kNone, .stop = {}, .find_task = [&](const std::string&) -> const Task& {
        return task;
      }};
  options.videos = RunVideos::kFailures;
  options.run = folder_.Path();
  const EvaluationResult result = Evaluate(run.suite, run.Agents(), options, {}, nullptr);
  int failed = 0;
  for (const EpisodeRecord& record : result.records) {
    EXPECT_EQ(record.success, record.key.index % 2 == 0);
    EXPECT_EQ(fs::exists(VideoPath(folder_.Path(), record.key)), !record.success) << ToString(record.key);
    failed += record.success ? 0 : 1;
  }
  EXPECT_EQ(failed, 2);
  EXPECT_EQ(CountFiles(folder_ / "videos"), failed);
}

TEST_F(EpisodeVideoTest, NoneWithoutBeingAsked) {
  SmallRun().Go(folder_ / "run");
  EXPECT_FALSE(fs::exists(folder_ / "run" / "videos"));
  EXPECT_EQ(ReadTextFile(folder_ / "run" / "run.json").find("videos"), std::string::npos);
}

TEST_F(EpisodeVideoTest, AMissingOneIsMadeAgainByResume) {
  const fs::path path = folder_ / "run";
  const SmallRun run = WithVideos(RunVideos::kAll);
  const RunOutcome outcome = run.Go(path);
  const auto whole = Results(path);
  fs::remove(VideoPath(path, outcome.records[3].key));
  std::ofstream(VideoPath(path, outcome.records[0].key).string() + ".tmp") << "half of one";  // of a killed process
  const RunOutcome again = run.Go(path, RunStart::kResume);
  EXPECT_GT(again.ran, 0);
  EXPECT_LT(again.ran, 5);
  EXPECT_EQ(Results(path), whole);
  EXPECT_EQ(run.Go(path, RunStart::kResume).ran, 0);
  ExpectError<InputError>([&] { WithVideos(RunVideos::kNone).Go(path, RunStart::kResume); },
                          {"run.json", "key 'pictures'", "\"videos\":\"all\""});
}

TEST_F(EpisodeVideoTest, AStoppedRunLeavesWholeVideosOnly) {
  const fs::path path = folder_ / "run";
  SmallRun run = WithVideos(RunVideos::kAll);
  std::atomic<int> asked{0};
  run.stop = [&] { return ++asked > 9; };
  const RunOutcome outcome = run.Go(path);
  ASSERT_TRUE(outcome.stopped);
  EXPECT_LT(outcome.records.size(), 5U);
  EXPECT_EQ(CountFiles(path / "videos"), static_cast<int>(outcome.records.size()));
  for (const EpisodeRecord& record : outcome.records) EXPECT_TRUE(fs::exists(VideoPath(path, record.key)));
  run.stop = {};
  run.Go(path, RunStart::kResume);
  WithVideos(RunVideos::kAll).Go(folder_ / "whole");
  EXPECT_EQ(VideosOf(path), VideosOf(folder_ / "whole"));
}

TEST_F(EpisodeVideoTest, ShardsAndWorkersGiveTheBytesOfTheWhole) {
  SmallRun run = WithVideos(RunVideos::kAll);
  run.Go(folder_ / "whole");
  const auto expected = VideosOf(folder_ / "whole");
  EXPECT_EQ(expected.size(), 5U);
  run.workers = 3;
  run.Go(folder_ / "workers");
  EXPECT_EQ(VideosOf(folder_ / "workers"), expected);
  run.workers = 1;
  std::vector<fs::path> shards;
  for (const int index : {1, 2}) {
    run.shard = Shard{index, 2};
    shards.push_back(folder_ / std::to_string(index));
    run.Go(shards.back());
  }
  EXPECT_TRUE(MergeRuns(shards, folder_ / "merged").missing.empty());
  EXPECT_EQ(VideosOf(folder_ / "merged"), expected);
  PublishRun(folder_ / "merged", folder_ / "published");
  EXPECT_FALSE(fs::exists(folder_ / "published" / "videos"));
}

}  // namespace
}  // namespace divla
