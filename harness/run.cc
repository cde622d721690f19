#include "harness/run.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "harness/command_words.h"
#include "harness/policy_view.h"
#include "harness/provenance.h"
#include "harness/summary.h"
#include "sim/check.h"
#include "sim/looks/menagerie.h"
#include "tasks/axes/axis.h"
#include "tasks/registry.h"

namespace divla {
namespace {

// A robot's interface is known once it stands in a scene.
std::vector<PolicyPictures> PicturesOf(const Suite& suite, const Agent& agent) {
  std::vector<PolicyPictures> pictures;
  std::set<std::string> robots;
  for (const SuiteCell& cell : suite.cells) {
    const Task& task = FindTask(cell.task);
    if (!robots.insert(task.Spec().robot).second) continue;
    const Scene scene = task.Build(DrawEpisode(task, suite.seed, {cell.task, cell.axis, cell.level, 0}));
    pictures.push_back(agent.Pictures(scene.GetRobot().Interface()));
  }
  std::sort(pictures.begin(), pictures.end(),
            [](const PolicyPictures& a, const PolicyPictures& b) { return a.robot < b.robot; });
  return pictures;
}

}  // namespace

RunInfo DescribeRun(const Suite& suite, const RunRequest& request, const Agent& agent) {
  const std::vector<Group> groups = GroupsOf(suite, request.shard);
  const int all_groups = static_cast<int>(MakeGroups(suite).size());
  if (groups.empty()) {
    throw InputError(fmt::format("--shard: expected at most as many shards as the suite has groups ({}), found {}",
                                 all_groups, request.shard->count));
  }
  RunInfo info;
  info.suite = suite.name;
  info.suite_version = suite.version;
  info.policy = request.policy;
  info.weights_sha256 = agent.Info().weights_sha256;
  if (request.control != Control::kNone) info.control = ToString(request.control);
  info.strict = request.strict;
  info.latency = request.latency;
  info.remote = agent.Info().remote;
  info.seed = suite.seed;
  info.group_size = suite.group_size;
  info.workers = std::min(request.workers, all_groups);
  info.episodes = CountEpisodes(groups);
  info.command = WithoutFlag(request.command, "--resume");
  info.cells = suite.cells;
  info.shard = request.shard;
  info.pictures = RunPictures{ToString(request.renderer), request.frames, PicturesOf(suite, agent), request.videos,
                              LooksInUseName()};
  const auto& policy = info.pictures->policy;
  const bool looks =
      std::any_of(policy.begin(), policy.end(), [](const PolicyPictures& robot) { return !robot.cameras.empty(); });
  info.versions = ReadVersions(looks ? PolicyRenderer(request.renderer)->Description() : "none");
  info.versions.rules = RulesInUse(suite.cells);
  info.machine = ReadMachine();
  return info;
}

std::vector<Group> GroupsLeft(const RunFolder& folder) {
  return folder.Unfinished(GroupsOf(SuiteOf(folder.Info()), folder.Info().shard));
}

RunOutcome RunGroups(RunFolder& folder, const Suite& suite, const std::vector<Group>& left,
                     const AgentFactory& make_agent, EvaluationOptions evaluation, const EpisodeSink& note,
                     Progress* progress) {
  const RunInfo& info = folder.Info();
  RunOutcome outcome;
  outcome.kept = folder.Finished();
  if (!left.empty()) {
    evaluation.groups = left;
    if (info.pictures) evaluation.videos = info.pictures->videos;
    evaluation.run = folder.Path();
    const EvaluationResult result = Evaluate(
        suite, make_agent, evaluation,
        [&](const FinishedEpisode& finished) {
          folder.Append(finished.record, finished.log, finished.frames, finished.seconds);
          if (note) note(finished);
        },
        progress);
    outcome.stopped = result.stopped;
    outcome.ran = static_cast<int>(result.records.size());
    if (result.renderer != "none" && result.renderer != info.versions.renderer) {
      throw MachineError(
          fmt::format("renderer: expected {} on every thread, found {}", info.versions.renderer, result.renderer));
    }
  }
  outcome.records = folder.Records(GroupsOf(suite, info.shard));
  outcome.summary = Summarize(info, outcome.records, suite.Order(), outcome.stopped);
  folder.Finish(outcome.records, outcome.summary);
  std::sort(outcome.records.begin(), outcome.records.end(),
            [](const EpisodeRecord& a, const EpisodeRecord& b) { return KeyLess(a.key, b.key); });
  return outcome;
}

}  // namespace divla
