// Tasks that are scored per object (EpisodePlan::assignments): each object belongs into a container of its own.
// An object is placed when it lies in its container (LiesIn) and no finger touches it.
#pragma once

#include "tasks/task.h"

namespace divla {

bool IsPlaced(const Scene& scene, const EpisodePlan& plan, const Assignment& assignment);

// Goal: all objects are placed and slower than 0.05 m/s, every gripper more than 80 % open. One stage for each
// assignment, in their order, done while its object is placed.
TaskStatus AssignmentStatus(const Scene& scene, const EpisodePlan& plan);

// What the arm acts on now; null when everything is placed. In this order:
//   1. what the fingers of an arm hold (so a person or a policy that takes another object is followed);
//   2. of what is not placed, the one whose grasp point is nearest to a tool, when that is nearer than 5 cm (so a
//      failed grasp changes nothing);
//   3. of what is not placed, those first beside which the fingers fit (FingersFit), of these the one nearest to where
//      it belongs. It depends on the objects only, so it stays while the arm is on its way.
const Assignment* CurrentAssignment(const Scene& scene, const EpisodePlan& plan);

// The arm whose fingers hold the body; -1 when none does.
int HoldingArm(const Scene& scene, const std::string& body);

}  // namespace divla
