#include "tasks/assignment_expert.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "sim/controller.h"
#include "tasks/assignments.h"
#include "tasks/footprint.h"
#include "tasks/table_top.h"

namespace divla {
namespace {

constexpr double kWall = 0.006;         // m, between an object and the container's wall
constexpr double kBetween = 0.006;      // m, between objects in a container
constexpr double kFinger = 0.020;       // m, from the gripped side to the outside of the finger
constexpr double kHome = 0.08;          // m, tool to its waiting place, nearer than which an arm is out of the way
constexpr double kRiseLead = 0.045;     // m, how far ahead of the tool the command runs upwards
constexpr double kStands = 0.015;       // m, tool, less than which in kStuckSteps means that the arm is stuck
constexpr int kStuckSteps = 300;        // control steps; an arm that only creeps may yet arrive
constexpr int kFoldedSteps = 30;        // control steps, with a joint at its limit: it will not get on by itself
constexpr double kAtLimit = 1e-3;       // rad
constexpr double kRetreated = 0.02;     // m, tool to its waiting place
constexpr int kMostRetreat = 60;        // control steps that a retreat may take
constexpr double kRetreatLead = 0.055;  // m, how far ahead of the tool the command runs

// Area that two rectangles along the axes share when the first is widened by kBetween, m^2.
double SharedArea(const Footprint& a, const Footprint& b) {
  double area = 1;
  const double c = std::abs(std::cos(b.yaw));
  const double s = std::abs(std::sin(b.yaw));
  const std::array<double, 2> reach{c * b.half[0] + s * b.half[1], s * b.half[0] + c * b.half[1]};
  for (std::size_t i = 0; i < 2; ++i) {
    area *= std::max(0.0, a.half[i] + kBetween + reach[i] - std::abs(a.centre[i] - b.centre[i]));
  }
  return area;
}

double Distance(const std::array<double, 3>& a, const std::array<double, 3>& b) {
  return std::hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);
}

bool CommandedToLimit(const Scene& scene, int arm) {
  const ArmIndex& index = scene.GetRobot().arms[static_cast<std::size_t>(arm)];
  for (std::size_t j = 0; j < index.actuator_ids.size(); ++j) {
    const double target = scene.Data().ctrl[index.actuator_ids[j]];
    if (target < index.joint_low[j] + kAtLimit || target > index.joint_high[j] - kAtLimit) return true;
  }
  return false;
}

}  // namespace

std::array<double, 3> StowingPlace(const Scene& scene, const EpisodePlan& plan, const Assignment& assignment,
                                   double sunk, double drop, double nearest) {
  const ObjectInfo& object = PlacedObject(plan, assignment.body);
  const ObjectContainer& container = *PlacedObject(plan, assignment.destination).container;
  const int box = scene.BodyId(assignment.destination);
  const std::array<double, 3> middle = scene.BodyPosition(box);
  std::vector<Footprint> inside;
  for (const Assignment& other : plan.assignments) {
    if (other.body != assignment.body && LiesIn(scene, scene.BodyId(other.body), box, container)) {
      inside.push_back(FootprintOf(scene, plan, other.body));
    }
  }
  const ObjectGrasp& grasp = object.grasps.front();
  const Footprint own = FootprintOf(object, {0, 0, 0}, 0);
  // How far the object's middle, and the tool, may be from the container's.
  const std::array<double, 2> room{std::max(0.0, container.half_size[0] - own.half[0] - kWall),
                                   std::max(0.0, container.half_size[1] - own.half[1] - kWall)};
  const std::array<double, 2> tool_room{container.half_size[0] - kFinger - kWall,
                                        container.half_size[1] - grasp.width / 2 - kFinger - kWall};
  const std::array<double, 2> shift{grasp.position[0] - own.centre[0], grasp.position[1] - own.centre[1]};
  std::array<double, 3> best{};
  double least = 1e9;
  double worst = 1e9;  // m, by which the best so far is nearer than `nearest`
  for (const double y : {-room[1], room[1], 0.0}) {
    for (const double x : {-room[0], room[0], 0.0}) {
      const std::array<double, 2> tool{std::clamp(x + shift[0], -tool_room[0], tool_room[0]),
                                       std::clamp(y + shift[1], -tool_room[1], tool_room[1])};
      Footprint spot = own;
      spot.centre = {middle[0] + tool[0] - shift[0], middle[1] + tool[1] - shift[1]};
      double shared = 0;
      double top = middle[2] + container.floor;
      for (const Footprint& other : inside) {
        const double area = SharedArea(spot, other);
        shared += area;
        if (area > 0) top = std::max(top, other.top);
      }
      const double near = std::max(0.0, nearest - std::hypot(middle[0] + tool[0], middle[1] + tool[1]));
      if (near > worst || (near == worst && shared >= least)) continue;
      least = shared;
      worst = near;
      best = {middle[0] + tool[0], middle[1] + tool[1],
              std::max(top + grasp.position[2] + drop, middle[2] + container.rim - sunk)};
    }
  }
  return best;
}

AssignmentExpert::AssignmentExpert(EpisodePlan plan, AssignmentExpertOptions options)
    : plan_(std::move(plan)), options_(std::move(options)) {
  for (const Assignment& assignment : plan_.assignments) {
    carry_ = std::max(carry_, PlacedObject(plan_, assignment.destination).container->rim + options_.clear);
  }
}

