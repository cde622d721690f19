// What whoever starts a run chooses by name: which pictures and videos are kept, and how long answers take. A choice
// changes the run folder, and of these only the latency what happens in it.
#pragma once

#include <string>

namespace divla {

// Which pictures of an episode are kept in frames/ for the report.
enum class ReportFrames {
  kNone,
  kAll,    // the first and the last one
  kStrip,  // and up to FilmStrip::kMost in between
};
const char* ToString(ReportFrames frames);  // "none", "all", "strip"
// Throws InputError that begins with `where`.
ReportFrames ReportFramesNamed(const std::string& name, const std::string& where);

// Of which episodes a video is recorded, in videos/.
enum class RunVideos {
  kNone,
  kFailures,  // those without success at the end
  kAll,
};
const char* ToString(RunVideos videos);  // "none", "failures", "all"
// Throws InputError that begins with `where`.
RunVideos RunVideosNamed(const std::string& name, const std::string& where);

// What the arm does while an answer is not there yet.
enum class LatencyPlay {
  kHold,   // stays at its last command; the new chunk then begins with its first action
  kChunk,  // goes on with the old chunk, and holds where that ends; of the new one the actions whose time has passed are
           // skipped
};
const char* ToString(LatencyPlay play);  // "hold", "chunk"
// Throws InputError that begins with `where`.
LatencyPlay LatencyPlayNamed(const std::string& name, const std::string& where);

// How long a policy's answers take in simulated time, so that a slow policy gives the same episodes on any machine.
inline constexpr int kMostLatency = 60000;  // ms
struct SimulatedLatency {
  int milliseconds{};  // 0: none; answers come at the first control step that begins no earlier
  LatencyPlay play{LatencyPlay::kHold};
  int Steps() const;  // control steps from a query to the first action of its answer
  bool operator==(const SimulatedLatency&) const = default;
};

}  // namespace divla
