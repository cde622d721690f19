// Several runs beside each other: `divla report RUN RUN ...`. The first run is the base; where another one played the
// same episodes, the difference is counted over pairs.
#pragma once

#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "harness/compare/paired_clusters.h"
#include "harness/records/records.h"

namespace divla {

// What a report needs of one run folder.
struct LoadedRun {
  std::filesystem::path folder;
  RunInfo info;
  std::vector<EpisodeRecord> records;  // sorted by key
  RunSummary summary;                  // counted anew from the records, cells in the order of RUN/summary.json
};
// Throws InputError for a folder without run.json or episodes.jsonl, or with damaged ones.
LoadedRun LoadRun(const std::filesystem::path& folder);

struct SideDifference {
  PairedCounts counts;   // BASE: the first run, RUN: this one
  Interval interval;     // of counts.Difference() (Newcombe; of clusters where there are twins: PairedClusters)
  double p{1.0};         // McNemar's exact test, two-sided (likewise)
  double p_adjusted{1};  // Holm over the cells of this run; p itself for all episodes
};

struct SideEntry {
  int k{}, n{};
  Interval wilson;                           // of all episodes RunSummary::clustered where there are twins
  std::optional<SideDifference> difference;  // absent for the base and where no episode is the same
  int unpaired{};                            // episodes of this run without the same one in the base
};

struct SideRow {
  std::string task, axis;  // empty: all episodes
  int level{};
  std::vector<SideEntry> runs;  // in the order of the runs
};

struct SideBySide {
  std::vector<std::string> names;  // untrusted; of each run, all different: policy, control, folder where needed
  std::vector<RunInfo> infos;
  std::vector<SideRow> cells;
  SideRow all;
  std::vector<std::string> notes;  // why runs have no pairs
};

// Two episodes are the same when key, seed, scene, initial state and instruction are, and the policies' pictures came
// from one renderer. `runs` must not be empty.
SideBySide CompareSideBySide(const std::vector<LoadedRun>& runs);

nlohmann::json ToJson(const SideBySide& sides);
std::string FormatSideBySideMarkdown(const SideBySide& sides);
std::string FormatSideBySideHtml(const SideBySide& sides);

}  // namespace divla