void AssignmentExpert::Begin(const Scene& scene, const Assignment& assignment) {
  const ObjectInfo& object = PlacedObject(plan_, assignment.body);
  const int holding = HoldingArm(scene, assignment.body);
  body_ = assignment.body;
  arm_ = holding >= 0 ? holding : options_.arm(assignment);
  rising_ = holding < 0;
  PickPlaceOptions options;
  options.arm = arm_;
  options.follow_yaw = true;
  options.careful = true;
  options.carry_height = std::max(options.carry_height, carry_ + object.grasps.front().position[2]);
  // A clone of this expert keeps the question when this one is gone, so the plan is the question's own.
  const auto plan = std::make_shared<const EpisodePlan>(plan_);
  pick_.emplace(
      body_, object, StowingPlace(scene, plan_, assignment, options_.hand_below_rim, options_.drop, options_.nearest),
      [plan, assignment](const Scene& now) { return IsPlaced(now, *plan, assignment); }, options);
}

bool AssignmentExpert::OthersAreBack(const Scene& scene) const {
  for (std::size_t arm = 0; arm < waiting_.size(); ++arm) {
    const std::array<double, 3> tool = scene.ToolPose(static_cast<int>(arm)).position;
    const std::array<double, 3>& place = waiting_[arm].position;
    const double away = std::hypot(tool[0] - place[0], tool[1] - place[1], tool[2] - place[2]);
    if (static_cast<int>(arm) != arm_ && away > kHome) return false;
  }
  return true;
}

// Up first, so that the fingers leave what they have just let go, then to the waiting place.
Pose AssignmentExpert::Aside(const Scene& scene, int arm) const {
  const Pose tool = scene.ToolPose(arm);
  Pose next = waiting_[static_cast<std::size_t>(arm)];
  if (tool.position[2] < carry_) {
    next = {{tool.position[0], tool.position[1], tool.position[2] + kRiseLead}, tool.rotation};
  }
  return next;
}

void AssignmentExpert::WatchForStanding(const Scene& scene) {
  const std::array<double, 3> tool = scene.ToolPose(arm_).position;
  const std::array<double, 3>& back = waiting_[static_cast<std::size_t>(arm_)].position;
  const Assignment* current = CurrentAssignment(scene, plan_);
  ++standing_;
  if (Distance(tool, stood_) > kStands || !OthersAreBack(scene)) {
    stood_ = tool;
    standing_ = 0;
  }
  if (retreating_) {
    ++retreat_steps_;
    if (Distance(tool, back) < kRetreated || retreat_steps_ > kMostRetreat) {
      retreating_ = false;
      standing_ = 0;
      if (current != nullptr) Begin(scene, *current);  // perhaps to another spot of the container
    }
  } else if (standing_ > (CommandedToLimit(scene, arm_) ? kFoldedSteps : kStuckSteps) && current != nullptr) {
    retreating_ = true;
    retreat_steps_ = 0;
  }
}

// Up, then along a straight line to where the arm started: on the way the posture task of the inverse kinematics turns
// the elbow back.
ToolTarget AssignmentExpert::Retreat(const Scene& scene) {
  const Pose tool = scene.ToolPose(arm_);
  const Pose& back = waiting_[static_cast<std::size_t>(arm_)];
  ToolTarget target{Aside(scene, arm_), HoldingArm(scene, body_) == arm_ ? 0.0 : 1.0};
  const double away = Distance(tool.position, back.position);
  if (target.pose.position == back.position && away > kRetreatLead) {
    for (std::size_t i = 0; i < 3; ++i) {
      target.pose.position[i] = tool.position[i] + kRetreatLead / away * (back.position[i] - tool.position[i]);
    }
  }
  return target;
}

std::vector<float> AssignmentExpert::Act(const Scene& scene) {
  if (waiting_.empty()) waiting_ = options_.waiting;
  for (int arm = static_cast<int>(waiting_.size()); arm < static_cast<int>(scene.GetRobot().arms.size()); ++arm) {
    waiting_.push_back(scene.ToolPose(arm));
  }
  // The next object's turn comes when the tool is above the rims again, a change of hands counts at once.
  const Assignment* current = CurrentAssignment(scene, plan_);
  if (current != nullptr && current->body != body_) Begin(scene, *current);
  WatchForStanding(scene);
  if (scene.ToolPose(arm_).position[2] > carry_ || (pick_ && HoldingArm(scene, body_) >= 0)) rising_ = false;

  std::vector<ToolTarget> targets;
  for (std::size_t arm = 0; arm < waiting_.size(); ++arm) {
    targets.push_back({Aside(scene, static_cast<int>(arm)), 1.0});
  }
  ToolTarget& moving = targets[static_cast<std::size_t>(arm_)];
  if (rising_ || !OthersAreBack(scene)) {
    moving.pose = scene.ToolPose(arm_);
    moving.pose.rotation = DownRotation(GripperYaw(moving.pose));
    if (rising_) moving.pose.position[2] += kRiseLead;
  }
  if (retreating_) moving = Retreat(scene);
  std::vector<float> action = ToAction(scene, targets);
  if (pick_ && !retreating_ && !rising_ && OthersAreBack(scene)) {
    const std::vector<float> own = pick_->Act(scene);
    std::copy(own.begin(), own.end(), action.begin() + static_cast<std::ptrdiff_t>(own.size()) * arm_);
  }
  return action;
}

}  // namespace divla
