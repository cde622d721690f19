#include "tasks/put_down.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "sim/controller.h"
#include "tasks/table_top.h"

namespace divla {
namespace {

constexpr double kStep = 0.02;                            // m, of the grid of places
constexpr int kRows = 13, kColumns = 31;                  // of the grid
constexpr double kFirstX = 0.36, kFirstY = -0.30;         // m
constexpr double kGap = 0.02;                             // m, footprint to footprint
constexpr double kCarryHeight = 0.16;                     // m, tool over the table on the way
constexpr double kAligned = 0.012;                        // m, off the place below which it goes down
constexpr double kStands = 0.006;                         // m, height of the base at which it is let go
constexpr double kLeadAcross = 0.055, kLeadDown = 0.045;  // m, how far ahead of the tool the command runs
constexpr double kAway = 0.08;                            // m, over the table at which the task's expert takes over
constexpr int kReleaseSteps = 5;                          // control steps that the fingers get to open

double Towards(double from, double to, double lead) { return from + std::clamp(to - from, -lead, lead); }

}  // namespace

std::array<double, 2> FreePlace(const Scene& scene, const EpisodePlan& plan, const std::string& body,
                                const std::array<double, 2>& from) {
  const double radius = PlacedObject(plan, body).radius;
  std::array<double, 2> best = from;
  double best_room = -1e9, best_distance = 1e9;
  for (int row = 0; row < kRows; ++row) {
    for (int column = 0; column < kColumns; ++column) {
      const std::array<double, 2> place{kFirstX + kStep * row, kFirstY + kStep * column};
      double room = kGap;  // more than that is no better
      for (const ObjectPlacement& other : plan.objects) {
        if (other.body == body) continue;
        const auto at = scene.BodyPosition(scene.BodyId(other.body));
        const double apart = std::hypot(place[0] - at[0], place[1] - at[1]);
        room = std::min(room, apart - radius - PlacedObject(plan, other.body).radius);
      }
      const double distance = std::hypot(place[0] - from[0], place[1] - from[1]);
      if (room < best_room || (room == best_room && distance >= best_distance)) continue;
      best = place;
      best_room = room;
      best_distance = distance;
    }
  }
  return best;
}

PutDownFirst::PutDownFirst(EpisodePlan plan, std::string body, std::unique_ptr<Expert> then)
    : plan_(std::move(plan)), body_(std::move(body)), then_(std::move(then)) {}

std::unique_ptr<Expert> PutDownFirst::Clone() const {
  auto copy = std::make_unique<PutDownFirst>(plan_, body_, then_->Clone());
  copy->place_ = place_;
  copy->release_ = release_;
  copy->done_ = done_;
  return copy;
}

std::vector<float> PutDownFirst::Act(const Scene& scene) {
  const int body = scene.BodyId(body_);
  const Pose tool = scene.ToolPose(0);
  const bool touched = scene.IsTouched(0, body);
  if (!touched && (release_ >= kReleaseSteps || release_ == 0) && (tool.position[2] > kAway || release_ == 0)) {
    done_ = true;  // it stands there, or it was lost on the way
  }
  if (done_) return then_->Act(scene);

  if (!place_) place_ = FreePlace(scene, plan_, body_, {tool.position[0], tool.position[1]});
  std::array<double, 3> goal = tool.position;
  double gripper = 0.0;
  const double base = scene.BodyPosition(body)[2];
  if (release_ > 0) {
    gripper = 1.0;
    if (release_ >= kReleaseSteps) goal[2] = kCarryHeight;
    ++release_;
  } else if (std::hypot(tool.position[0] - (*place_)[0], tool.position[1] - (*place_)[1]) > kAligned) {
    // Up first, then across, as the expert of pick-and-place.
    const double clear = std::clamp((tool.position[2] - (kCarryHeight - 0.06)) / 0.05, 0.0, 1.0);
    for (std::size_t i = 0; i < 2; ++i) goal[i] += clear * ((*place_)[i] - tool.position[i]);
    goal[2] = kCarryHeight;
  } else if (base > kStands) {
    goal = {(*place_)[0], (*place_)[1], tool.position[2] - base};
  } else {
    gripper = 1.0;
    release_ = 1;
  }
  ToolTarget target;
  target.pose.rotation = DownRotation();
  for (std::size_t i = 0; i < 2; ++i) {
    target.pose.position[i] = Towards(tool.position[i], goal[i], kLeadAcross);
  }
  target.pose.position[2] = Towards(tool.position[2], goal[2], kLeadDown);
  target.gripper = gripper;
  return ToAction(scene, {&target, 1});
}

}  // namespace divla
