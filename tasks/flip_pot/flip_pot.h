// flip_pot (Panda; DiVLA paper, multi-task learning, task 2: "Flip the vertically placed pot"): set a pot that lies on
// its side upright.
//
// Pot           twelve-sided, 56 mm across and 58 mm high, with two handles near its rim, 66 mm apart outside: the
//               gripper holds it by both at once. It lies on a flat side, so it does not roll, with both handles level.
// Instruction   "Flip the vertically placed pot." and four more seen templates; four held-out ones.
// Randomised    the side it opens to, left or right as the outer cameras see it, +-0.35 rad; middle of the pot in x
//               0.42..0.58, y -0.13..0.13 m; bread and sponge beside it, each with probability 0.5, 7 cm from it; robot
//               start +-0.06 rad per joint.
// Success       for 0.5 s: the pot's axis within 15 degrees of straight up, its base within 5 mm of the table's height,
//               not touched by the fingers, gripper more than 80 % open, pot slower than 0.05 m/s.
// Stages        reached (tool within 3 cm of the point between the handles), grasped (the fingers hold the pot with its
//               centre of mass 6 cm above the table), upright (its axis within 15 degrees of straight up), placed.
// Horizon       240 control steps (12 s).
// Reasoning     "The pot is towards left." or "... right.": where it opens now, and once it is upright, where it opened
//               at the start (paper's videos).
#pragma once

#include "tasks/task.h"

namespace divla {

const Task& FlipPot();

}  // namespace divla
