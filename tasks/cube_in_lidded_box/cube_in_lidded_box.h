// cube_in_lidded_box (Panda; DiVLA paper, multi-task learning, task 3): take the lid off the box, then put the cube
// into the box.
//
// Instruction   "Put the cube into yellow box." and four more seen templates; four held-out ones (paraphrases with
//               unseen words).
// Randomised    which side the box is on; box at x 0.53 +-0.02, y +-0.20 +-0.02 m, yaw +-0.3 rad, its loose lid (a
//               plate with a knob, held in place by a lip 8 mm deep with 8 mm of play) on it; light blue cube in x
//               0.40..0.58, y from 0.18 m on the other side to 0.02 m on the box's side, yaw +-0.4 rad; red pepper and
//               green ball beside it, each with probability 0.5, 3 cm from the rest; robot start +-0.06 rad per joint.
// Success       for 0.5 s: the cube's centre of mass between the walls of the box and at most 12 mm above where it is
//               when the cube stands on its floor; the lid does not touch the box, and its centre of mass is outside
//               the box's outer walls and at most 30 mm above the table (so not on the box, nor leaning on it, nor held
//               up); neither cube nor lid touched by the fingers, gripper more than 80 % open, both slower than
//               0.05 m/s. The box stands fixed.
// Stages        reached (tool within 3 cm of the lid's knob, or the lid is off), lid off (the lid lies beside the box,
//               let go), grasped (the fingers hold the cube 5 cm above the table), placed (success).
// Horizon       300 control steps (15 s).
// Reasoning     by sub-goal: "The box is closed. Remove the lid first." until the lid lies beside the box and is let
//               go, then "And place the cube into it." (paper's videos).
#pragma once

#include "tasks/task.h"

namespace divla {

const Task& CubeInLiddedBox();

}  // namespace divla
