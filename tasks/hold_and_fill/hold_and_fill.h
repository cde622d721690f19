// hold_and_fill (AgileX, two arms): the left hand holds an open paper bag by its tab, the right one puts what lies on
// the right into it.
//
// Instruction   "Put everything into the paper bag." and four more seen templates; five held-out ones. None names an
//               object.
// Randomised    one or two of red_apple, lemon, blue_cube, egg, eraser and duck in x 0.21..0.33, y -0.36..-0.15 m, yaw
//               +-0.4 rad; bag in x 0.26..0.31, y 0.0..0.05 m, its tab to the left, yaw +-0.15 rad; robot start +-0.06
//               rad per joint.
// Bag           9 x 12 cm wide and 7.7 cm high, 30 g, on a folded bottom of only 6 x 2.8 cm: what lies beside the
//               middle tips it over unless it is held.
// Success       for 0.5 s: every object is inside the bag (its centre of mass between the walls, over the bottom and
//               below the rim), the left hand holds the bag by its tab (Holds, tasks/two_arms.h: this hand stays
//               closed), the bag is tilted by less than 15 degrees, the right gripper is more than 80 % open and
//               touches neither bag nor objects, everything slower than 0.05 m/s.
// Score         objects_placed of objects_total: how many are inside, whoever holds what. EpisodePlan::assignments
//               names them.
// Stages        reached (the left tool within 3 cm of the tab, or holding it), held (the left hand holds the bag),
//               filled once (an object is inside), filled (all are), placed (success).
// Horizon       500 control steps (25 s).
// Reasoning     by sub-goal: "Hold the paper bag with the left arm."; then for one object after another "The apple is
//               not in the paper bag yet. Pick it up with the right arm." and "Put the apple into the paper bag."; at
//               the end "Everything is in the paper bag. Keep holding it."
#pragma once

#include <string>

#include "tasks/task.h"

namespace divla {

const Task& HoldAndFill();

// True when the object is inside the plan's bag by the rule above.
bool IsInBag(const Scene& scene, const EpisodePlan& plan, const std::string& body);
// True when the left hand holds the bag.
bool HoldsBag(const Scene& scene, const EpisodePlan& plan);
// True when the right hand has the object between its fingers.
bool HoldsFiller(const Scene& scene, const EpisodePlan& plan, const std::string& body);

}  // namespace divla
