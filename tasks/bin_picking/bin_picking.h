// bin_picking (Panda; DiVLA paper, section 4.5: zero-shot bin picking): move whatever lies on the right panel to the
// left basket. Every object is unseen, so the task is for evaluation only and never demonstrated.
//
// Instruction   "Move any object on the right panel to the left basket." and four more seen templates; six held-out
//               ones (paraphrases with unseen words).
// Randomised    episode i places object i mod 102 of the catalogue's list bin_picking, so 102 episodes are one trial
//               each, as in the paper. Panel at x 0.46, y 0.22, basket at x 0.46, y -0.24, each +-0.02 m; the object
//               within 8 cm of the panel's middle along x and y, yaw +-1 rad; robot start +-0.06 rad per joint.
// Success       for 0.5 s: the object's centre of mass is between the basket's walls, above its floor and below its rim
//               (7 cm), not touched by the fingers, gripper more than 80 % open, object slower than 0.05 m/s.
// Stages        reached (tool within 3 cm of the grasp point), grasped (held with its origin 5 cm over the table),
//               placed (success).
// Horizon       240 control steps (12 s).
// Reasoning     "Pick up the {object} and place it to the left basket." Left and right are as the outer cameras see the
//               table, facing the robot: left is at negative y.
#pragma once

#include "tasks/task.h"

namespace divla {

const Task& BinPicking();

}  // namespace divla
