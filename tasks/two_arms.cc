#include "tasks/two_arms.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "sim/controller.h"
#include "tasks/table_top.h"

namespace divla {
namespace {

constexpr double kTurnLead = 0.35;  // rad, how far ahead of the tool a commanded turn runs
constexpr double kAligned = 0.010;  // m, sideways error below which a tool may go down
constexpr double kAtGrasp = 0.006;  // m, error at which fingers close
constexpr double kStraight = 0.08;  // rad, turn error below which a tool may go down
constexpr double kBetween = 0.025;  // m, tool to the middle of what the pads grip: they reach 1 cm, half a peg 1.1 more
constexpr double kLoose = 0.012;    // m, most that the fingers of a holding hand are wider than the thing
constexpr double kMostYaw = 2.1;    // rad from home to either side
constexpr double kOpen = 0.8;       // share of the opening with which it may go down
constexpr int kGripSteps = 7;       // control steps that fingers get to close

}  // namespace

double Distance(const std::array<double, 3>& a, const std::array<double, 3>& b) {
  return std::hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);
}

double TurnBetween(const std::array<double, 4>& from, const std::array<double, 4>& to) {
  mjtNum turn[3];
  mju_subQuat(turn, to.data(), from.data());
  return mju_norm3(turn);
}

std::array<double, 3> PointOn(const Scene& scene, int body, const std::array<double, 3>& point) {
  const mjData& data = scene.Data();
  std::array<double, 3> world{};
  mju_mulMatVec3(world.data(), data.xmat + 9 * body, point.data());
  mju_addTo3(world.data(), data.xpos + 3 * body);
  return world;
}

double Heading(const Scene& scene, int body) {
  const mjtNum* rotation = scene.Data().xmat + 9 * body;
  return std::atan2(rotation[3], rotation[0]);
}

double GraspYaw(double yaw) { return yaw - std::numbers::pi * std::ceil(yaw / std::numbers::pi - 0.5); }

std::array<double, 4> GraspRotation(const Scene& scene, int arm, double yaw) {
  const std::array<double, 4> tool = scene.ToolPose(arm).rotation;
  const double less = GraspYaw(yaw);
  const double more = less > 0 ? less - std::numbers::pi : less + std::numbers::pi;
  const std::array<double, 4> one = DownRotation(less);
  const std::array<double, 4> other = DownRotation(more);
  // Turned too far the wrist comes to the end of its range, and the arm is caught there.
  if (std::abs(more) > kMostYaw) return one;
  return TurnBetween(tool, one) <= TurnBetween(tool, other) ? one : other;
}

bool Holds(const Scene& scene, int arm, int body, const ObjectGrasp& grasp) {
  const double gap =
      2 * scene.GripperOpening(arm) * scene.GetRobot().arms.at(static_cast<std::size_t>(arm)).finger_open;
  if (gap <= 0.5 * grasp.width || gap >= grasp.width + kLoose || !scene.IsTouched(arm, body)) return false;
  const std::array<double, 3> tool = scene.ToolPose(arm).position;
  const std::array<double, 3> middle = PointOn(scene, body, grasp.position);
  const mjtNum* rotation = scene.Data().xmat + 9 * body;
  double along = 0;
  for (std::size_t i = 0; i < 3; ++i) along += (tool[i] - middle[i]) * rotation[3 * i];
  std::array<double, 3> nearest = grasp.position;
  nearest[0] += std::clamp(along, -grasp.half_length, grasp.half_length);
  return Distance(tool, PointOn(scene, body, nearest)) < kBetween;
}

Pose Towards(const Pose& from, const Pose& to, double lead) {
  Pose next = to;
  const double distance = Distance(from.position, to.position);
  if (distance > lead) {
    for (std::size_t i = 0; i < 3; ++i) {
      next.position[i] = from.position[i] + lead / distance * (to.position[i] - from.position[i]);
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

std::vector<float> TwoArmAction(const Scene& scene, const std::array<ArmGoal, 2>& goals) {
  std::array<ToolTarget, 2> targets;
  for (int arm = 0; arm < 2; ++arm) {
    const auto i = static_cast<std::size_t>(arm);
    targets[i] = {Towards(scene.ToolPose(arm), goals[i].pose, goals[i].lead), goals[i].gripper};
  }
  return ToAction(scene, targets);
}

bool TopGrasp::Closed() const { return grip_steps_ >= kGripSteps; }

ArmGoal TopGrasp::Act(const Scene& scene, const Pose& grasp) {
  const Pose tool = scene.ToolPose(arm_);
  ArmGoal goal{grasp, 1.0};
  const double aside = std::hypot(tool.position[0] - grasp.position[0], tool.position[1] - grasp.position[1]);
  const double above = tool.position[2] - grasp.position[2];
  const bool straight = TurnBetween(tool.rotation, grasp.rotation) < kStraight;
  // Closed for long and still asked: it holds nothing, so it opens and begins anew.
  if (grip_steps_ > 0 && grip_steps_ < 2 * kGripSteps && aside < 3 * kAligned && std::abs(above) < 3 * kAligned) {
    goal.gripper = 0;
    ++grip_steps_;
    return goal;
  }
  grip_steps_ = 0;
  const bool open = scene.GripperOpening(arm_) > kOpen;
  if (aside < kAtGrasp && std::abs(above) < kAtGrasp && straight && open) {
    goal.gripper = 0;
    grip_steps_ = 1;
  } else if (!straight || !open || aside > (above < 0.5 * hover_ ? 2 * kAligned : kAligned)) {
    // Across at hover height; from low down, up before across.
    goal.pose.position[2] += hover_;
    if (above < 0.4 * hover_) {
      goal.pose.position[0] = tool.position[0];
      goal.pose.position[1] = tool.position[1];
    }
  }
  return goal;
}

}  // namespace divla
