// Interventions (DiVLA paper, 4.4 and figure 6: the policy intends one thing, a person puts another into its gripper,
// and the reasoning switches). The axes "intervention_object" and "intervention_instruction", level 1. The episode is
// the clean twin up to the moment at which a gripper has held one object of the task (the plan's target, or the body of
// one of its assignments) more than 3 cm above its start for 0.5 s without a break; then, once, before the next control
// step:
//
//   object        the held object and another one of the scene change places: the other one is in the gripper at
//                 its own grasp, upright along the tool, the fingers just touching it; the held one stands where the
//                 other one stood. The instruction stays; what is true follows the object that is held now.
//   instruction   the scene stays; the instruction becomes another one that fits it (the other box, layer or object).
//
// From then on the episode is judged by the new plan: truth, stages and success. What is drawn comes from the stream
// "intervention" of the episode's key. An episode in which nothing of the task is held up, or whose scene has nothing
// to change to, has no intervention.
#pragma once

#include <memory>
#include <string>

#include "tasks/task.h"

namespace divla {

// "none", "object", "instruction".
const char* ToString(InterventionKind kind);
// kNone for any other axis.
InterventionKind InterventionOfAxis(const std::string& axis);

// True when the two free bodies can change places as above: both have grasps, the robot's fingers open wide enough for
// `other`, and the hand that holds `held` (if one does) is so high that `other` would hang 1 cm over the table.
bool CanSwap(const Scene& scene, const EpisodePlan& plan, const std::string& held, const std::string& other);
// Changes their places; `arm` holds `held`. Recomputes positions and contacts. Both must be able to (CanSwap).
void SwapHeld(Scene& scene, const EpisodePlan& plan, int arm, const std::string& held, const std::string& other);

// Strikes now, while a gripper holds the body `held`: changes `scene` and `plan` as the plan's intervention says.
// False, with nothing changed, when the task has nothing to change to.
bool Intervene(const Task& task, Scene& scene, EpisodePlan& plan, const std::string& held);

// The expert that goes on from the scene as it is: with one arm, what the gripper holds beside the plan's target is put
// down in a free place first (tasks/put_down.h).
std::unique_ptr<Expert> ExpertFromHere(const Task& task, const Scene& scene, const EpisodePlan& plan);

}  // namespace divla
