// table_bussing (AgileX, two arms; DiVLA paper, section 4.6): the left arm brings the tableware into the white
// container on the left, the right arm the rubbish into the bin on the right. Two tasks, which are the paper's two
// conditions:
//
//   table_bussing         seen objects
//   table_bussing_mixed   each object seen or unseen with equal chance, at least one of both; evaluation only
//
// Instruction   "Sort the tablewares and rubbish on the table." and five more seen templates; six held-out ones.
// Objects       3 to 5, at least one and at most three of each kind, each of a category of its own. Seen tableware:
//               bowls, plates, mugs, a glass and a cup; seen rubbish: cans, paper trash and paper cups.
// Left, right   as the robot sees them, and as cam_high shows them: the container is at y 0.36 and in the left half of
//               the picture, the bin at y -0.36 and in the right half. (The paper's front camera faces the robot: there
//               the bin is on the left.)
// Randomised    container and bin at x 0.27 (each +-0.01 m in x and y); inside 19.6 cm square, 5.8 and 7.2 cm high.
//               Objects between them in x 0.165..0.32 m; tableware in y -0.06..0.115, rubbish in y -0.115..0.06, which
//               is as far as the arm that needs them reaches with certainty: two thirds of either range are common to
//               both. Yaw +-0.5 rad, 12 mm apart (less when they do not fit otherwise), so that they can be cleared
//               with the fingers one after the other (PlaceCrowd). Robot start +-0.06 rad per joint.
// Success       for 0.5 s: each object's centre of mass is between the walls of where it belongs, above its floor and
//               below its rim, no finger touches it, it is slower than 0.05 m/s, and both grippers are more than 80 %
//               open. Which arm brought it does not matter.
// Score         TaskStatus::objects_placed of objects_total. Stages: one for each object, placed.
// Horizon       600 control steps (30 s): 120 for each of 5 objects.
// Reasoning     "Place the {object} to white container." or "Place the {object} to rubbish bin.", of the object of
//               CurrentAssignment (tasks/assignments.h): what a gripper holds, else what one is at, else what is next.
//               "All tablewares and rubbish are sorted." when nothing is left.
#pragma once

#include "tasks/task.h"

namespace divla {

const Task& TableBussing();
const Task& TableBussingMixed();

}  // namespace divla
