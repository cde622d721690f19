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

#include <cstdint>
#include <filesystem>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "harness/gap_records.h"
#include "harness/statistics/counts.h"
#include "tasks/task.h"

namespace divla {

// Of run.json, episodes.jsonl and summary.json together. A reader knows every key of its schema; keys that came later
// ("strict", "intervention", and in summary.json "interventions", "success_times", "gaps", "clustered") may be absent
// from older runs, so the number stays.
inline constexpr int kRunSchema = 1;

// How an episode ended.
enum class Termination {
  kSuccess,      // the goal held for kGoalHold
  kHorizon,      // the task's step limit came first
  kDiverged,     // the physics produced bad numbers
  kPolicyError,  // the policy threw
};
const char* ToString(Termination termination);

struct EpisodeHashes {        // XXH3-128, 32 hex digits
  std::string scene;          // of the compiled model
  std::string initial_state;  // of the full integration state at reset
  std::string frames;         // of every picture the policy was given, in order
  std::string actions;        // of the executed actions, f32
  std::string states;         // of the states after reset and after every control step, f64
};

struct ObjectCount {
  int placed{};
  int total{};
};

// The policy's texts against the ground truth, one judgement per query.
struct ReasoningScore {
  int queries{};             // queries answered with a text; 0 for a policy that does not reason
  int correct{};             // texts with every required phrase of the ground truth
  int faithful{};            // texts that name what the gripper then acted on
  int first_wrong_step{-1};  // control step of the first text that was not correct; -1: none
  // Of a policy that writes places: queries with at least one, and of these, with every place within kGroundedWithin of
  // the object's true pixel. Written only where located is above 0.
  int located{};
  int grounded{};

