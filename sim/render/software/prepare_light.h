// One light of MuJoCo's view, made ready for the kernels.
#pragma once

#include <mujoco/mujoco.h>

#include "sim/render/software/frame_data.h"

namespace divla::software {

// False for what MuJoCo's OpenGL does not draw either: point and image lights. Fills everything but `shadow`.
bool MakeLight(const mjvLight& source, Light& light);
bool CastsShadow(const mjvLight& source);

// What shines when nothing else does: 0.3 from everywhere, as in MuJoCo's OpenGL.
Light LightOfDarkness();

// Enters light number `index` into a geom: its direction or place in the geom's own frame.
void AimLight(const mjvLight& source, bool spot, const mjvGeom& geom_source, int index, Geom& geom);

}  // namespace divla::software
