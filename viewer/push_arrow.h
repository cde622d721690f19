// A push in the 3-D view: what the mouse takes hold of, and the arrow.
#pragma once

#include <mujoco/mujoco.h>

#include "harness/edits.h"
#include "sim/scene.h"

namespace divla {

// N for each metre of a drag, which is also how long its arrow is: 100 m/s2 of acceleration for each metre, felt by the
// body's translational inertia in the model's own pose (mjModel::body_invweight0).
double NewtonsPerMetre(const mjModel& model, int body);

// The nearest body from `body` upwards that has a name and moves; 0: there is none.
int BodyToPush(const mjModel& model, int body);

// Adds the arrow of a push to what `view` shows of the scene: from the centre of mass, as long as the drag that made it.
void AddPushArrow(const Push& push, const Scene& scene, mjvScene& view);

}  // namespace divla
