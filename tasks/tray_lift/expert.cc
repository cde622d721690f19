#include "tasks/tray_lift/expert.h"

#include <algorithm>
#include <utility>

#include "tasks/table_top.h"

namespace divla {
namespace {

constexpr double kHeight = 0.115;  // m, of the tray's base: 3 cm over what is asked
constexpr double kRise = 0.016;    // m, how far ahead of the tray it is commanded up: slow enough for what stands on it
constexpr double kStep = 0.045;    // m, most that a holding tool is sent ahead
constexpr double kBetween = 0.020;  // m, tool to its handle while the handle is between the fingers
constexpr double kOnTable = 0.012;  // m, height of the tray's base below which it counts as set down

}  // namespace

TrayLiftExpert::TrayLiftExpert(std::string tray, const std::array<std::array<double, 3>, 2>& handles)
    : tray_(std::move(tray)), handles_(handles) {}

std::vector<float> TrayLiftExpert::Act(const Scene& scene) {
  const int tray = scene.BodyId(tray_);
  const double base = scene.BodyPosition(tray)[2];
  std::array<std::array<double, 3>, 2> points{};
  std::array<bool, 2> holds{};
  for (std::size_t arm = 0; arm < 2; ++arm) {
    points[arm] = PointOn(scene, tray, handles_[arm]);
    const int i = static_cast<int>(arm);
    // One finger is enough while the handle is between them: contacts flicker while two hands pull at one tray.
    holds[arm] = grasps_[arm].Closed() && scene.IsTouched(i, tray) &&
                 Distance(scene.ToolPose(i).position, points[arm]) < kBetween;
  }
  const bool both = holds[0] && holds[1];
  const bool on_table = base < kOnTable;
  if (!both || !spot_) spot_ = points;
  // The handles of a level tray, above the spot where both hands took it, a little higher (or lower) than it is now.
  const double height = both ? std::min(base + kRise, kHeight) : std::max(0.0, base - kRise);

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
    if (both || !on_table) goals[arm].pose.position[2] += height + handles_[arm][2] - points[arm][2];
  }
  return TwoArmAction(scene, goals);
}

}  // namespace divla
