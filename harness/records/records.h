// The records of a run: what an episode, a run and a summary are, and their JSON (design section 6: the run folder is a
// contract). Plain data with no behaviour; statistics (harness/summary.h) and reports (harness/report/) are made from
// these and nothing else.
//
//   RUN/run.json                    RunInfo
//   RUN/episodes.jsonl              one EpisodeRecord a line, sorted by key, canonical JSON (harness/canonical_json.h)
//   RUN/summary.json                RunSummary
//   RUN/logs/KEY.bin                EpisodeLog (harness/log.h): actions, states, reasoning
//   RUN/frames/KEY.first.png, .last.png   the robot's first camera at the start and at the end, 320x240, when frames
//   are on
// KEY is ToString(EpisodeKey). Reading is strict: an unknown, missing or ill-typed key is an InputError naming file,
// line and key.
#pragma once

#include <filesystem>
#include <vector>

#include "harness/records/episode_record.h"
#include "harness/records/run_info.h"
#include "harness/records/run_summary.h"

namespace divla {

// Files of a run folder. Reading throws InputError naming file, line and key.
std::filesystem::path LogPath(const std::filesystem::path& run, const EpisodeKey& key);
std::filesystem::path FirstFramePath(const std::filesystem::path& run, const EpisodeKey& key);
std::filesystem::path LastFramePath(const std::filesystem::path& run, const EpisodeKey& key);
RunInfo ReadRunInfo(const std::filesystem::path& run);
std::vector<EpisodeRecord> ReadEpisodes(const std::filesystem::path& run);
RunSummary ReadRunSummary(const std::filesystem::path& run);

}  // namespace divla
