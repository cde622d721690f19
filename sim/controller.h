// From a policy's action to actuator targets, and from the scene to a policy's proprioception.
// Stateless: the last targets are MuJoCo's ctrl, so saving a scene's state saves the controller too.
#pragma once

#include <array>
#include <span>
#include <vector>

#include "sim/action.h"
#include "sim/scene.h"

namespace divla {

// Sets the joint-position targets for the coming control step. Joint targets are clipped to the limits and move at most
// joint_speed_limit * kControlPeriod from the last ones. End-effector targets go through inverse kinematics (sim/ik.h)
// from the last targets; the two rotation rows are orthonormalised. Throws InputError when the size is wrong or a
// number is not finite.
void ApplyAction(Scene& scene, ActionKind kind, std::span<const float> action);

// The joint-position action that the targets stand at now: what was commanded, as (rad, gripper 0 to 1).
std::vector<float> CommandedJoints(const Scene& scene);

// ApplyAction, then one control period of physics.
StepStatus ControlStep(Scene& scene, ActionKind kind, std::span<const float> action);

// Observation::state and Observation::tool.
std::vector<float> ProprioState(const Scene& scene);
std::vector<float> ToolState(const Scene& scene);

// One arm's end-effector action.
struct ToolTarget {
  Pose pose;
  double gripper{1.0};  // 0 closed, 1 open
};
// The kEndEffectorPose action of these targets (one for each arm, poses in the world frame).
std::vector<float> ToAction(const Scene& scene, std::span<const ToolTarget> arms);

}  // namespace divla
