// One run, new or gone on with: what it is (run.json), then its unfinished groups, then what is made from all of its
// records. A run folder goes the same way whether it was stopped or not, so its bytes are the same.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "harness/agent.h"
#include "harness/control.h"
#include "harness/evaluation.h"
#include "harness/progress.h"
#include "harness/records/records.h"
#include "harness/run_folder.h"
#include "harness/suite.h"

namespace divla {

struct RunRequest {
  std::string policy;  // as given to --policy; of a control that lets another one play, that one
  Control control{Control::kNone};
  bool strict{};
  RendererKind renderer{RendererKind::kSoftware};
  ReportFrames frames{ReportFrames::kAll};
  RunVideos videos{RunVideos::kNone};
  int workers{1};
  std::optional<Shard> shard;
  std::vector<std::string> command;  // argv
  SimulatedLatency latency{};
};

// The run.json of a run that starts now. `agent` is asked what it wants to see of each robot of the suite (one scene of
// each is built). Throws InputError for a policy that does not know a robot and for a shard without a group,
// MachineError when the renderer cannot be made.
RunInfo DescribeRun(const Suite& suite, const RunRequest& request, const Agent& agent);

struct RunOutcome {
  std::vector<EpisodeRecord> records;  // so far, sorted by key
  RunSummary summary;
  bool stopped{};  // by evaluation.stop
  int kept{};      // episodes that were finished before
  int ran{};       // episodes of the groups that were run now, those that were only compared included
};

// What is left to do in a folder that was just opened.
std::vector<Group> GroupsLeft(const RunFolder& folder);

// Runs `left` (of GroupsLeft) and writes episodes.jsonl and summary.json where they do not hold the right bytes already;
// reports are the caller's, who knows whether controls follow (harness/report/report.h). `suite` is the folder's, `note` is called after each episode was written; it and `progress` may be
// empty. Throws as Evaluate and RunFolder do; what is finished then stays.
RunOutcome RunGroups(RunFolder& folder, const Suite& suite, const std::vector<Group>& left,
                     const AgentFactory& make_agent, EvaluationOptions evaluation, const EpisodeSink& note,
                     Progress* progress);

}  // namespace divla
