// peg_insertion (AgileX, two arms; after ACT's simulated task, Zhao et al. 2023): the right arm takes the peg, the left
// arm the socket, and the peg is put into the socket in the air.
//
// Instruction   "Put the peg into the socket." and four more seen templates; five held-out ones.
// Randomised    peg in x 0.22..0.34, y -0.26..-0.13 m, socket in x 0.22..0.34, y 0.13..0.26 m, both along world y but
//               for a yaw of +-0.3 rad; robot start +-0.06 rad per joint.
// Shapes        the peg is a bar of 22 x 22 x 120 mm, the socket a block of 60 mm with a square hole of 30 mm right
//               through: 4 mm of play on each side. Both ends of either are alike, and any may be used.
// Success       for 0.5 s, while the grippers hold (as in transfer_cube): the left hand holds the socket and the right
//               one the peg (Holds, tasks/two_arms.h: anywhere along it), the lowest corner of both at least 5 cm above
//               the table; an end of the peg is in the hole, at least 20 mm (nearly its own width, so it cannot just
//               lean there) behind the mouth that it came through; peg and socket slower than 0.05 m/s.
// Stages        reached (each tool within 3 cm of its thing, or holding it), grasped (both hold, both 5 cm up), aligned
//               (besides, the peg within 10 degrees of the hole's axis and its end within 4 mm of it sideways),
//               inserted (success).
// Horizon       400 control steps (20 s).
// Reasoning     by phase: "Pick up the peg with the right arm and the socket with the left arm."; when one hand has its
//               part, "The right arm has the peg. Pick up the socket with the left arm." or the reverse; "Lift the peg
//               and the socket off the table.", "Line the peg up with the hole of the socket.", "Push the peg into the
//               socket.", "Hold the peg in the socket."
#pragma once

#include "tasks/task.h"

namespace divla {

const Task& PegInsertion();

// How the peg stands to the hole: of the peg's end that is nearer to the hole, in the socket's frame, whose x axis is
// the hole's.
struct PegFit {
  double depth{};     // m behind the mouth that the peg points at; negative in front of it
  double sideways{};  // m, the larger of the end's distances from the hole's axis along the socket's y and z
  double at_mouth{};  // m, the same of the peg's axis where it passes the mouth
  double angle{};     // rad between the axes
};
PegFit FitOf(const Scene& scene, const EpisodePlan& plan);

}  // namespace divla
