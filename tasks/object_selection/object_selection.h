// object_selection (Panda; DiVLA paper, multi-task learning, task 1): choose the object that serves the stated need and
// put it on the tray.
//
// Instruction   an intent that never names the object: eat -> bread, put water in -> silver pot, post a poster -> tape.
// Five seen sentences
//               per intent, three held out.
// Randomised    bread, silver pot and tape, and with probability 0.5 each a sponge and a bowl, in x 0.36..0.60, y
// -0.22..0.14 m, at least
//               2 cm from each other, yaw +-0.4 rad; white tray at x 0.50 +-0.02, y 0.30 +-0.02 m; robot start +-0.06
//               rad per joint.
// Success       for 0.5 s: the centre of mass between the walls of the destination and at most 12 mm above where it is
// when the object stands
//               on its floor, not touched by the fingers, gripper more than 80 % open, object slower than 0.05 m/s.
// Horizon       240 control steps (12 s).
// Reasoning     "Sure, there is a bread you can eat." / "Sure, there is a silver pot on the table." / "Sure, there is a
// tape which can help you."
#pragma once

#include "tasks/task.h"

namespace divla {

const Task& ObjectSelection();

}  // namespace divla
