#include <algorithm>
#include <cmath>

#include "sim/check.h"
#include "tasks/variation/apply.h"

namespace divla {
namespace {

constexpr double kGazeHeight = 0.03;  // m over the table, of the point that is looked at
constexpr double kSteepest = 1.45;    // rad, elevation: short of straight down, where azimuth has no meaning

// Where the camera's line of sight meets the things on the table: what the orbit goes around.
void Gaze(const double position[3], const double rotation[4], double centre[3]) {
  const double ahead[3] = {0, 0, -1};  // in the camera's own frame
  double direction[3];
  mju_rotVecQuat(direction, ahead, rotation);
  if (direction[2] > -0.05) throw InputError("camera: expected one that looks down at the table");
  mju_addScl3(centre, position, direction, (kGazeHeight - position[2]) / direction[2]);
}

// Turns position and rotation about an axis through the centre.
void Turn(const double centre[3], const double axis[3], double angle, double position[3], double rotation[4]) {
  double turn[4];
  mju_axisAngle2Quat(turn, axis, angle);
  double offset[3];
  mju_sub3(offset, position, centre);
  double turned[3];
  mju_rotVecQuat(turned, offset, turn);
  mju_add3(position, centre, turned);
  double result[4];
  mju_mulQuat(result, turn, rotation);
  mju_copy4(rotation, result);
}

void Orbit(const ViewChange& view, double position[3], double rotation[4]) {
  double centre[3];
  Gaze(position, rotation, centre);
  const double up[3] = {0, 0, 1};
  Turn(centre, up, view.azimuth, position, rotation);
  double offset[3];
  mju_sub3(offset, position, centre);
  const double now = std::atan2(offset[2], std::hypot(offset[0], offset[1]));
  // The axis that lifts the camera: horizontal, at right angles to where it stands. The camera looks along it
  // unchanged.
  double side[3] = {offset[1], -offset[0], 0};
  if (mju_normalize3(side) > 1e-9)
    Turn(centre, side, std::min(now + view.elevation, kSteepest) - now, position, rotation);
  mju_sub3(offset, position, centre);
  mju_scl3(offset, offset, view.distance);
  mju_add3(position, centre, offset);
  const double backward[3] = {0, 0, 1};  // in the camera's own frame
  double roll[4];
  mju_axisAngle2Quat(roll, backward, view.roll);
  double rolled[4];
  mju_mulQuat(rolled, rotation, roll);
  mju_copy4(rotation, rolled);
}

}  // namespace

void ApplyView(const ViewChange& view, mjSpec* spec) {
  const mjsBody* world = mjs_findBody(spec, "world");
  int outer = 0;
  for (mjsElement* element = mjs_firstElement(spec, mjOBJ_CAMERA); element != nullptr;
       element = mjs_nextElement(spec, element)) {
    mjsCamera* camera = mjs_asCamera(element);
    if (mjs_getParent(element) != world) continue;  // on the robot
    if (camera->alt.type != mjORIENTATION_QUAT) {
      const char* problem =
          mjs_resolveOrientation(camera->quat, spec->compiler.degree, spec->compiler.eulerseq, &camera->alt);
      if (problem != nullptr) throw InputError(std::string("camera orientation: ") + problem);
      camera->alt.type = mjORIENTATION_QUAT;
    }
    Orbit(view, camera->pos, camera->quat);
    ++outer;
  }
  if (outer == 0) throw InputError("scene: expected a camera that is not on the robot, found none");
}

}  // namespace divla
