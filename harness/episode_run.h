// One episode that was played by hand (in the viewer) as a run folder, like any other: run.json, episodes.jsonl, logs/,
// frames/, summary.json, report. It is of no suite, has no plan of cells, and says what a person changed.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "harness/agent.h"
#include "harness/control.h"
#include "harness/edits.h"
#include "harness/log.h"
#include "harness/records/records.h"
#include "harness/run_folder.h"

namespace divla {

struct EpisodeRunRequest {
  std::string policy;  // as given to --policy
  bool strict{};
  Control control{Control::kNone};
  std::vector<std::string> command;  // that plays the episode, before a person changed it
  std::vector<EditsAt> edited;       // in the order of their steps; empty: nobody did
};

// Makes `run` (as CreateRunFolder) and writes everything. `record` and `log` are of one closed episode that `agent`
// played. Throws as CreateRunFolder, DescribeRun and RunFolder do.
void WriteEpisodeRun(const std::filesystem::path& run, const EpisodeRunRequest& request, const Agent& agent,
                     const EpisodeRecord& record, const EpisodeLog& log, const EpisodeFrames& frames);

}  // namespace divla
