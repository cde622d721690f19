#include "harness/records/run_choices.h"

#include <fmt/format.h>

#include "sim/check.h"
#include "tasks/task.h"

namespace divla {

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

}  // namespace divla
