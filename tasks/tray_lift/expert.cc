#include "tasks/tray_lift/expert.h"

#include <algorithm>
#include <cmath>

#include "tasks/table_top.h"
#include "tasks/transfer_cube/transfer_cube.h"
#include "tasks/tray_lift/tray_lift.h"

namespace divla {
namespace {

constexpr double kHeight = 0.115;  // m, of the tray's base: 3 cm over what is asked
constexpr double kRise = 0.016;    // m, how far ahead of the tray it is commanded up: slow enough for what stands on it
constexpr double kStep = 0.045;    // m, most that a holding tool is sent ahead
constexpr double kBetween = 0.020;  // m, tool to its handle while the handle is between the fingers
constexpr double kOnTable = 0.012;  // m, height of the tray's base below which it counts as set down

constexpr double kCarryHeight = 0.17;  // m, tool over the table with the load in the fingers
constexpr double kOver = 0.012;        // m, sideways error with which the load is put down
constexpr double kSetDown = 0.004;     // m, that it is let go above the plate
constexpr int kReleaseSteps = 7;       // control steps that the fingers get to open
constexpr std::array<std::array<double, 3>, 2> kAside{
    {{0.26, 0.27, 0.20}, {0.26, -0.27, 0.20}}};  // m, where a hand is out of the other one's way

}  // namespace

TrayLiftExpert::TrayLiftExpert(const EpisodePlan& plan) : plan_(plan) {}

std::vector<float> TrayLiftExpert::Act(const Scene& scene) {
  const int tray = scene.BodyId(plan_.target);
  const double base = scene.BodyPosition(tray)[2];
  const std::vector<ObjectGrasp>& handles = PlacedObject(plan_, plan_.target).grasps;
  std::array<std::array<double, 3>, 2> points{};
  std::array<bool, 2> holds{};
  for (std::size_t arm = 0; arm < 2; ++arm) {
    points[arm] = PointOn(scene, tray, handles[arm].position);
    const int i = static_cast<int>(arm);
    // One finger is enough while the handle is between them: contacts flicker while two hands pull at one tray.
    holds[arm] = grasps_[arm].Closed() && scene.IsTouched(i, tray) &&
                 Distance(scene.ToolPose(i).position, points[arm]) < kBetween;
  }
  const bool both = holds[0] && holds[1];
  const bool on_table = base < kOnTable;
  const bool lost = loader_.has_value() || !LoadIsOver(scene, plan_);
  if (lost && on_table) return Reload(scene);

  if (!both || !spot_) spot_ = points;
  // The handles of a level tray, above the spot where both hands took it, a little higher (or lower) than it is now.
  const double height = both && !lost ? std::min(base + kRise, kHeight) : std::max(0.0, base - kRise);
  std::array<ArmGoal, 2> goals;
  for (std::size_t arm = 0; arm < 2; ++arm) {
    const Pose tool = scene.ToolPose(static_cast<int>(arm));
    const std::array<double, 4> down = DownRotation(GraspYaw(Heading(scene, tray)));
    if (!holds[arm]) {
      goals[arm] = grasps_[arm].Act(scene, {points[arm], down});
      continue;
    }
    goals[arm] = {{(*spot_)[arm], down}, 0, kStep};
    goals[arm].pose.position[2] = tool.position[2];
    if (both || !on_table) goals[arm].pose.position[2] += height + handles[arm].position[2] - points[arm][2];
  }
  return TwoArmAction(scene, goals);
}

// The hand at whose side the load lies puts it back on the tray; the other one keeps out of the way.
std::vector<float> TrayLiftExpert::Reload(const Scene& scene) {
  const int load = scene.BodyId(plan_.destination);
  for (TopGrasp& grasp : grasps_) grasp.Reset();
  spot_.reset();
  if (!loader_) {
    const int side = scene.BodyPosition(load)[1] > 0 ? kLeftArm : kRightArm;
    loader_ = Loader{side, TopGrasp(side), 0};
  }
  const int arm = loader_->arm;
  const Pose tool = scene.ToolPose(arm);
  const ObjectInfo& object = PlacedObject(plan_, plan_.destination);
  std::array<ArmGoal, 2> goals;
  for (std::size_t i = 0; i < 2; ++i) {
    const Pose now = scene.ToolPose(static_cast<int>(i));
    goals[i].pose = {kAside[i], now.rotation};
    // Up before aside: the fingers may still be around a handle.
    if (now.position[2] < kCarryHeight) goals[i].pose.position = {now.position[0], now.position[1], kAside[i][2]};
  }
  ArmGoal& goal = goals[static_cast<std::size_t>(arm)];
  const Pose grasp = GraspPose(scene, plan_.destination, object);
  const bool carries = loader_->grasp.Closed() && scene.IsTouched(arm, load);
  if (loader_->release_steps > 0) {
    goal = {tool, 1.0};
    if (++loader_->release_steps > kReleaseSteps) loader_.reset();
  } else if (!carries && LoadIsOver(scene, plan_)) {
    loader_.reset();  // it lies on the tray after all
  } else if (!carries) {
    goal = loader_->grasp.Act(scene, {grasp.position, GraspRotation(scene, arm, Heading(scene, load))});
  } else {
    const int tray = scene.BodyId(plan_.target);
    const double plate = PlacedObject(plan_, plan_.target).container->floor;
    std::array<double, 3> place = PointOn(scene, tray, {0, 0, plate});
    // The load's base comes over the plate; how far below the tool it hangs is read off.
    place[2] += tool.position[2] - Clearance(scene, load) + kSetDown;
    const double aside = std::hypot(tool.position[0] - place[0], tool.position[1] - place[1]);
    goal = {{place, DownRotation(GraspYaw(Heading(scene, tray)))}, 0};
    if (aside > kOver) goal.pose.position[2] = kCarryHeight;
    if (aside > kOver && tool.position[2] < kCarryHeight - 0.04) {
      goal.pose = {{tool.position[0], tool.position[1], kCarryHeight}, tool.rotation};
    } else if (aside <= kOver && tool.position[2] - place[2] < kSetDown) {
      loader_->release_steps = 1;
    }
  }
  return TwoArmAction(scene, goals);
}

}  // namespace divla
