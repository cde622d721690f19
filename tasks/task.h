// The task interface. A task draws an episode (plain data), builds its scene, and then only asks: premises, status,
// ground truth. Everything is const and without memory, so one Task serves all threads; the harness owns time, success
// windows and horizons.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sim/action.h"
#include "sim/rng.h"
#include "sim/scene.h"
#include "tasks/variation/variation.h"

namespace divla {

struct TaskSpec {
  std::string name;                              // "cube_to_coloured_box"
  std::string summary;                           // one line for `divla list tasks`
  std::string robot;                             // "panda" or "agilex"
  int horizon{};                                 // most control steps of an episode
  std::vector<std::string> instructions_seen;    // every text that the seen templates can give
  std::vector<std::string> instructions_unseen;  // held out: never in a demonstration
  bool evaluation_only{};                        // places unseen objects at level 0: never demonstrated
  std::string folder;                            // of tasks/, with the scene.xml; empty: the name
  // Version of its rules: success, stages, failures and ground truth. Raised when equal states are judged otherwise than
  // before, so that scores by other rules are not compared.
  int rules{1};
};

// Names an episode of a suite. Equal keys and seeds are equal episodes, byte for byte.
struct EpisodeKey {
  std::string task;
  std::string axis{"none"};  // generalisation axis; "none" is the training distribution
  int level{0};              // 0 to 5
  int index{0};

  bool operator==(const EpisodeKey&) const = default;
};
// "cube_to_coloured_box.none.0.0007": sorts as the key does and is a file name.
std::string ToString(const EpisodeKey& key);

// One movable thing of the scene. Its body carries the name; "object_<id>" for catalogue objects.
struct ObjectPlacement {
  std::string object_id;             // in assets/objects/catalogue.json
  std::string body;                  // name of its body in the scene
  std::array<double, 3> position{};  // m, world frame, of the object's base point at rest
  double yaw{};                      // rad about world z
  double tilt{};                     // rad about its own y axis, then the yaw; 0 stands upright
  int size_percent{100};             // of the catalogue's lengths
};

// Of a task that is scored per object: one of the objects and the body it belongs to.
struct Assignment {
  std::string body;
  std::string destination;
};

// A change of mind or of things in mid-episode (tasks/intervention.h says what each does).
enum class InterventionKind { kNone, kObject, kInstruction };
struct Intervention {
  InterventionKind kind{InterventionKind::kNone};
  int held_steps{10};  // control steps that a gripper must have held an object of the task up before it strikes (0.5 s)
};

// Everything that chance decides about an episode: plain data. A perturbation axis edits a plan and nothing else.
struct EpisodePlan {
  EpisodeKey key;
  std::uint64_t seed{};
  std::string instruction;  // the exact bytes the policy is given
  std::vector<ObjectPlacement> objects;
  std::string target;                   // body that the instruction is about
  std::string destination;              // body where it belongs
  std::vector<Assignment> assignments;  // of tasks scored per object, target and destination first; else empty
  std::vector<double> robot_start;      // joint-position action
  Variation variation;                  // of everything else
  Intervention intervention;            // none, unless the key's axis is one
};

// Other words for a plan's instruction: what the language axes are made of. Held out like instructions_unseen: never in
// a demonstration.
struct StepClause {
  int level{};       // of the axis instruction_steps from which on the clause is said: 1 to 5
  std::string text;  // "pick up the purple cube": no capital, no full stop
};
struct Wordings {
  std::vector<std::string> paraphrases;  // the same request in other sentences, at least five
  std::vector<std::string> intents;      // the need behind it, from which it must be guessed, at least five
  std::vector<StepClause> steps;         // in the order of doing; those of level 1 describe the whole task in two
};

// A fact that must hold at the start, or the suite is wrong: visible, reachable, settled, not already solved.
struct Premise {
  std::string name;
  bool holds{};
  std::string detail;  // measured value and bound
};

struct Stage {
  std::string name;  // "reached", "grasped", "placed"
  bool done{};
};

// What is true at this moment. Success is `goal` held for kGoalHold; the harness watches the clock.
struct TaskStatus {
  bool goal{};  // every condition of success holds now (gripper open and object slow included)
  // In the order a good episode reaches them; partial credit is the share ever done. Of a plan with assignments: one
  // for each of them, in their order.
  std::vector<Stage> stages;
  std::vector<bool> placed;  // of each assignment: it lies where it belongs; empty without assignments
  int objects_placed{};      // for tasks scored per object, else 0 or 1
  int objects_total{1};
};
inline constexpr double kGoalHold = 0.5;  // s

// The reasoning that is right at this moment, in the paper's style (reference: DiVLA, section 4 and project page).
struct GroundTruth {
  std::string text;  // "The blue box is on the left."
  std::vector<std::string>
      required;                  // phrases that a correct reasoning must contain (the object, the destination or side)
  std::string object_body;       // what the arm acts on now
  std::string destination_body;  // where it goes
  std::array<double, 3> object_position{};       // m, world
  std::array<double, 3> destination_position{};  // m, world
};

// Another instruction that the same scene could have had, with its truth: extra language supervision for training.
struct Alternative {
  std::string instruction;
  GroundTruth truth;
};

// A scripted expert of one episode. It reads the scene (privileged) and answers with an end-effector action.
class Expert {
 public:
  virtual ~Expert() = default;
  // The kEndEffectorPose action for this control step. Called once per control step.
  virtual std::vector<float> Act(const Scene& scene) = 0;
  // One that goes on from here as this one does: for going back to an earlier moment of an episode.
  virtual std::unique_ptr<Expert> Clone() const = 0;
};

// Of an object that takes another one's place.
enum class Novelty { kInstance, kCategory };

// The bodies that the instruction is about: those of the assignments, or the target.
std::vector<std::string> SubjectsOf(const EpisodePlan& plan);

// A disc of the table, m, world frame.
struct Clearing {
  double x{}, y{}, radius{};
};

class Task {
 public:
  virtual ~Task() = default;
  virtual const TaskSpec& Spec() const = 0;

