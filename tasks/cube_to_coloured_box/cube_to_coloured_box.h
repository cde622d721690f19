// cube_to_coloured_box (Panda; DiVLA paper, multi-task learning, task 5): put the purple cube into the box of the named
// colour.
//
// Instruction   "Pick purple cube to blue box." and three more seen templates; four held-out ones (paraphrases with
// unseen words). Randomised    which box is on which side; boxes at x 0.50 +-0.02, y +-0.27 +-0.02 m; cube in x
// 0.40..0.58, y -0.12..0.12 m, yaw +-0.4 rad;
//               red pepper and green ball beside it, each with probability 0.5, 3 cm from the rest; robot start +-0.06
//               rad per joint.
// Success       for 0.5 s: the centre of mass between the walls of the destination and at most 12 mm above where it is
// when the object stands
//               on its floor, not touched by the fingers, gripper more than 80 % open, cube slower than 0.05 m/s.
// Horizon       240 control steps (12 s).
// Reasoning     "The blue box is on the left." Left and right are as the outer cameras see the table, facing the robot
// (paper's videos).
#pragma once

#include "tasks/task.h"

namespace divla {

const Task& CubeToColouredBox();

}  // namespace divla
