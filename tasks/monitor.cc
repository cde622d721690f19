#include "tasks/monitor.h"

#include <cmath>

#include "sim/action.h"
#include "sim/check.h"

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
  SetTargets(scene.GetRobot().arms.size());
  status_ = task.Status(scene, plan);
  stage_done_.assign(status_.stages.size(), false);
  excused_.assign(plan.objects.size(), false);
}

void EpisodeMonitor::SetTargets(std::size_t arms) {
  const std::vector<bool> none(arms, false);
  targets_.clear();
  for (const std::string& body : SubjectsOf(*plan_)) targets_.push_back({body, false, false, false, false, none});
}

void EpisodeMonitor::PlanChanged(const Scene& scene) {
  SetTargets(scene.GetRobot().arms.size());
  status_ = task_->Status(scene, *plan_);
  stage_done_.assign(status_.stages.size(), false);
  steps_held_ = 0;
  once_ = held_ = now_held_ = lifted_other_ = false;
  held_up_.clear();
  for (std::size_t i = 0; i < plan_->objects.size(); ++i) {
    const int id = scene.BodyId(plan_->objects[i].body);
    for (int arm = 0; arm < static_cast<int>(scene.GetRobot().arms.size()); ++arm) {
      excused_[i] = excused_[i] || scene.IsGrasped(arm, id);
    }
  }
}

EpisodeMonitor::Target* EpisodeMonitor::TargetOf(const std::string& body) {
  for (Target& target : targets_) {
    if (target.body == body) return &target;
  }
  return nullptr;
}

void EpisodeMonitor::Update(const Scene& scene) {
  status_ = task_->Status(scene, *plan_);
  for (std::size_t i = 0; i < status_.stages.size(); ++i) stage_done_[i] = stage_done_[i] || status_.stages[i].done;

  steps_held_ = status_.goal ? steps_held_ + 1 : 0;
  once_ = once_ || status_.goal;
  now_held_ = steps_held_ >= static_cast<int>(std::lround(kGoalHold / kControlPeriod));
  held_ = held_ || now_held_;

  held_up_.clear();
  const int arms = static_cast<int>(scene.GetRobot().arms.size());
  for (std::size_t i = 0; i < plan_->objects.size(); ++i) {
    const std::string& body = plan_->objects[i].body;
    const int id = scene.BodyId(body);
    Target* target = TargetOf(body);
    const std::array<double, 3> position = scene.BodyPosition(id);
    std::vector<bool> held_by(static_cast<std::size_t>(arms), false);
    bool holding = false;
    bool held = false;
    for (int arm = 0; arm < arms; ++arm) {
      if (target != nullptr) {
        const Pose tool = scene.ToolPose(arm);
        const double distance =
            std::hypot(tool.position[0] - position[0], tool.position[1] - position[1], tool.position[2] - position[2]);
        target->near = target->near || distance < kNear;
      }
      if (!scene.IsGrasped(arm, id)) continue;
      held = true;
      acted_on_ = body;
      if (target != nullptr) {
        holding = true;
        held_by[static_cast<std::size_t>(arm)] = true;
      }
      if (position[2] <= start_height_[i] + kLifted) continue;
      if (target != nullptr) {
        target->lifted = true;
        if (held_up_.empty()) held_up_ = body;
      } else if (!excused_[i] &&
                 task_->Truth(scene, *plan_).object_body != body) {  // what must be moved first (a lid) is not wrong
        lifted_other_ = true;
      }
    }
    excused_[i] = excused_[i] && held;
    if (target == nullptr) continue;
    // Opened on purpose, not lost: a gripper that held the target up to now is open.
    if (target->holding && !holding && target->lifted) {
      bool open = false;
      for (int arm = 0; arm < arms; ++arm) {
        open = open || (target->held_by[static_cast<std::size_t>(arm)] && scene.GripperOpening(arm) > kClosedGripper);
      }
      target->released = open;
    }
    target->held_by = held_by;
    target->holding = holding;
  }
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
  bool misplaced = false, dropped = false, near = false;
  for (std::size_t i = 0; i < targets_.size(); ++i) {
    const Target& target = targets_[i];
    if (i < status_.placed.size() && status_.placed[i]) continue;  // this one lies where it belongs
    misplaced =
        misplaced || (target.lifted && (target.holding || target.released));  // held: ran out of time on the way
    dropped = dropped || target.lifted;
    near = near || target.near;
  }
  if (misplaced) return Failure::kWrongPlace;
  if (dropped) return Failure::kDropped;
  if (lifted_other_) return Failure::kWrongObject;
  if (near) return Failure::kMissedGrasp;
  return Failure::kNotReached;
}

}  // namespace divla
