// Controls: the episodes of a suite again, with one thing taken away from the policy or put into its mouth. They answer
// what a success rate cannot: does it use the instruction, the pictures, its own reasoning? (Controls of this kind found
// that policies ignore language: LIBERO-Plus, Fei et al. 2025; shortcut probes: Jiang et al. 2026.)
//
// What is drawn comes from the streams "control-*" of the episode's key, so a control's episode is the twin of the plain
// one: same scene, same state, same policy noise.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "harness/records/records.h"
#include "policy/policy.h"
#include "sim/scene.h"
#include "tasks/task.h"

namespace divla {

enum class Control {
  kNone,
  kBlankInstruction,     // the empty text
  kShuffledInstruction,  // its words in another order
  kWrongInstruction,     // an instruction of the same scene that is about another object or place
  kFrozenCameras,        // every query gets the pictures of the first one
  kNoInjection,          // ReasoningMode::kWithheld
  kOracleReasoning,      // the ground truth of each moment, with its places, is forced
  kWrongReasoning,       // the truth that belongs to another instruction of the scene is forced
  kExpert,               // the scripted expert plays instead: the ceiling
  kRandom,               // the policy "random" plays instead: the floor
};

struct ControlInfo {
  Control control{};
  std::string name;     // "blank_instruction"
  std::string summary;  // one line
};
// All but kNone, in the order above.
const std::vector<ControlInfo>& Controls();
const char* ToString(Control control);  // "none" for kNone
// Throws InputError that begins with `where` and lists the names.
Control ControlNamed(const std::string& name, const std::string& where);
// True for those that need a policy that reasons (PolicyInfo::reasons).
bool NeedsReasoning(Control control);
// True for those whose words are about something else than the episode is: they apply where the scene has another
// instruction (Task::Alternatives).
bool HasOtherWords(Control control);

// What a control does to one episode. Plain data, drawn when the episode begins.
struct ControlPlan {
  Control control{Control::kNone};
  bool applies{};           // false: this episode is played as it is (one word to shuffle, no other instruction)
  std::string target;       // body that the episode is about at its start (GroundTruth::object_body)
  std::string instruction;  // what the policy is given instead, when the control is about the instruction
  // Of other words: the bodies that they are about, and the phrases that a text about them contains; empty else.
  std::string object, destination;
  std::vector<std::string> required;
};

// `truth` and `alternatives` are the task's, right after reset.
ControlPlan DrawControl(Control control, const EpisodePlan& plan, const GroundTruth& truth,
                        const std::vector<Alternative>& alternatives);

// The bytes that the policy gets where the episode's instruction is plan.instruction.
const std::string& GivenInstruction(const ControlPlan& control, const EpisodePlan& plan);

// The reasoning to force at this moment, with its places in `cameras` (of pictures `aspect` times as wide as high);
// empty when the control forces none.
std::optional<ForcedReasoning> ForcedNow(const ControlPlan& control, const Task& task, const EpisodePlan& plan,
                                         const Scene& scene, const std::vector<std::string>& cameras, double aspect);

// Judges one episode of a control. held[t]: body in a gripper after control step t, empty for none. `goal_of_words`:
// the goal of the other words was met at some step.
inline constexpr int kActedSteps = 4;  // control steps (0.2 s) that a body must be held in a row to count as acted on
ControlRecord ScoreControl(const ControlPlan& control, const std::vector<std::string>& held,
                           const std::vector<std::string>& texts, bool goal_of_words);

}  // namespace divla
