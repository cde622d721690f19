#include "tasks/transfer_cube/expert.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <utility>

#include "sim/controller.h"
#include "tasks/table_top.h"
#include "tasks/two_arms.h"

namespace divla {
namespace {

using Vector = std::array<double, 3>;
using Quaternion = std::array<double, 4>;

constexpr int kLeft = kLeftArm, kRight = kRightArm;
constexpr double kPi = std::numbers::pi;

constexpr Vector kHandover{0.30, 0.0, 0.20};  // m, right tool (and so the cube's centre) at the handover
constexpr double kTilt = kPi / 4;             // rad, of both tools from straight down
constexpr double kSetBack = 0.008;  // m, left tool short of the cube's centre: its palm clears the right fingers
constexpr double kWait = 0.11;      // m, left tool short of the cube's centre while it waits
constexpr double kBackOff = 0.13;   // m, right tool from the handover at the end

constexpr double kOwnSide = 0.03;   // m, right tool y below which the left arm may come
constexpr double kBetween = 0.025;  // m, cube's centre to the tool while the cube is between the fingers

constexpr double kHover = 0.09;        // m, over the grasp before going down
constexpr double kAligned = 0.012;     // m, sideways error below which a tool may go in
constexpr double kAtGrasp = 0.006;     // m, error at which fingers close
constexpr double kStraight = 0.08;     // rad, turn error below which a tool may go in
constexpr double kCarryHeight = 0.10;  // m, right tool height above which it goes sideways and turns
constexpr double kHalfOpen = 0.55;     // lets the cube go without reaching the left palm
constexpr int kGripSteps = 6;          // control steps that fingers get to close
constexpr int kReleaseSteps = 4;       // control steps that they get to open

// a + share * (direction).
Vector Along(const Vector& a, const Vector& direction, double share) {
  return {a[0] + share * direction[0], a[1] + share * direction[1], a[2] + share * direction[2]};
}

// Straight down turned by `yaw`, then tilted by `tilt` about world x: a positive tilt points the tool to the left (+y).
Quaternion Tilted(double tilt, double yaw) {
  const Quaternion turn{std::cos(tilt / 2), std::sin(tilt / 2), 0, 0};
  const Quaternion down = DownRotation(yaw);
  Quaternion result{};
  mju_mulQuat(result.data(), turn.data(), down.data());
  return result;
}

// The tool axis (z, out of the gripper) of a tilted tool.
Vector TiltedAxis(double tilt) { return {0, std::sin(tilt), -std::cos(tilt)}; }

Quaternion RightTurn() { return Tilted(kTilt, 0); }
Quaternion LeftTurn() { return Tilted(-kTilt, kPi / 2); }

Vector CubeCentre(const Scene& scene, int cube) {
  const mjtNum* centre = scene.Data().xipos + 3 * cube;
  return {centre[0], centre[1], centre[2]};
}

// Both fingers touch, or one does and the cube is still between them: contacts flicker while two hands pull at one
// cube.
bool Holds(const Scene& scene, int arm, int cube) {
  if (scene.IsGrasped(arm, cube)) return true;
  return scene.IsTouched(arm, cube) && Distance(scene.ToolPose(arm).position, CubeCentre(scene, cube)) < kBetween;
}

// Yaw of the cube's sides, in (-pi/4, pi/4]: of its most level axis, whichever face it lies on.
double CubeYaw(const Scene& scene, int cube) {
  const mjtNum* rotation = scene.Data().xmat + 9 * cube;
  int level = 0;
  for (int axis = 1; axis < 3; ++axis) {
    if (std::abs(rotation[6 + axis]) < std::abs(rotation[6 + level])) level = axis;
  }
  const double yaw = std::atan2(rotation[3 + level], rotation[level]);
  return yaw - kPi / 2 * std::round(yaw / (kPi / 2));
}

}  // namespace

TransferExpert::TransferExpert(std::string cube) : cube_(std::move(cube)) {}

std::vector<float> TransferExpert::Act(const Scene& scene) {
  if (!left_start_) left_start_ = scene.ToolPose(kLeft);
  const int cube = scene.BodyId(cube_);
  const bool left_holds = left_grip_ >= kGripSteps && Holds(scene, kLeft, cube);
  const bool right_holds = right_grip_ >= kGripSteps && Holds(scene, kRight, cube);
  const Vector left_axis = TiltedAxis(-kTilt);

  ArmGoal left;
  ArmGoal right;
  left.pose = *left_start_;
  if (left_holds) {
    left.pose = {Along(kHandover, left_axis, -kSetBack), LeftTurn()};
    left.gripper = 0;
    right = Release(scene);
  } else if (right_holds || (left_grip_ > 0 && Holds(scene, kLeft, cube) && right_grip_ >= kGripSteps)) {
    release_ = 0;
    right = Carry(scene);
    // Not before the right hand is out of the left one's way (it may have fetched a lost cube from there).
    if (scene.ToolPose(kRight).position[1] < kOwnSide) left = Take(scene);
  } else {
    left_grip_ = 0;
    release_ = 0;
    right = Pick(scene);
  }

  return TwoArmAction(scene, {left, right});
}

// From above, fingers along the cube's sides: hover, turn, down, close.
ArmGoal TransferExpert::Pick(const Scene& scene) {
  const int cube = scene.BodyId(cube_);
  const Pose tool = scene.ToolPose(kRight);
  const Vector centre = CubeCentre(scene, cube);
  ArmGoal goal;
  goal.pose = {{centre[0], centre[1], std::max(centre[2], 0.018)}, DownRotation(CubeYaw(scene, cube))};
  const double aside = std::hypot(tool.position[0] - centre[0], tool.position[1] - centre[1]);
  const double above = tool.position[2] - goal.pose.position[2];
  const bool straight = TurnBetween(tool.rotation, goal.pose.rotation) < kStraight;

  if (right_grip_ > 0 && right_grip_ < kGripSteps && aside < 3 * kAligned) {
    goal.gripper = 0;
    ++right_grip_;
    return goal;
  }
  right_grip_ = 0;
  if (aside < kAtGrasp && std::abs(above) < kAtGrasp && straight && scene.GripperOpening(kRight) > 0.8) {
    goal.gripper = 0;
    right_grip_ = 1;
  } else if (!straight || aside > (above < 0.5 * kHover ? 2 * kAligned : kAligned)) {
    // Across at hover height; from low down, up before across.
    goal.pose.position[2] += kHover;
    if (above < 0.4 * kHover) {
      goal.pose.position[0] = tool.position[0];
      goal.pose.position[1] = tool.position[1];
    }
  }
  return goal;
}

// Up first; then to the handover while the tool tilts.
ArmGoal TransferExpert::Carry(const Scene& scene) const {
  const Pose tool = scene.ToolPose(kRight);
  ArmGoal goal;
  goal.gripper = 0;
  goal.pose = {kHandover, RightTurn()};
  if (tool.position[2] < kCarryHeight && Distance(tool.position, kHandover) > 0.03) {
    goal.pose = {{tool.position[0], tool.position[1], kHandover[2]}, tool.rotation};
  }
  return goal;
}

// Waits short of the handover until the right hand is there, then goes in along the tool's axis and closes.
ArmGoal TransferExpert::Take(const Scene& scene) {
  const Pose left = scene.ToolPose(kLeft);
  const Pose right = scene.ToolPose(kRight);
  const Vector axis = TiltedAxis(-kTilt);
  ArmGoal goal;
  goal.pose = {Along(kHandover, axis, -kWait), LeftTurn()};
  const bool offered =
      Distance(right.position, kHandover) < kAligned && TurnBetween(right.rotation, RightTurn()) < kStraight;
  if (!offered) {
    left_grip_ = 0;
    return goal;
  }
  const Vector grasp = Along(CubeCentre(scene, scene.BodyId(cube_)), axis, -kSetBack);
  // How far the tool is off the line through the grasp along the axis.
  double ahead = 0;
  for (std::size_t i = 0; i < 3; ++i) ahead += axis[i] * (grasp[i] - left.position[i]);
  const double aside = Distance(Along(left.position, axis, ahead), grasp);
  const bool straight = TurnBetween(left.rotation, goal.pose.rotation) < kStraight;
  if (left_grip_ > 0 || (std::abs(ahead) < kAtGrasp && aside < kAtGrasp && straight)) {
    goal.pose.position = grasp;
    goal.gripper = 0;
    ++left_grip_;
    if (left_grip_ > 3 * kGripSteps) left_grip_ = 0;  // closed on nothing: open and try again
  } else if (straight && aside < kAligned) {
    goal.pose.position = grasp;
  }
  return goal;
}

// Opens a little, backs off along the tool's axis, opens fully once clear of the left hand.
ArmGoal TransferExpert::Release(const Scene& scene) {
  const Pose tool = scene.ToolPose(kRight);
  ArmGoal goal;
  goal.pose = {Along(kHandover, TiltedAxis(kTilt), -kBackOff), RightTurn()};
  if (release_ < kReleaseSteps) {
    goal.pose.position = kHandover;
    ++release_;
  }
  right_grip_ = 0;
  goal.gripper = Distance(tool.position, kHandover) > 0.06 ? 1.0 : kHalfOpen;
  return goal;
}

}  // namespace divla
