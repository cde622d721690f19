#include "tasks/hold_and_fill/expert.h"

#include <array>
#include <cmath>
#include <numbers>

#include "tasks/hold_and_fill/hold_and_fill.h"
#include "tasks/table_top.h"

namespace divla {
namespace {

using Vector = std::array<double, 3>;

constexpr double kSlot = 0.029;         // m, from the bag's middle along its y: where each of two objects is dropped
constexpr double kCarryHeight = 0.155;  // m, tool over the table on its way to the bag
constexpr double kRelease = 0.022;      // m, tool over the rim when it lets go: the open fingers stay above the walls
constexpr double kOver = 0.010;         // m, sideways error with which it goes down
constexpr double kStraight = 0.10;      // rad
constexpr double kNear = 0.10;          // m, sideways, from the bag: no longer only up
constexpr int kReleaseSteps = 7;        // control steps that the fingers get to open
constexpr double kHalfOpen = 0.75;      // lets go without reaching over the other object
constexpr Vector kWait{0.27, -0.12, kCarryHeight};  // m, right tool while the bag is not held yet
constexpr Vector kAway{0.26, -0.22, 0.20};          // m, right tool at the end

}  // namespace

HoldAndFillExpert::HoldAndFillExpert(const EpisodePlan& plan) : plan_(plan) {}

std::vector<float> HoldAndFillExpert::Act(const Scene& scene) {
  const std::array<ArmGoal, 2> goals{HoldBag(scene), Fill(scene)};
  return TwoArmAction(scene, goals);
}

ArmGoal HoldAndFillExpert::HoldBag(const Scene& scene) {
  const int bag = scene.BodyId(plan_.destination);
  if (bag_grasp_.Closed() && HoldsBag(scene, plan_)) {
    if (!hold_) hold_ = scene.ToolPose(kLeftArm);
    return {*hold_, 0};
  }
  hold_.reset();
  const Vector tab = PointOn(scene, bag, PlacedObject(plan_, plan_.destination).grasps.front().position);
  return bag_grasp_.Act(scene, {tab, GraspRotation(scene, kLeftArm, Heading(scene, bag))});
}

ArmGoal HoldAndFillExpert::Fill(const Scene& scene) {
  const Pose tool = scene.ToolPose(kRightArm);
  if (release_steps_ > 0 && release_steps_ < kReleaseSteps) {
    ++release_steps_;
    return {*let_go_, kHalfOpen};
  }
  release_steps_ = 0;
  for (std::size_t i = 0; i < plan_.assignments.size(); ++i) {
    const std::string& body = plan_.assignments[i].body;
    if (grasp_.Closed() && HoldsFiller(scene, plan_, body)) return Carry(scene, i);
  }
  for (const Assignment& assignment : plan_.assignments) {
    if (IsInBag(scene, plan_, assignment.body)) continue;
    const Pose grasp = GraspPose(scene, assignment.body, PlacedObject(plan_, assignment.body));
    const double heading = Heading(scene, scene.BodyId(assignment.body));
    ArmGoal goal = grasp_.Act(scene, {grasp.position, GraspRotation(scene, kRightArm, heading)});
    return goal;
  }
  grasp_.Reset();
  ArmGoal goal{{kAway, tool.rotation}, 1.0};
  // Up out of the bag before it goes aside.
  if (tool.position[2] < kCarryHeight - 0.02) goal.pose.position = {tool.position[0], tool.position[1], kAway[2]};
  return goal;
}

// Up, across, down over the object's spot, open.
ArmGoal HoldAndFillExpert::Carry(const Scene& scene, std::size_t index) {
  const int bag = scene.BodyId(plan_.destination);
  const Pose tool = scene.ToolPose(kRightArm);
  const double slot = plan_.assignments.size() < 2 ? 0.0 : index == 0 ? kSlot : -kSlot;
  const double rim = PlacedObject(plan_, plan_.destination).container->rim;
  const Vector over = PointOn(scene, bag, {0, slot, rim + kRelease});
  const double aside = std::hypot(tool.position[0] - over[0], tool.position[1] - over[1]);
  // The fingers open along the bag's y: between the left hand and the far wall there is no room for the other way.
  ArmGoal goal{{over, GraspRotation(scene, kRightArm, Heading(scene, bag))}, 0};
  const bool straight = TurnBetween(tool.rotation, goal.pose.rotation) < kStraight;
  if (!HoldsBag(scene, plan_)) {
    goal.pose.position = kWait;
    if (tool.position[2] < kCarryHeight - 0.04) goal.pose.position = {tool.position[0], tool.position[1], kCarryHeight};
    return goal;
  }
  const bool above = aside < kOver || (aside < 2 * kOver && tool.position[2] < over[2] + 0.02);
  if (above && straight) {
    if (std::abs(tool.position[2] - over[2]) < kOver) {
      release_steps_ = 1;
      let_go_ = tool;
      grasp_.Reset();
      goal.gripper = kHalfOpen;
    }
    return goal;
  }
  goal.pose.position[2] = kCarryHeight;
  if (tool.position[2] < kCarryHeight - 0.04 && aside > kOver) {
    goal.pose = {{tool.position[0], tool.position[1], kCarryHeight},
                 aside > kNear ? tool.rotation : goal.pose.rotation};
  }
  return goal;
}

}  // namespace divla
