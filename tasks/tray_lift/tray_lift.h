// tray_lift (AgileX, two arms): both hands lift a tray by its two handles; what stands on it must stay on it.
//
// Instruction   "Lift the tray with both arms." and four more seen templates; five held-out ones. None names the load.
// Randomised    tray in x 0.24..0.32, y +-0.03 m, yaw +-0.15 rad, its handles to the left and to the right; the load,
//               one of red_apple, red_can, blue_cube, blue_mug and juice_box, within 4 cm (x) and 3 cm (y) of the tray's
//               middle, any yaw; robot start +-0.06 rad per joint.
// Success       for 0.5 s, while the grippers hold (this task ends with the tray in the hands, as transfer_cube does):
//               both hands are closed around their handles (Holds, tasks/two_arms.h: anywhere along them); the tray's
//               lowest point at least 8 cm above the table, as high as transfer_cube holds its cube; the tray tilted by
//               less than 10 degrees; the load rests on the tray: it touches the tray and neither hand nor table, its
//               centre of mass is inside the rim's outline and above the plate, slower than 0.05 m/s relative to the
//               tray; the tray slower than 0.05 m/s.
// Stages        reached (each tool within 3 cm of its handle, or holding), grasped (both hands hold the tray), lifted
//               (held by both, the lowest point 3 cm up, load on it), placed (success).
// Horizon       300 control steps (15 s).
// Reasoning     by phase: "The apple is on the tray. Grasp the tray by both handles." (while it is less than 3 cm up and
//               a hand lacks it), "Lift the tray with both arms and keep the apple on it.", "Hold the tray level with
//               both arms."; when the load is off: "The apple is not on the tray. Put it back on the tray.".
//
// plan.target is the tray, plan.destination the load: there is nothing to bring it to, but both must be seen.
#pragma once

#include "tasks/task.h"

namespace divla {

const Task& TrayLift();

// True when the load's centre of mass is inside the rim's outline and above the plate, whether it touches or not.
bool LoadIsOver(const Scene& scene, const EpisodePlan& plan);
// True when the load rests on the tray by the rule above.
bool RestsOnTray(const Scene& scene, const EpisodePlan& plan);

}  // namespace divla
