// The episodes that two runs both played, as pairs; and whether they may be compared at all.
#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "harness/records/records.h"

namespace divla {

using EpisodesByKey = std::map<std::string, EpisodeRecord>;  // by ToString(key): the order of the run folder

// Throws InputError, naming file, line and key, for a damaged file or an episode that is there twice.
EpisodesByKey ReadByKey(const std::filesystem::path& run);

// What other rules judged says nothing, in pairs or not. Throws InputError naming `file`, which is the run's.
void RequireSameRules(const std::filesystem::path& file, const RunInfo& base, const RunInfo& run,
                      const std::string& task);

struct EpisodePair {
  EpisodeRecord base, run;
};
// By ToString(key). Throws InputError, naming file, key and both values, when the runs are no pairs (CompareRuns says when)
// or share no episode.
std::map<std::string, EpisodePair> PairEpisodes(const std::filesystem::path& base, const std::filesystem::path& run);

}  // namespace divla