  // Sums the counts; first_wrong_step stays.
  ReasoningScore& operator+=(const ReasoningScore& other) {
    queries += other.queries;
    correct += other.correct;
    faithful += other.faithful;
    located += other.located;
    grounded += other.grounded;
    return *this;
  }
};
// Share of the picture's width, chosen: about 4 of 96 pixels.
inline constexpr double kGroundedWithin = 0.04;

// What was changed in mid-episode (tasks/intervention.h), and whether the words went along.
struct InterventionRecord {
  InterventionKind kind{InterventionKind::kNone};
  int step{};               // control steps that were executed before it
  std::string instruction;  // the exact bytes that the policy is given from then on
  bool followed{};          // some later text is correct, that is, names what the new truth requires
  int steps_to_follow{-1};  // control steps from the change to the query of the first such text; -1: none
};

// Of an episode that was played under a control (harness/control.h).
struct ControlRecord {
  std::string name;      // "wrong_reasoning"
  bool applies{};        // false: nothing could be changed in this episode, which counts in no comparison
  std::string target;    // body that the episode is about at its start
  std::string acted_on;  // body that a gripper first held for kActedSteps; empty for none
  // Of a control with other words; empty and 0 else.
  std::string object, destination;  // bodies that these words are about
  bool reached{};                   // their goal was met at some control step
  int said{};                       // queries whose text names what they are about
};

struct EpisodeRecord {
  EpisodeKey key;
  std::uint64_t seed{};
  std::string instruction;  // the exact bytes the policy was given (UTF-8)
  EpisodeHashes hash;
  bool success{};       // at the end: the goal holds and has held for kGoalHold
  bool success_once{};  // the goal's conditions were met at some control step
  bool success_held{};  // they held for kGoalHold at some time
  double progress{};    // share of the task's stages ever done, 0 to 1
  ObjectCount objects;
  int steps{};           // control steps executed
  double sim_seconds{};  // s of simulated time
  Termination termination{Termination::kHorizon};
  std::string failure{"none"};  // ToString(Failure)
  ReasoningScore reasoning;
  std::optional<InterventionRecord> intervention;  // its block is written only when there was one
  std::optional<ControlRecord> control;            // its block is written only in the run of a control
};

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

struct RunPictures {
  std::string renderer;  // as asked for: "software" or "gl"; versions.renderer says what drew
  ReportFrames report{ReportFrames::kNone};
  std::vector<PolicyPictures> policy;  // of each robot of the suite, by name
  RunVideos videos{RunVideos::kNone};
  std::string looks{};  // RobotLooks::name, of the report's pictures too; empty, and not written, without
  bool operator==(const RunPictures&) const = default;
};

// Whether the run keeps a video of this episode.
bool KeepsVideo(RunVideos videos, const EpisodeRecord& record);

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

// The interventions of a cell.
struct InterventionSummary {
  int n{};                                       // episodes with one
  int k{};                                       // of these, successes
  int reasoned{};                                // of these, by a policy that reasons
  int followed{};                                // of these, some text followed
  std::optional<double> median_steps_to_follow;  // control steps, of those that followed
};

// How soon the episodes of a cell were solved, in simulated seconds that end with the success (its hold included).
// Failures count as never: the share solved by a time is over all episodes.
inline constexpr double kSuccessTimeStep = 0.5;  // s
struct SuccessTimes {
  // solved[i]: episodes solved by (i + 1) * kSuccessTimeStep; ends where no more come.
  std::vector<int> solved;
  // The time by which a quarter, half and three quarters of all episodes were solved; absent when fewer ever were.
  std::optional<double> quarter, half, three_quarters;
};

// One row of the table: the episodes of one task, axis and level.
struct CellSummary {
  std::string task, axis;
  int level{};
  int n{};             // episodes, failures of every kind included
  int k{};             // successes (at the end)
  int once{}, held{};  // the other two countings
  double rate{};       // k / n
  Interval wilson, clopper_pearson;
  double mean_progress{};                        // 0 to 1
  double mean_steps{};                           // control steps, all episodes
  std::optional<double> median_success_seconds;  // s of simulated time, successes only
  ObjectCount objects;                           // summed
  ReasoningScore reasoning;                      // summed; first_wrong_step unused (-1)
  // Success attribution of the failures of a reasoning policy: did the words go wrong, or the arm?
  int failed_reasoning_wrong{};                      // failed, and most texts were not correct
  int failed_reasoning_right{};                      // failed although most texts were correct
  std::map<std::string, int> failures;               // failure name -> episodes, "none" left out
  std::map<std::string, int> terminations;           // termination name -> episodes
  std::optional<InterventionSummary> interventions;  // its block is written only when there was one
  std::optional<SuccessTimes> success_times;         // absent in summaries from before it was counted
};

struct RunSummary {
  int schema{kRunSchema};
  std::string suite;
  int suite_version{};
  std::string policy;
  std::uint64_t seed{};
  int planned{};                   // episodes the run set out to do
  int finished{};                  // episodes recorded
  bool interrupted{};              // stopped by the user: the numbers cover the finished episodes only
  std::vector<CellSummary> cells;  // in the order of the suite
  // Over all episodes, each counted once.
  int n{}, k{};
  Interval wilson, clopper_pearson;  // as if all were independent
  // The same rate's interval with an episode and its perturbed twins as one cluster (ClusteredWilson); absent for a run
  // without twins.
  std::optional<Interval> clustered;
  // Mean of the task rates, each task counted once, with the t interval over tasks as clusters (absent for a single
  // task). A task's rate is the mean of its cells', each counted once, so a cell with more episodes weighs no more.
  double macro_rate{};
  std::optional<Interval> macro_interval;
  std::optional<GapSummary> gaps;  // absent without perturbed episodes that have their clean twins in the run
};

// Width / height of what the policy was shown of a robot; 1 where the run does not say.
double PictureAspect(const RunInfo& info, const std::string& robot);

// JSON to and from. `where` ("runs/a/episodes.jsonl line 3") starts every error message.
nlohmann::json ToJson(const EpisodeRecord& record);
nlohmann::json ToJson(const RunInfo& info);
nlohmann::json ToJson(const RunSummary& summary);
EpisodeRecord EpisodeRecordFromJson(const nlohmann::json& json, const std::string& where);
RunInfo RunInfoFromJson(const nlohmann::json& json, const std::string& where);
RunSummary RunSummaryFromJson(const nlohmann::json& json, const std::string& where);

// Orders records as the run folder does: by ToString(key).
bool KeyLess(const EpisodeKey& a, const EpisodeKey& b);

// Files of a run folder. Reading throws InputError naming file, line and key.
std::filesystem::path LogPath(const std::filesystem::path& run, const EpisodeKey& key);
std::filesystem::path FirstFramePath(const std::filesystem::path& run, const EpisodeKey& key);
std::filesystem::path LastFramePath(const std::filesystem::path& run, const EpisodeKey& key);
RunInfo ReadRunInfo(const std::filesystem::path& run);
std::vector<EpisodeRecord> ReadEpisodes(const std::filesystem::path& run);
RunSummary ReadRunSummary(const std::filesystem::path& run);

}  // namespace divla
