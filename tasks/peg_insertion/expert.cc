#include "tasks/peg_insertion/expert.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "tasks/peg_insertion/peg_insertion.h"
#include "tasks/peg_insertion/shapes.h"
#include "tasks/table_top.h"

namespace divla {
namespace {

using Vector = std::array<double, 3>;

constexpr Vector kMeeting{0.28, 0.045, 0.14};  // m, the socket's middle while the peg comes
constexpr std::array<Vector, 2> kAside{
    {{0.28, 0.20, 0.14}, {0.28, -0.20, 0.14}}};  // m, where a hand waits for the other
constexpr double kFree = 0.075;     // m, tool height below which a hand that took something goes straight up
constexpr double kStandOff = 0.02;  // m, the peg's end in front of the mouth while it is lined up
constexpr double kDeep = 0.032;     // m, how far it is pushed in
constexpr double kPush = 0.016;     // m, how far ahead of the peg it is commanded in
constexpr double kFits = 0.0025;    // m, sideways error with which it goes in
constexpr double kStuck = 0.0045;   // m, sideways error with which it comes back from the mouth
constexpr double kStraight = 0.06;  // rad
constexpr double kInPlace = 0.02;   // m, tool to where it takes its part
constexpr double kMostLean = 0.3;   // rad of a tool from straight down
constexpr double kAskew = 0.35;  // rad of a bar from level: too askew between the fingers, it is let go and picked anew
constexpr Vector kAlong{0, 1, 0};    // the hole lies along this, from the right hand to the left one
constexpr double kCalm = 0.03;       // m/s of the socket
constexpr double kTurnBack = 0.003;  // m of depth below which the peg is still in front of the hole

// How a bar lies: its axis, of which the end towards `along` is meant.
struct Lie {
  double turn{};   // rad about the vertical that it still has to be turned to lie along `along`
  double pitch{};  // rad that this end points up
};
Lie LieOf(const Scene& scene, int body, const Vector& along) {
  const mjtNum* rotation = scene.Data().xmat + 9 * body;
  const double sign = rotation[0] * along[0] + rotation[3] * along[1] > 0 ? 1 : -1;
  return {std::remainder(std::atan2(along[1], along[0]) - Heading(scene, body), std::numbers::pi),
          std::asin(std::clamp(sign * rotation[6], -1.0, 1.0))};
}

// The tool moved and turned by what brings a point of the bar it holds to `to`, and the bar to lie level along `along`.
ArmGoal Moved(const Scene& scene, int arm, int body, const Vector& point, const Vector& to, const Vector& along) {
  const Pose tool = scene.ToolPose(arm);
  const Lie lie = LieOf(scene, body, along);
  mjtNum y_axis[3];
  mjtNum z_axis[3];
  const mjtNum y[3] = {0, 1, 0};
  const mjtNum z[3] = {0, 0, 1};
  mju_rotVecQuat(y_axis, y, tool.rotation.data());
  mju_rotVecQuat(z_axis, z, tool.rotation.data());
  // The tool points down but for a lean towards `along`, which makes good a bar that hangs askew between the fingers.
  const double yaw = std::atan2(y_axis[0], -y_axis[1]) + lie.turn;
  const double lean = std::atan2(z_axis[0] * along[0] + z_axis[1] * along[1], -z_axis[2]) - lie.pitch;
  const double half = 0.5 * std::clamp(lean, -kMostLean, kMostLean);
  // About the horizontal axis down x along.
  const mjtNum leaning[4] = {std::cos(half), along[1] * std::sin(half), -along[0] * std::sin(half), 0};
  const std::array<double, 4> down = DownRotation(yaw);
  ArmGoal goal{tool, 0};
  mju_mulQuat(goal.pose.rotation.data(), leaning, down.data());
  for (std::size_t i = 0; i < 3; ++i) goal.pose.position[i] += to[i] - point[i];
  if (tool.position[2] < kFree) {
    goal.pose.position = {tool.position[0], tool.position[1], tool.position[2] + to[2] - point[2]};
  }
  return goal;
}

}  // namespace

PegInsertionExpert::PegInsertionExpert(const EpisodePlan& plan) : plan_(plan) {}

std::vector<float> PegInsertionExpert::Act(const Scene& scene) {
  const std::array<int, 2> bodies{scene.BodyId(plan_.destination), scene.BodyId(plan_.target)};
  std::array<bool, 2> holds{};
  for (std::size_t i = 0; i < 2; ++i) {
    const int arm = static_cast<int>(i);
    // Whoever holds a part at its end holds it; to work with it the hand must be where there is room for the other.
    holds[i] = grasps_[i].Closed() && HoldsPart(scene, plan_, arm) &&
               Distance(scene.ToolPose(arm).position, PartGrasp(scene, plan_, arm)) < kInPlace;
    if (holds[i] && std::abs(LieOf(scene, bodies[i], kAlong).pitch) > kAskew) {
      holds[i] = false;
      grasps_[i].Reset();
    }
  }
  std::array<ArmGoal, 2> goals;
  if (holds[0] && holds[1]) {
    goals = {Present(scene), Insert(scene)};
    return TwoArmAction(scene, goals);
  }
  for (std::size_t i = 0; i < 2; ++i) {
    const int arm = static_cast<int>(i);
    const double heading = Heading(scene, bodies[i]);
    if (holds[i]) {
      goals[i] = Moved(scene, arm, bodies[i], MiddleOf(scene, bodies[i]), kAside[i], kAlong);
    } else {
      goals[i] = grasps_[i].Act(scene, {PartGrasp(scene, plan_, arm), GraspRotation(scene, arm, heading)});
    }
  }
  return TwoArmAction(scene, goals);
}

// The socket to the middle, its hole along world y.
ArmGoal PegInsertionExpert::Present(const Scene& scene) const {
  const int socket = scene.BodyId(plan_.destination);
  return Moved(scene, kLeftArm, socket, MiddleOf(scene, socket), kMeeting, kAlong);
}

// The peg in front of the hole, then into it.
ArmGoal PegInsertionExpert::Insert(const Scene& scene) const {
  const int peg = scene.BodyId(plan_.target);
  const int socket = scene.BodyId(plan_.destination);
  const PegFit fit = FitOf(scene, plan_);
  const Vector hole = MiddleOf(scene, socket);
  const double heading = Heading(scene, socket);
  // Along the hole, from the right hand to the left one.
  Vector along{std::cos(heading), std::sin(heading), 0};
  if (along[1] < 0) along = {-along[0], -along[1], 0};
  const Lie lie = LieOf(scene, peg, along);
  const bool straight = std::abs(lie.turn) < kStraight && std::abs(lie.pitch) < kStraight;
  double depth = -kStandOff;
  if (fit.depth > kTurnBack ||
      (straight && fit.sideways < (fit.depth > -0.5 * kStandOff ? kStuck : kFits) && scene.BodySpeed(socket) < kCalm)) {
    depth = std::min(fit.depth + kPush, kDeep);
  }
  // The peg's end is brought to its place, not its middle: a peg that hangs askew between the fingers goes in as well.
  const mjtNum* rotation = scene.Data().xmat + 9 * peg;
  const double ahead = rotation[0] * along[0] + rotation[3] * along[1] > 0 ? 1 : -1;
  Vector end = MiddleOf(scene, peg);
  Vector place = hole;
  for (std::size_t i = 0; i < 3; ++i) {
    end[i] += ahead * HalfLength(plan_, plan_.target) * rotation[3 * i];
    place[i] += (depth - HalfLength(plan_, plan_.destination)) * along[i];
  }
  ArmGoal goal = Moved(scene, kRightArm, peg, end, place, along);
  if (fit.depth > -1.5 * kStandOff) goal.lead = 0.03;
  return goal;
}

}  // namespace divla
