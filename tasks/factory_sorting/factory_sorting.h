// factory_sorting (Panda; DiVLA paper, section 4.3): everything on the right panel goes into the sector of its class in
// the box on the left. Four tasks, which are the paper's four conditions:
//
//   factory_sorting                  seen objects, apart from each other
//   factory_sorting_mixed            each object seen or unseen with equal chance, at least one of both
//   factory_sorting_cluttered        seen objects in a crowd
//   factory_sorting_cluttered_mixed  both
// The mixed ones are for evaluation only.
//
// Instruction   "Sort all items into corresponding areas." and four more seen templates; six held-out ones (paraphrases
//               with unseen words).
// Sectors       of the box at x 0.44, y -0.26 (each +-0.01 m; four containers of 18.4 x 20 cm inside, 7.5 cm deep,
//               wall to wall), named as the outer cameras see the box, facing the robot: left is at negative y,
//               the bottom is far from the robot, at greater x.
//                 toy cars -> bottom-left     stuffed toys -> top-right
//                 hardware tools -> bottom-right     protective tools -> top-left
// Randomised    easy (2 to 4 objects) or hard (6 to 11) with equal chance; the class of each object with equal chance,
//               at most 3 of a class; the objects of a class without repetition. Apart: 12 mm from each other (less when
//               11 do not fit otherwise) in x 0.29..0.57, y 0.09..0.49 m on the panel, yaw +-0.5 rad. Crowd: 2 mm from
//               each other, each at most 12 mm from another one, in a part of the panel, yaw +-0.8 rad. In both the
//               layout is one that can be cleared with the fingers (PlaceCrowd). Robot start +-0.06 rad per joint.
// Success       for 0.5 s: each object's centre of mass is between the walls of its sector, above its floor and below
//               its rim (what lies across a divider has it above), no finger touches it, it is slower than 0.05 m/s, and
//               the gripper is more than 80 % open. Objects may lie on one another.
// Score         TaskStatus::objects_placed of objects_total. Stages: one for each object, placed.
// Horizon       1320 control steps (66 s): 120 for each of 11 objects.
// Reasoning     "The {object} belongs to {class} which locate at {sector} of box. Place it on {sector} of box.", of the
//               object of CurrentAssignment (tasks/assignments.h): what the gripper holds, else what it is at, else
//               what is next. "All items are in their areas." when nothing is left.
#pragma once

#include "tasks/task.h"

namespace divla {

const Task& FactorySorting();
const Task& FactorySortingMixed();
const Task& FactorySortingCluttered();
const Task& FactorySortingClutteredMixed();

}  // namespace divla
