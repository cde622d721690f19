// What the viewer shows of an episode: immutable values that the session's worker makes and any thread may read.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "harness/edits.h"
#include "harness/log.h"
#include "harness/records/records.h"
#include "policy/policy.h"
#include "sim/action.h"
#include "sim/image.h"
#include "sim/scene.h"
#include "tasks/task.h"
#include "viewer/thought.h"

namespace divla {

// What cameras showed before control step `step`.
struct CameraPictures {
  int step{};
  std::map<std::string, Image> images;  // by camera
  bool given{};  // true: byte for byte what the policy got; false: drawn for the person, the policy looked at nothing
};

// One question to the policy, asked before control step `step`.
struct QueryView {
  int step{};
  int number{};                            // 0 at the first of the episode
  Reasoning reasoning;                     // its own, or what was put in its place
  bool forced{};                           // a person's words
  ReasoningEntry judged;                   // against the truth of that moment
  ActionChunk planned;                     // (size x dim), all of it; empty in the replay of a log
  std::shared_ptr<const Thought> thought;  // what happened inside; null where nobody can know (a log plays)
};

// The moment after `step` control steps.
struct StepView {
  int step{};
  std::vector<double> state;                       // Scene::SaveState
  std::vector<float> action;                       // that led here; empty at step 0
  std::vector<float> reached;                      // where the robot is, in the numbers of an action
  std::vector<float> expert;                       // what the task's expert would do from here; empty where it cannot
  std::vector<Stage> stages;                       // met now
  std::vector<bool> stages_ever;                   // met now or before
  bool goal{};                                     // every condition of success is met now
  double progress{};                               // share of the stages ever met, 0 to 1
  GroundTruth truth;                               // the reasoning that is right here
  std::string held;                                // body that a gripper holds up; empty for none
  std::string instruction;                         // in force from here on
  std::vector<Push> pushes;                        // a person's, on the way here
  std::shared_ptr<const EpisodePlan> world;        // what its scene is built from: another one after a person's change
  std::shared_ptr<const QueryView> query;          // the last one; null before the first
  std::shared_ptr<const CameraPictures> pictures;  // the last ones; null when there were none
};

// One course of events: the episode, or a branch of it.
struct LineView {
  std::vector<std::shared_ptr<const StepView>> steps;  // [k] after k control steps; of a branch with its parent's past
  int origin{};                                        // step at which it left its parent; 0 for the episode itself
  int live{};                                          // step at which the simulation stands; the rest is kept
  bool open{};                                         // at `live`: it could be played on
  std::optional<EpisodeRecord> record;                 // how it ended; set while `live` is at its end
  std::string policy_error;                            // of an episode that ended by one
  std::string changed;                                 // what makes it another one; empty for the episode itself
  // Step at which playing again gave another state than the first time. -1: never; anything else is a mistake of ours.
  int replay_differs_at{-1};
  int log_differs_at{-1};  // of a replay: first step whose state is not the logged one; -1: none so far

  int Last() const { return static_cast<int>(steps.size()) - 1; }
};

// What of an episode never changes.
struct EpisodeFacts {
  const Task* task{};
  EpisodePlan plan;
  RobotInterface robot;
  PolicyInfo policy;
  ActionKind kind{ActionKind::kJointPosition};
  std::vector<std::string> action_names;        // one for each number of an action
  std::vector<std::string> instructions;        // that fit the scene, the episode's own first
  std::vector<std::string> hands;               // bodies that carry the tool, arm after arm
  std::shared_ptr<const EpisodeLog> log;        // of a replay
  std::shared_ptr<const EpisodeRecord> logged;  // of a replay: how it ended when the run was made
  std::string note;                             // for the person: what could not be had
};

enum class SessionState {
  kEmpty,    // nothing was opened yet
  kOpening,  // a scene or a policy is being loaded
  kIdle,     // waits
  kRunning,  // plays
};

struct SessionView {
  SessionState state{SessionState::kEmpty};
  bool asking{};          // the policy is being asked at this moment
  int thinking_line{-1};  // of which line, and what it has thought so far; -1 and null: nothing yet
  std::shared_ptr<const Thought> thinking;
  std::string error;  // of the last command; empty: it went well
  int errors{};       // counts the commands that went wrong
  int opened{};       // counts the episodes that were opened
  std::string saved;  // the video or run folder that was written last
  int saves{};        // counts them
  std::shared_ptr<const EpisodeFacts> facts;
  std::vector<LineView> lines;  // the episode, then the branch if there is one
  // Of a branch: first step whose state differs from the episode's, and first query whose text does; -1: none so far.
  int parted_at{-1};
  int texts_parted_at{-1};
};

}  // namespace divla
