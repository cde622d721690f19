#include "tasks/flip_pot/expert.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <utility>

#include "sim/controller.h"
#include "tasks/table_top.h"

namespace divla {
namespace {

using Vector = std::array<double, 3>;
using Quaternion = std::array<double, 4>;

constexpr double kLean = 35.0 * std::numbers::pi / 180.0;      // rad, of the tool from straight down at the grasp
constexpr double kWallLean = 15.0 * std::numbers::pi / 180.0;  // rad, when it holds the walls: the rim is then nearer
constexpr double kWallHeight = 0.028;                          // m over the pot's base, where it holds the walls
constexpr double kLevel = 0.26;                                // sine of the steepest line of handles it can hold
constexpr double kHover = 0.09;                                // m, back along the tool's axis before going in
constexpr double kAligned = 0.010;    // m, error across the axis below which the tool may go in
constexpr double kAtGrasp = 0.006;    // m, error at which the fingers close
constexpr double kBetween = 0.015;    // m, tool to the grasp while the pot is between the fingers
constexpr double kStraight = 0.08;    // rad, turn error below which the tool may go in
constexpr double kTurnHeight = 0.12;  // m, tool over the table while the pot turns
constexpr double kTurnFrom = 0.08;    // m, tool height above which it turns
constexpr double kUpright = 0.08;     // rad, of the pot's axis, below which it goes down
constexpr double kPutDown = 0.005;    // m, of the pot's base over the table when it is let go
constexpr double kDropFrom = 0.022;   // m, the same when it holds the walls: the hand then lies nearly on the table
constexpr double kAim = 0.001;        // m, base height that the way down aims at
constexpr double kLead = 0.045;       // m, how far ahead of the tool a command runs
constexpr double kTurnLead = 0.18;    // rad
constexpr int kGripSteps = 6;         // control steps that the fingers get to close
constexpr int kReleaseSteps = 5;      // control steps that they get to open

Vector Along(const Vector& a, const Vector& direction, double share) {
  return {a[0] + share * direction[0], a[1] + share * direction[1], a[2] + share * direction[2]};
}

double Distance(const Vector& a, const Vector& b) { return std::hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]); }

// Column `axis` of a body's or site's rotation matrix.
Vector Column(const mjtNum* matrix, int axis) { return {matrix[axis], matrix[3 + axis], matrix[6 + axis]}; }

Vector ToolAxis(const Pose& tool) {
  mjtNum matrix[9];
  mju_quat2Mat(matrix, tool.rotation.data());
  return Column(matrix, 2);
}

double TurnBetween(const Quaternion& from, const Quaternion& to) {
  mjtNum turn[3];
  mju_subQuat(turn, to.data(), from.data());
  return mju_norm3(turn);
}

// The pose on the way from `from` to `to`, at most kLead and kTurnLead ahead.
Pose Towards(const Pose& from, const Pose& to) {
  Pose next = to;
  const double distance = Distance(from.position, to.position);
  if (distance > kLead) {
    for (std::size_t i = 0; i < 3; ++i) {
      next.position[i] = from.position[i] + kLead / distance * (to.position[i] - from.position[i]);
    }
  }
  mjtNum turn[3];
  mju_subQuat(turn, to.rotation.data(), from.rotation.data());
  const double angle = mju_norm3(turn);
  if (angle > kTurnLead) {
    next.rotation = from.rotation;
    mju_quatIntegrate(next.rotation.data(), turn, kTurnLead / angle);
  }
  return next;
}

}  // namespace

FlipExpert::FlipExpert(std::string pot, double handle_height, const Vector& opening)
    : pot_(std::move(pot)), handle_height_(handle_height), grip_height_(handle_height), opening_(opening) {}

std::vector<float> FlipExpert::Act(const Scene& scene) {
  const int pot = scene.BodyId(pot_);
  const Pose tool = scene.ToolPose(0);
  const bool stands = std::acos(std::min(1.0, scene.Data().xmat[9 * pot + 8])) < 2 * kUpright &&
                      std::abs(scene.BodyPosition(pot)[2]) < kPutDown;
  Goal goal;
  if (release_ > 0 && release_ < kReleaseSteps) {
    goal.pose = tool;  // let go where it is
    ++release_;
    grip_ = 0;
  } else if (stands && !scene.IsTouched(0, pot)) {
    // Back out along the tool's axis: the handles are still between the fingers.
    goal.pose = tool;
    grip_ = 0;
    if (Distance(tool.position, GripPoint(scene, pot)) < kHover) {
      goal.pose.position = Along(tool.position, ToolAxis(tool), -kHover);
    }
  } else if (grip_ >= kGripSteps && Holds(scene, pot)) {
    goal = Carry(scene);
  } else {
    goal = Pick(scene);
  }
  const ToolTarget target{Towards(tool, goal.pose), goal.gripper};
  return ToAction(scene, {&target, 1});
}