  // Draws the episode at level 0 of axis "none"; a pure function of seed and key.
  virtual EpisodePlan Draw(std::uint64_t seed, const EpisodeKey& key) const = 0;
  // Builds the plan's scene, robot at its start, objects settled. Throws InputError when it cannot be built.
  virtual Scene Build(const EpisodePlan& plan) const = 0;

  virtual std::vector<Premise> Premises(const Scene& scene, const EpisodePlan& plan) const = 0;
  virtual TaskStatus Status(const Scene& scene, const EpisodePlan& plan) const = 0;
  virtual GroundTruth Truth(const Scene& scene, const EpisodePlan& plan) const = 0;
  virtual std::vector<Alternative> Alternatives(const Scene& scene, const EpisodePlan& plan) const = 0;
  virtual std::unique_ptr<Expert> MakeExpert(const EpisodePlan& plan) const = 0;

  // Other words for the plan's instruction. They fit its scene and no other thing in it.
  virtual Wordings Words(const EpisodePlan& plan) const = 0;

  // What the axes of objects and distractors ask. The defaults (task.cc) suit most tasks.
  // Bodies whose objects the axes of objects may exchange: those that the instruction is about.
  virtual std::vector<std::string> Exchangeable(const EpisodePlan& plan) const;
  // Ids of unseen objects that may take the place of the object of `body`, which the instruction is about: other
  // instances of its category, or objects of unseen categories. Of a shape that the task can be done with.
  virtual std::vector<std::string> Substitutes(const EpisodePlan& plan, const std::string& body, Novelty novelty) const;
  // Smallest and largest size of the object of `body` that the task can be done with, percent of the catalogue's.
  virtual std::array<int, 2> SizeRange(const EpisodePlan& plan, const std::string& body) const;
  // True when the object could lie beside the plan's without the instruction meaning it too.
  virtual bool MayDistract(const EpisodePlan& plan, const std::string& object_id) const;
  // Places beside the objects that the task needs free: nothing is put there.
  virtual std::vector<Clearing> KeepClear(const EpisodePlan& plan) const;
  // Why an axis makes no sense for this task; empty when it does.
  virtual std::string Without(const std::string& axis) const;
  // Whether some of its episodes have such an intervention.
  virtual bool HasIntervention(InterventionKind) const { return false; }
  // The plan that holds from now on, at a moment when a gripper holds the body `held` up, which is the plan's target or
  // one of its assignments: another instruction with its target and destination, or the same with a target that takes
  // the place of `held` in the hand (the caller moves the two). Objects, their bodies and the robot's start stay. Empty
  // when this scene has nothing to change to.
  virtual std::optional<EpisodePlan> Intervene(const Scene&, const EpisodePlan&, InterventionKind,
                                               const std::string& /*held*/, Rng&) const {
    return std::nullopt;
  }
};

}  // namespace divla
