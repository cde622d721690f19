#include "sim/controller.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string>

#include "sim/check.h"
#include "sim/ik.h"

namespace divla {
namespace {

constexpr int kStepsPerControl = 25;
static_assert(kStepsPerControl * kPhysicsStep == kControlPeriod);

void CheckNumbers(const Scene& scene, ActionKind kind, std::span<const float> action) {
  const RobotSpec& robot = scene.GetRobot().spec;
  const std::size_t expected =
      kind == ActionKind::kJointPosition ? robot.home.size() : robot.arms.size() * kEndEffectorActionSize;
  if (action.size() != expected) {
    throw InputError("action for " + robot.name + ": expected " + std::to_string(expected) + " numbers, found " +
                     std::to_string(action.size()));
  }
  for (std::size_t i = 0; i < action.size(); ++i) {
    if (!std::isfinite(action[i])) {
      throw InputError("action for " + robot.name + ": entry " + std::to_string(i) +
                       ": expected a finite number, found " + std::to_string(action[i]));
    }
  }
}

void SetGripper(Scene& scene, const ArmIndex& arm, double opening) {
  scene.MutableData().ctrl[arm.gripper_actuator_id] =
      arm.gripper_ctrl_closed + std::clamp(opening, 0.0, 1.0) * (arm.gripper_ctrl_open - arm.gripper_ctrl_closed);
}

double CommandedGripper(const Scene& scene, const ArmIndex& arm) {
  return (scene.Data().ctrl[arm.gripper_actuator_id] - arm.gripper_ctrl_closed) /
         (arm.gripper_ctrl_open - arm.gripper_ctrl_closed);
}

std::vector<double> Targets(const Scene& scene, const ArmIndex& arm) {
  std::vector<double> targets;
  for (const int actuator : arm.actuator_ids) targets.push_back(scene.Data().ctrl[actuator]);
  return targets;
}

// Tool pose from xyz and two rotation rows, made orthonormal (Gram-Schmidt; Zhou et al., CVPR 2019).
Pose ReadToolPose(const std::string& robot, std::span<const float> numbers) {
  Pose pose;
  for (std::size_t i = 0; i < 3; ++i) pose.position[i] = static_cast<double>(numbers[i]);
  std::array<mjtNum, 9> rotation{};
  for (std::size_t i = 0; i < 6; ++i) rotation[i] = static_cast<double>(numbers[3 + i]);
  mjtNum* first = rotation.data();
  mjtNum* second = rotation.data() + 3;
  const mjtNum first_length = mju_normalize3(first);
  mju_addToScl3(second, first, -mju_dot3(first, second));
  const mjtNum second_length = mju_normalize3(second);
  if (first_length < 1e-6 || second_length < 1e-6) {
    throw InputError("action for " + robot + ": rotation rows: expected two independent directions, found none");
  }
  mju_cross(rotation.data() + 6, first, second);
  mju_mat2Quat(pose.rotation.data(), rotation.data());
  return pose;
}

// Joint targets of one arm, each at most one control step's travel from the last. Moved together, so that the path
// stays straight.
void MoveTogether(Scene& scene, const ArmIndex& arm, const std::vector<double>& last,
                  const std::vector<double>& wanted) {
  const double travel = scene.GetRobot().spec.joint_speed_limit * kControlPeriod;
  double longest = 0;
  for (std::size_t j = 0; j < wanted.size(); ++j) longest = std::max(longest, std::abs(wanted[j] - last[j]));
  const double share = longest > travel ? travel / longest : 1.0;
  for (std::size_t j = 0; j < wanted.size(); ++j) {
    scene.MutableData().ctrl[arm.actuator_ids[j]] = last[j] + share * (wanted[j] - last[j]);
  }
}

// A tool pose of the world frame as a policy sees it: in the robot's frame.
void AppendPose(const Scene& scene, Pose pose, std::vector<float>& numbers) {
  pose.position[2] -= scene.GetRobot().base_height;
  std::array<mjtNum, 9> rotation{};
  mju_quat2Mat(rotation.data(), pose.rotation.data());
  for (const double x : pose.position) numbers.push_back(static_cast<float>(x));
  for (std::size_t i = 0; i < 6; ++i) numbers.push_back(static_cast<float>(rotation[i]));
}

}  // namespace

void ApplyAction(Scene& scene, ActionKind kind, std::span<const float> action) {
  CheckNumbers(scene, kind, action);
  const Robot& robot = scene.GetRobot();
  // Read everything before anything is set: a bad second arm must not leave the first one moved.
  std::vector<std::vector<double>> wanted;
  std::vector<double> openings;
  std::size_t next = 0;
  std::size_t home = 0;
  for (std::size_t a = 0; a < robot.arms.size(); ++a) {
    const ArmIndex& arm = robot.arms[a];
    const std::size_t joints = arm.joint_ids.size();
    if (kind == ActionKind::kJointPosition) {
      std::vector<double> targets;
      for (std::size_t j = 0; j < joints; ++j) {
        targets.push_back(std::clamp(static_cast<double>(action[next + j]), arm.joint_low[j], arm.joint_high[j]));
      }
      wanted.push_back(std::move(targets));
      next += joints;
    } else {
      Pose pose = ReadToolPose(robot.spec.name, action.subspan(next, kToolPoseSize));
      pose.position[2] += robot.base_height;
      const std::span<const double> posture(robot.spec.home.data() + home, joints);
      wanted.push_back(SolveIk(scene, static_cast<int>(a), pose, Targets(scene, arm), posture).joints);
      next += kToolPoseSize;
    }
    openings.push_back(static_cast<double>(action[next++]));
    home += joints + 1;
  }
  for (std::size_t a = 0; a < robot.arms.size(); ++a) {
    MoveTogether(scene, robot.arms[a], Targets(scene, robot.arms[a]), wanted[a]);
    SetGripper(scene, robot.arms[a], openings[a]);
  }
}

std::vector<float> CommandedJoints(const Scene& scene) {
  std::vector<float> numbers;
  for (const ArmIndex& arm : scene.GetRobot().arms) {
    for (const double target : Targets(scene, arm)) numbers.push_back(static_cast<float>(target));
    numbers.push_back(static_cast<float>(CommandedGripper(scene, arm)));
  }
  return numbers;
}

StepStatus ControlStep(Scene& scene, ActionKind kind, std::span<const float> action) {
  ApplyAction(scene, kind, action);
  return scene.Step(kStepsPerControl);
}

std::vector<float> ProprioState(const Scene& scene) {
  std::vector<float> numbers;
  const Robot& robot = scene.GetRobot();
  for (std::size_t a = 0; a < robot.arms.size(); ++a) {
    for (const int address : robot.arms[a].qpos_addresses)
      numbers.push_back(static_cast<float>(scene.Data().qpos[address]));
    numbers.push_back(static_cast<float>(scene.GripperOpening(static_cast<int>(a))));
  }
  return numbers;
}

std::vector<float> ToolState(const Scene& scene) {
  std::vector<float> numbers;
  for (std::size_t a = 0; a < scene.GetRobot().arms.size(); ++a)
    AppendPose(scene, scene.ToolPose(static_cast<int>(a)), numbers);
  return numbers;
}

std::vector<float> ToAction(const Scene& scene, std::span<const ToolTarget> arms) {
  std::vector<float> numbers;
  for (const ToolTarget& arm : arms) {
    AppendPose(scene, arm.pose, numbers);
    numbers.push_back(static_cast<float>(arm.gripper));
  }
  return numbers;
}

}  // namespace divla
