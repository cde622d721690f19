// One episode of a run: how it began, how it ended, what was said. A line of episodes.jsonl; of summary.json the parts.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>

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

// Orders records as the run folder does: by ToString(key).
bool KeyLess(const EpisodeKey& a, const EpisodeKey& b);

// `where` ("runs/a/episodes.jsonl line 3") starts every error message.
nlohmann::json ToJson(const EpisodeRecord& record);
EpisodeRecord EpisodeRecordFromJson(const nlohmann::json& json, const std::string& where);

}  // namespace divla
