#include "harness/records.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>

#include "harness/json_fields.h"
#include "sim/check.h"

namespace divla {
namespace {

std::filesystem::path Named(const std::filesystem::path& run, const char* folder, const EpisodeKey& key,
                            const char* suffix) {
  return run / folder / (ToString(key) + suffix);
}

}  // namespace

const char* ToString(ReportFrames frames) {
  switch (frames) {
    case ReportFrames::kNone:
      return "none";
    case ReportFrames::kAll:
      return "all";
    case ReportFrames::kStrip:
      return "strip";
  }
  return "";
}

ReportFrames ReportFramesNamed(const std::string& name, const std::string& where) {
  for (const ReportFrames frames : {ReportFrames::kNone, ReportFrames::kAll, ReportFrames::kStrip}) {
    if (name == ToString(frames)) return frames;
  }
  throw InputError(fmt::format("{}: expected all, strip or none, found '{}'", where, name));
}

const char* ToString(RunVideos videos) {
  switch (videos) {
    case RunVideos::kNone:
      return "none";
    case RunVideos::kFailures:
      return "failures";
    case RunVideos::kAll:
      return "all";
  }
  return "";
}

RunVideos RunVideosNamed(const std::string& name, const std::string& where) {
  for (const RunVideos videos : {RunVideos::kNone, RunVideos::kFailures, RunVideos::kAll}) {
    if (name == ToString(videos)) return videos;
  }
  throw InputError(fmt::format("{}: expected none, failures or all, found '{}'", where, name));
}

const char* ToString(LatencyPlay play) { return play == LatencyPlay::kHold ? "hold" : "chunk"; }

LatencyPlay LatencyPlayNamed(const std::string& name, const std::string& where) {
  for (const LatencyPlay play : {LatencyPlay::kHold, LatencyPlay::kChunk}) {
    if (name == ToString(play)) return play;
  }
  throw InputError(fmt::format("{}: expected hold or chunk, found '{}'", where, name));
}

int SimulatedLatency::Steps() const {
  constexpr int kStepMilliseconds = static_cast<int>(kControlPeriod * 1000);
  return (milliseconds + kStepMilliseconds - 1) / kStepMilliseconds;
}

bool KeepsVideo(RunVideos videos, const EpisodeRecord& record) {
  return videos == RunVideos::kAll || (videos == RunVideos::kFailures && !record.success);
}

const char* ToString(Termination termination) {
  switch (termination) {
    case Termination::kSuccess:
      return "success";
    case Termination::kHorizon:
      return "horizon";
    case Termination::kDiverged:
      return "diverged";
    case Termination::kPolicyError:
      return "policy_error";
  }
  DIVLA_CHECK(false, "unknown termination");
}

bool KeyLess(const EpisodeKey& a, const EpisodeKey& b) { return ToString(a) < ToString(b); }

std::filesystem::path LogPath(const std::filesystem::path& run, const EpisodeKey& key) {
  return Named(run, "logs", key, ".bin");
}
std::filesystem::path FirstFramePath(const std::filesystem::path& run, const EpisodeKey& key) {
  return Named(run, "frames", key, ".first.png");
}
std::filesystem::path LastFramePath(const std::filesystem::path& run, const EpisodeKey& key) {
  return Named(run, "frames", key, ".last.png");
}

RunInfo ReadRunInfo(const std::filesystem::path& run) {
  const auto file = run / "run.json";
  const std::string where = "file " + file.string();
  return RunInfoFromJson(ParseJson(ReadTextFile(file), where), where);
}

RunSummary ReadRunSummary(const std::filesystem::path& run) {
  const auto file = run / "summary.json";
  const std::string where = "file " + file.string();
  return RunSummaryFromJson(ParseJson(ReadTextFile(file), where), where);
}

std::vector<EpisodeRecord> ReadEpisodes(const std::filesystem::path& run) {
  const auto file = run / "episodes.jsonl";
  const std::string text = ReadTextFile(file);
  std::vector<EpisodeRecord> records;
  std::size_t start = 0;
  for (int line = 1; start < text.size(); ++line) {
    const std::size_t end = std::min(text.find('\n', start), text.size());
    const std::string where = fmt::format("file {} line {}", file.string(), line);
    records.push_back(
        EpisodeRecordFromJson(ParseJson(std::string_view(text).substr(start, end - start), where), where));
    start = end + 1;
  }
  return records;
}

double PictureAspect(const RunInfo& info, const std::string& robot) {
  if (!info.pictures) return 1.0;
  for (const PolicyPictures& pictures : info.pictures->policy) {
    if (pictures.robot == robot) return pictures.Aspect();
  }
  return 1.0;
}

}  // namespace divla
