#include "tasks/monitor.h"

#include <algorithm>
#include <cmath>

#include "sim/action.h"

namespace divla {
namespace {

constexpr double kNear = 0.05;          // m, tool to object
constexpr double kLifted = 0.03;        // m above where it started
constexpr double kClosedGripper = 0.7;  // share of the opening below which the gripper counts as closing

}  // namespace

const char* ToString(Failure failure) {
  switch (failure) {
    case Failure::kNone:
      return "none";
    case Failure::kWrongObject:
      return "wrong_object";
    case Failure::kMissedGrasp:
      return "missed_grasp";
    case Failure::kDropped:
      return "dropped";
    case Failure::kWrongPlace:
      return "wrong_place";
    case Failure::kNotReached:
      return "not_reached";
    case Failure::kUnstable:
      return "unstable";
    case Failure::kPolicyError:
      return "policy_error";
  }
  return "none";
}

EpisodeMonitor::EpisodeMonitor(const Task& task, const EpisodePlan& plan, const Scene& scene)
    : task_(&task), plan_(&plan) {
  for (const ObjectPlacement& placement : plan.objects) {
    start_height_.push_back(scene.BodyPosition(scene.BodyId(placement.body))[2]);
  }
  status_ = task.Status(scene, plan);
  stage_done_.assign(status_.stages.size(), false);
  excused_.assign(plan.objects.size(), false);
}

void EpisodeMonitor::PlanChanged(const Scene& scene) {
  status_ = task_->Status(scene, *plan_);
  stage_done_.assign(status_.stages.size(), false);
  steps_held_ = 0;
  once_ = held_ = now_held_ = false;
  near_target_ = lifted_target_ = lifted_other_ = holding_target_ = released_target_ = false;
  held_up_.clear();
  held_by_.clear();
  for (std::size_t i = 0; i < plan_->objects.size(); ++i) {
    const int id = scene.BodyId(plan_->objects[i].body);
    for (int arm = 0; arm < static_cast<int>(scene.GetRobot().arms.size()); ++arm) {
      excused_[i] = excused_[i] || scene.IsGrasped(arm, id);
    }
  }
}

void EpisodeMonitor::Update(const Scene& scene) {
  status_ = task_->Status(scene, *plan_);
  for (std::size_t i = 0; i < status_.stages.size(); ++i) stage_done_[i] = stage_done_[i] || status_.stages[i].done;

  steps_held_ = status_.goal ? steps_held_ + 1 : 0;
  once_ = once_ || status_.goal;
  now_held_ = steps_held_ >= static_cast<int>(std::lround(kGoalHold / kControlPeriod));
  held_ = held_ || now_held_;

  bool holding_target = false;
  held_up_.clear();
  std::vector<bool> held_by(scene.GetRobot().arms.size(), false);
  for (std::size_t i = 0; i < plan_->objects.size(); ++i) {
    const std::string& body = plan_->objects[i].body;
    const int id = scene.BodyId(body);
    const bool is_target = body == plan_->target;
    const std::array<double, 3> position = scene.BodyPosition(id);
    bool held = false;
    for (int arm = 0; arm < static_cast<int>(scene.GetRobot().arms.size()); ++arm) {
      if (is_target) {
        const Pose tool = scene.ToolPose(arm);
        const double distance =
            std::hypot(tool.position[0] - position[0], tool.position[1] - position[1], tool.position[2] - position[2]);
        near_target_ = near_target_ || distance < kNear;
      }
      if (!scene.IsGrasped(arm, id)) continue;
      held = true;
      acted_on_ = body;
      if (is_target) {
        holding_target = true;
        held_by[static_cast<std::size_t>(arm)] = true;
      }
      if (position[2] <= start_height_[i] + kLifted) continue;
      const auto assigned = [&](const Assignment& assignment) { return assignment.body == body; };
      const bool asked_for = is_target || std::any_of(plan_->assignments.begin(), plan_->assignments.end(), assigned);
      if (asked_for && held_up_.empty()) held_up_ = body;
      if (is_target) {
        lifted_target_ = true;
      } else if (!excused_[i] &&
                 task_->Truth(scene, *plan_).object_body != body) {  // what must be moved first (a lid) is not wrong
        lifted_other_ = true;
      }
    }
    excused_[i] = excused_[i] && held;
  }
  // Opened on purpose, not lost: a gripper that held the target up to now is open.
  if (holding_target_ && !holding_target && lifted_target_) {
    bool open = false;
    for (std::size_t arm = 0; arm < held_by_.size(); ++arm) {
      open = open || (held_by_[arm] && scene.GripperOpening(static_cast<int>(arm)) > kClosedGripper);
    }
    released_target_ = open;
  }
  held_by_ = held_by;
  holding_target_ = holding_target;
}

double EpisodeMonitor::Progress() const {
  if (held_) return 1.0;
  if (stage_done_.empty()) return 0.0;
  int done = 0;
  for (const bool stage : stage_done_) done += stage ? 1 : 0;
  return static_cast<double>(done) / static_cast<double>(stage_done_.size());
}

Failure EpisodeMonitor::Judge() const {
  if (now_held_) return Failure::kNone;
  if (lifted_target_ && holding_target_) return Failure::kWrongPlace;  // ran out of time on the way
  if (lifted_target_) return released_target_ ? Failure::kWrongPlace : Failure::kDropped;
  if (lifted_other_) return Failure::kWrongObject;
  if (near_target_) return Failure::kMissedGrasp;
  return Failure::kNotReached;
}

}  // namespace divla
