// Names for the numbers of a state row (Scene::SaveState, MuJoCo's mjSTATE_INTEGRATION), for messages.
#pragma once

#include <mujoco/mujoco.h>

#include <string>

namespace divla {

// "qpos[12] (object_bread z)", "qvel[3] (joint4)", "ctrl[7] (gripper)": MuJoCo's field, the index in it, and the joint,
// body or actuator it belongs to; of a free joint the body's name and the coordinate. "state[N]" when the row of this
// model has no number N.
std::string StateFieldName(const mjModel& model, int index);

}  // namespace divla
