// Where a run's numbers come from: run.json. Enough to make the run again, and to see which runs may be compared.
#pragma once

#include <cstdint>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "harness/records/episode_record.h"
#include "harness/records/run_choices.h"

namespace divla {

// Where a number came from.
struct RunVersions {
  std::string divla;       // "0.1.0"
  std::string git_commit;  // 40 hex digits, or "unknown"
  bool git_dirty{};        // the working tree had changes when it was built
  std::string mujoco, libtorch, renderer, compiler;
  // Task -> version of the rules that judged it (TaskSpec::rules), of those that are no longer at their first; of a
  // run from before rules had versions: empty, and rightly so.
  std::map<std::string, int> rules{};

  int RulesOf(const std::string& task) const {
    const auto found = rules.find(task);
    return found == rules.end() ? 1 : found->second;
  }
};

struct RunMachine {
  std::string cpu;  // model name
  std::string isa;  // "x86-64-v2", "-v3", "-v4"
  int cores{};
  std::string gpu;  // "none" unless the policy used one
  bool operator==(const RunMachine&) const = default;
};

// Episodes 0 .. episodes-1 of one task, axis and level.
struct SuiteCell {
  std::string task;
  std::string axis{"none"};
  int level{0};
  int episodes{};
  bool operator==(const SuiteCell&) const = default;
};

// Part I of N of a run: of the suite's groups, numbered from 0 in the suite's order, those with number % N == I - 1.
struct Shard {
  int index{1};  // 1 to count
  int count{1};
  bool operator==(const Shard&) const = default;
};

// What the policy is shown of a robot at each query.
struct PolicyPictures {
  std::string robot;
  std::vector<std::string> cameras;  // in the order in which they are drawn and hashed; empty: it looks at nothing
  int height{}, width{};             // pixels
  double Aspect() const { return height > 0 ? static_cast<double>(width) / height : 1.0; }
  bool operator==(const PolicyPictures&) const = default;
};

struct RunPictures {
  std::string renderer;  // as asked for: "software" or "gl"; versions.renderer says what drew
  ReportFrames report{ReportFrames::kNone};
  std::vector<PolicyPictures> policy;  // of each robot of the suite, by name
  RunVideos videos{RunVideos::kNone};
  std::string looks{};  // RobotLooks::name, of the report's pictures too; empty, and not written, without
  bool operator==(const RunPictures&) const = default;
};

// Where one shard of a merged run was run.
struct MergedShard {
  int workers{};
  bool git_dirty{};
  RunMachine machine;
};

// Blocks that a run may lack are absent from the JSON when they are empty; runs of older versions have none of them.
struct RunInfo {
  int schema{kRunSchema};
  std::string suite;
  int suite_version{};
  std::string policy;          // as given to --policy
  std::string weights_sha256;  // empty for a policy without weights
  std::string control{};       // of a control's run (RUN/controls/NAME); empty, and not written, for a plain run
  bool strict{};               // eval --strict: the policy computed by exactly rounded operations in a fixed order
  std::uint64_t seed{};
  int group_size{};
  int workers{};
  int episodes{};                    // planned, of this shard
  std::vector<std::string> command;  // argv, without --resume
  RunVersions versions;
  RunMachine machine;
  std::vector<SuiteCell> cells;         // what is run, after the command line's changes: of all shards
  std::optional<Shard> shard;           // absent: all of it
  std::optional<RunPictures> pictures;  // absent: not known
  std::vector<MergedShard> merged;      // of a merged run: its shards, in their order
  SimulatedLatency latency{};           // its block is written only when there is one
  std::string remote{};                 // PolicyInfo::remote: of a policy server; empty, and not written, without one
};

// Width / height of what the policy was shown of a robot; 1 where the run does not say.
double PictureAspect(const RunInfo& info, const std::string& robot);

// Whether the run keeps a video of this episode.
bool KeepsVideo(RunVideos videos, const EpisodeRecord& record);

// `where` ("runs/a/run.json") starts every error message.
nlohmann::json ToJson(const RunVersions& versions);
nlohmann::json ToJson(const RunInfo& info);
RunInfo RunInfoFromJson(const nlohmann::json& json, const std::string& where);

}  // namespace divla
