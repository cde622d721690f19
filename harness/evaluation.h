// Evaluate: runs the groups of a suite on worker threads. What is recorded depends on the suite, the seed and the
// policy only: not on the number of workers, the order in which groups finish, or time. Each worker owns its policy and
// its renderer.
#pragma once

#include <atomic>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "harness/agent.h"
#include "harness/progress.h"
#include "harness/run_folder.h"
#include "harness/suite.h"
#include "sim/render/renderer.h"

namespace divla {

// Makes one worker's agent, on the worker's thread. `renderer` gives that thread's renderer.
using AgentFactory = std::function<std::unique_ptr<Agent>(RendererSource renderer)>;
using TaskLookup = std::function<const Task&(const std::string& name)>;

struct EvaluationOptions {
  int workers{1};
  ReportFrames frames{ReportFrames::kAll};         // kept of each episode
  RendererKind renderer{RendererKind::kSoftware};  // of the policy's pictures and of those that are kept
  // Asked after every control step; once true, open episodes are given up and finished ones kept. Thread-safe, never
  // blocks.
  std::function<bool()> stop;
  Control control{Control::kNone};  // of every episode
  TaskLookup find_task;             // FindTask when empty; tests pass tasks of their own
  // Only these groups of the suite: a shard, or what is left of a run. Absent: all.
  std::optional<std::vector<Group>> groups{};
  // Of which episodes a video is kept, and the run folder whose videos/ (which exists) gets them: each is complete before
  // its episode goes to the sink. RunGroups sets both.
  RunVideos videos{RunVideos::kNone};
  std::filesystem::path run{};
};

// Called for each finished episode, from any worker, several at once. `seconds`: wall time of the episode, its share
// of its group.
struct FinishedEpisode {
  const EpisodeRecord& record;
  const EpisodeLog& log;
  const EpisodeFrames& frames;
  const std::string& policy_error;
  double seconds{};
};
using EpisodeSink = std::function<void(const FinishedEpisode&)>;

struct EvaluationResult {
  std::vector<EpisodeRecord> records;  // of the groups that were run, in the order of the suite
  bool stopped{};                      // true: `stop` said so before everything was finished
  std::string renderer{"none"};        // what drew the policy's pictures; "none" when it looked at none
};

// Throws InputError for a false premise, an unbuildable scene or a policy that does not fit the robot; MachineError
// when drawing or writing fails. The first error stops all workers. `progress` may be null.
EvaluationResult Evaluate(const Suite& suite, const AgentFactory& make_agent, const EvaluationOptions& options,
                          const EpisodeSink& sink, Progress* progress);

}  // namespace divla
