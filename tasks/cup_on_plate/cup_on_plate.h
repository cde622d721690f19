// cup_on_plate (Panda; DiVLA paper, multi-task learning, task 4): put the cup onto the plate on the top or the bottom
// layer of a two-tier shelf.
//
// Shelf         two boards 17 cm wide, their tops 4 cm and 16 cm above the table. The bottom board is 30 cm deep; the
//               top one covers only the half of it on the robot's side (14.4 cm), so that a hand pointing down reaches both
//               layers and the outer cameras see both. Shelf and plates stand fixed.
// Instruction   half of the episodes have one plate: "Place the cup onto the plate." and two more seen templates; the
//               others have a plate on both layers and a text that names one: "Place the cup onto the plate on the top
//               layer." and one more, each with top and bottom. Held out: six texts (paraphrases with unseen words).
// Randomised    the layer meant; which side the shelf is on; its middle at x 0.52 +-0.02, y +-0.21 +-0.015 m; plates at
//               the middle of their boards +-1 cm in y; cup in x 0.40..0.58, y from 0.20 m to 0.02 m on the other side,
//               yaw +-0.4 rad; red pepper and green ball beside it, each with probability 0.5, 3 cm from the rest;
//               robot start +-0.06 rad per joint.
// Success       for 0.5 s: the middle of the cup's base within 25 mm of the middle of the plate meant (its whole base
//               inside the rim) and between 4 mm under and 6 mm over the plate's surface, the cup upright within 15
//               degrees, not touched by the fingers, gripper more than 80 % open, cup slower than 0.05 m/s.
// Stages        reached (tool within 3 cm of the grasp), grasped (the fingers hold the cup 5 cm above the table),
// placed. Horizon       240 control steps (12 s). Reasoning     "The plate is on the top layer." or "... bottom layer."
// The paper says this of the layer to act on.
#pragma once

#include "tasks/task.h"

namespace divla {

const Task& CupOnPlate();

}  // namespace divla
