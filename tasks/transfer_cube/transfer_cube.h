// transfer_cube (AgileX, two arms; after ACT's simulated task of that name, Zhao et al. 2023): the right arm picks the
// red cube up and hands it over in the air; the left arm holds it at the end.
//
// Instruction   "Transfer the red cube from the right arm to the left arm." and three more seen templates; four
//               held-out ones (paraphrases with unseen words).
// Randomised    cube in x 0.22..0.36, y -0.34..-0.12 m, yaw +-0.4 rad; robot start +-0.06 rad per joint.
// Success       for 0.5 s: both left fingers touch the cube and no right finger does, right gripper more than 80 % open
//               and its tool at least 6 cm from the cube's centre, the cube's lowest corner at least 8 cm above the
//               table, cube slower than 0.05 m/s.
// Stages        reached (right tool within 3 cm of the cube), grasped (right fingers hold it 3 cm above the table),
//               handed over (the left fingers hold it up and the right ones let go), placed (success).
// Horizon       300 control steps (15 s).
// Reasoning     by phase: "The red cube is on the right. Pick it up with the right arm." (right, left or in the middle,
//               as cam_high sees it; while no hand has it), "Hand the red cube over to the left arm.", "Hold the red cube
//               with the left arm."
#pragma once

#include "tasks/task.h"

namespace divla {

const Task& TransferCube();

// Height of the lowest corner of the body's bounding boxes over the table, m.
double Clearance(const Scene& scene, int body);

}  // namespace divla
