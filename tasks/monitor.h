// EpisodeMonitor: follows one episode step by step and says how it ended and, when it failed, why. Task-independent.
//
// The targets are plan.target, or the bodies of plan.assignments, whose stages are then one for each assignment, in
// their order (tasks/assignments.h). A failure is judged over the targets that are not placed at the end: the first
// that fits, in the order wrong_place, dropped, wrong_object, missed_grasp, not_reached.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "tasks/task.h"

namespace divla {

enum class Failure {
  kNone,
  kWrongObject,  // something that is no target was lifted and the target was not
  kMissedGrasp,  // the gripper closed near the target but never lifted it
  kDropped,      // the target was lifted and lost before the goal
  kWrongPlace,   // the target was put down somewhere else (an assigned object in another sector), or still held
  kNotReached,   // the gripper never came within 5 cm of the target
  kUnstable,     // the simulation diverged
  kPolicyError,  // the policy threw
};
const char* ToString(Failure failure);

class EpisodeMonitor {
 public:
  EpisodeMonitor(const Task& task, const EpisodePlan& plan, const Scene& scene);

  // Call once after every control step.
  void Update(const Scene& scene);

  // The plan was changed in mid-episode (tasks/intervention.h): what was reached for the old goal counts no more, and
  // what a gripper holds at this moment is not the wrong object until it lets go of it.
  void PlanChanged(const Scene& scene);

  // From now on the plan is read from here: for a copy of the monitor, whose plan is a copy, too.
  void Follow(const EpisodePlan& plan) { plan_ = &plan; }

  bool GoalHeld() const { return held_; }     // the goal has held for kGoalHold without a break, at some time
  bool GoalOnce() const { return once_; }     // the goal held at some control step
  bool GoalNow() const { return now_held_; }  // it holds now and has for kGoalHold
  double Progress() const;                    // share of stages ever done, 0 to 1; 1 when GoalHeld
  const TaskStatus& Status() const { return status_; }
  // The target, or the body of an assignment, that a gripper holds more than 3 cm above where it started: the first in
  // the plan's order; empty for none.
  const std::string& HeldUp() const { return held_up_; }
  // The body that the gripper held last or holds; empty when none was.
  const std::string& ActedOn() const { return acted_on_; }
  // Why the episode failed, judged when it is over; kNone when it succeeded. The caller decides kUnstable and
  // kPolicyError.
  Failure Judge() const;

 private:
  // What happened to one target so far.
  struct Target {
    std::string body;
    bool near{}, lifted{}, holding{}, released{};
    std::vector<bool> held_by;  // per arm: it held the target at the last update
  };
  // The targets of the plan as nobody has touched them yet.
  void SetTargets(std::size_t arms);
  // Of plan.objects; null when it is no target.
  Target* TargetOf(const std::string& body);

  const Task* task_;
  const EpisodePlan* plan_;
  TaskStatus status_;
  std::vector<bool> stage_done_;
  std::vector<double> start_height_;  // m, of each movable object
  std::vector<Target> targets_;       // plan.target, or of plan.assignments in their order
  int steps_held_{};
  bool once_{}, held_{}, now_held_{};
  bool lifted_other_{};
  std::vector<bool> excused_;  // per movable object: held since the plan changed
  std::string acted_on_, held_up_;
};

}  // namespace divla