// Back along the axis from the grasp, turn, in, close.
FlipExpert::Goal FlipExpert::Pick(const Scene& scene) {
  const int pot = scene.BodyId(pot_);
  const Pose tool = scene.ToolPose(0);
  grip_height_ = HandlesAreLevel(scene, pot) ? handle_height_ : kWallHeight;
  const Vector held = GripPoint(scene, pot);
  Goal goal;
  goal.pose = {held, GraspTurn(scene, pot)};
  const Vector axis = ToolAxis(goal.pose);
  release_ = 0;
  if (grip_ > 0 && grip_ < kGripSteps && Distance(tool.position, held) < 3 * kAligned) {
    goal.gripper = 0;
    ++grip_;
    return goal;
  }
  grip_ = 0;
  // How far the tool is off the line through the grasp along the axis.
  double ahead = 0;
  for (std::size_t i = 0; i < 3; ++i) ahead += axis[i] * (held[i] - tool.position[i]);
  const double aside = Distance(Along(tool.position, axis, ahead), held);
  const bool straight = TurnBetween(tool.rotation, goal.pose.rotation) < kStraight;
  if (straight && aside < kAtGrasp && std::abs(ahead) < kAtGrasp) {
    goal.gripper = 0;
    grip_ = 1;
  } else if (!straight || aside > (ahead < 0.5 * kHover ? 2 * kAligned : kAligned)) {
    goal.pose.position = Along(held, axis, -kHover);
    // From low down, up before across.
    if (ahead < 0.4 * kHover && aside > kAligned) {
      goal.pose = {{tool.position[0], tool.position[1], held[2] + kHover}, tool.rotation};
    }
  }
  return goal;
}

// Up, then the pot's axis to straight up, then down until it stands, then open.
FlipExpert::Goal FlipExpert::Carry(const Scene& scene) {
  const int pot = scene.BodyId(pot_);
  const Pose tool = scene.ToolPose(0);
  const Vector axis = Column(scene.Data().xmat + 9 * pot, 2);
  const mjtNum up[3] = {0, 0, 1};
  mjtNum turn[3];
  mju_cross(turn, axis.data(), up);
  const double sine = mju_normalize3(turn);
  const double angle = std::atan2(sine, axis[2]);

  Goal goal;
  goal.gripper = 0;
  goal.pose = tool;
  release_ = 0;
  if (tool.position[2] > kTurnFrom || angle < kUpright) {
    mjtNum rotation[4];
    mju_axisAngle2Quat(rotation, turn, angle);
    mju_mulQuat(goal.pose.rotation.data(), rotation, tool.rotation.data());
  }
  if (angle > kUpright) {
    goal.pose.position[2] = kTurnHeight;
    return goal;
  }
  const double base = scene.BodyPosition(pot)[2];
  goal.pose.position[2] = tool.position[2] - (base - kAim);
  if (base < (grip_height_ < handle_height_ ? kDropFrom : kPutDown)) {
    goal.gripper = 1.0;
    release_ = 1;
  }
  return goal;
}

// Both fingers touch, or one does and the pot is still between them: contacts flicker while the hand turns.
bool FlipExpert::Holds(const Scene& scene, int pot) const {
  if (scene.IsGrasped(0, pot)) return true;
  return scene.IsTouched(0, pot) && Distance(scene.ToolPose(0).position, GripPoint(scene, pot)) < kBetween;
}

Vector FlipExpert::GripPoint(const Scene& scene, int pot) const {
  return Along(scene.BodyPosition(pot), Column(scene.Data().xmat + 9 * pot, 2), grip_height_);
}

bool FlipExpert::HandlesAreLevel(const Scene& scene, int pot) const {
  return std::abs(Column(scene.Data().xmat + 9 * pot, 1)[2]) < kLevel;
}

Quaternion FlipExpert::GraspTurn(const Scene& scene, int pot) const {
  Vector opening = Column(scene.Data().xmat + 9 * pot, 2);
  if (std::hypot(opening[0], opening[1]) < 0.5) opening = opening_;
  opening[2] = 0;
  mju_normalize3(opening.data());
  // The line that the fingers close along: through the handles, or level through the walls.
  const bool level = HandlesAreLevel(scene, pot);
  Vector along = level ? Column(scene.Data().xmat + 9 * pot, 1) : Vector{-opening[1], opening[0], 0};
  // Of the two ways to hold it, the one that keeps the last joint far from its limits.
  if (along[0] < 0) along = {-along[0], -along[1], -along[2]};
  const double lean = level ? kLean : kWallLean;
  Vector axis = {-std::sin(lean) * opening[0], -std::sin(lean) * opening[1], -std::cos(lean)};
  mju_addToScl3(axis.data(), along.data(), -mju_dot3(axis.data(), along.data()));
  mju_normalize3(axis.data());
  Vector across{};
  mju_cross(across.data(), along.data(), axis.data());
  const mjtNum matrix[9] = {across[0], along[0], axis[0], across[1], along[1], axis[1], across[2], along[2], axis[2]};
  Quaternion rotation{};
  mju_mat2Quat(rotation.data(), matrix);
  return rotation;
}

}  // namespace divla
