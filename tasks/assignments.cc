#include "tasks/assignments.h"

#include <cmath>
#include <string>
#include <vector>

#include "sim/check.h"
#include "tasks/footprint.h"
#include "tasks/table_top.h"

namespace divla {
namespace {

constexpr double kNear = 0.05;        // m, tool to the grasp point
constexpr double kOpenGripper = 0.8;  // share of the full opening
constexpr double kSlow = 0.05;        // m/s

int Arms(const Scene& scene) { return static_cast<int>(scene.GetRobot().arms.size()); }

double ToNearestTool(const Scene& scene, const std::array<double, 3>& point) {
  double nearest = 1e9;
  for (int arm = 0; arm < Arms(scene); ++arm) {
    const std::array<double, 3> tool = scene.ToolPose(arm).position;
    nearest = std::min(nearest, std::hypot(tool[0] - point[0], tool[1] - point[1], tool[2] - point[2]));
  }
  return nearest;
}

bool CanBeGrasped(const Scene& scene, const EpisodePlan& plan, const std::string& body) {
  std::vector<Footprint> others;
  for (const Assignment& other : plan.assignments) {
    if (other.body != body) others.push_back(FootprintOf(scene, plan, other.body));
  }
  const Footprint own = FootprintOf(scene, plan, body);
  return FingersFit(PlacedObject(plan, body), scene.BodyPosition(scene.BodyId(body)), own.yaw, others,
                    HandOf(scene.GetRobot().spec.name));
}

}  // namespace

int HoldingArm(const Scene& scene, const std::string& body) {
  for (int arm = 0; arm < Arms(scene); ++arm) {
    if (scene.IsGrasped(arm, scene.BodyId(body))) return arm;
  }
  return -1;
}

bool IsPlaced(const Scene& scene, const EpisodePlan& plan, const Assignment& assignment) {
  const ObjectInfo& destination = PlacedObject(plan, assignment.destination);
  DIVLA_CHECK(destination.container.has_value(), "an assigned object belongs into a container");
  const int body = scene.BodyId(assignment.body);
  if (!LiesIn(scene, body, scene.BodyId(assignment.destination), *destination.container)) return false;
  for (int arm = 0; arm < Arms(scene); ++arm) {
    if (scene.IsTouched(arm, body)) return false;
  }
  return true;
}

TaskStatus AssignmentStatus(const Scene& scene, const EpisodePlan& plan) {
  TaskStatus status;
  status.objects_total = static_cast<int>(plan.assignments.size());
  status.goal = true;
  for (int arm = 0; arm < Arms(scene); ++arm) status.goal = status.goal && scene.GripperOpening(arm) > kOpenGripper;
  for (const Assignment& assignment : plan.assignments) {
    const bool placed = IsPlaced(scene, plan, assignment);
    status.stages.push_back({"placed " + assignment.body, placed});
    status.placed.push_back(placed);
    status.objects_placed += placed ? 1 : 0;
    status.goal = status.goal && placed && scene.BodySpeed(scene.BodyId(assignment.body)) < kSlow;
  }
  return status;
}

const Assignment* CurrentAssignment(const Scene& scene, const EpisodePlan& plan) {
  for (const Assignment& assignment : plan.assignments) {
    if (HoldingArm(scene, assignment.body) >= 0) return &assignment;
  }
  const Assignment* nearest = nullptr;
  double nearest_distance = kNear;
  std::vector<const Assignment*> waiting;
  for (const Assignment& assignment : plan.assignments) {
    if (IsPlaced(scene, plan, assignment)) continue;
    waiting.push_back(&assignment);
    const Pose grasp = GraspPose(scene, assignment.body, PlacedObject(plan, assignment.body));
    const double distance = ToNearestTool(scene, grasp.position);
    if (distance >= nearest_distance) continue;
    nearest = &assignment;
    nearest_distance = distance;
  }
  if (nearest != nullptr) return nearest;
  const Assignment* best = nullptr;
  bool best_free = false;
  double best_distance = 1e9;
  for (const Assignment* assignment : waiting) {
    const bool free = CanBeGrasped(scene, plan, assignment->body);
    const std::array<double, 3> from = scene.BodyPosition(scene.BodyId(assignment->body));
    const std::array<double, 3> to = scene.BodyPosition(scene.BodyId(assignment->destination));
    const double distance = std::hypot(from[0] - to[0], from[1] - to[1]);
    if (best != nullptr && (free != best_free ? best_free : best_distance <= distance)) continue;
    best = assignment;
    best_free = free;
    best_distance = distance;
  }
  return best;
}

}  // namespace divla
