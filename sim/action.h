// What a policy's numbers mean. Standard types only: the shared currency of sim, tasks, policy and harness.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace divla {

// One control step lasts kControlPeriod; physics runs at kPhysicsStep underneath.
inline constexpr double kControlPeriod = 0.05;  // s (20 Hz)
inline constexpr double kPhysicsStep = 0.002;   // s

enum class ActionKind {
  // Absolute joint-position targets in rad, then the gripper, arm after arm (DiVLA paper: joint space; 7+1, or 14 for
  // two arms).
  kJointPosition,
  // Absolute tool-centre-point targets in the robot's frame (the world's axes, origin on the plane that the robot is
  // mounted on; the world frame itself unless the robot was raised), arm after arm: xyz in m (3), the first two rows of
  // the rotation matrix (6), gripper (1). The released DiVLA code's 10-number Franka action. Inverse kinematics runs in the
  // controller.
  kEndEffectorPose,
};

inline constexpr int kToolPoseSize = 9;            // xyz + two rotation rows
inline constexpr int kEndEffectorActionSize = 10;  // tool pose + gripper

// The gripper entry of an action or state: 0 closed, 1 fully open, clipped to [0, 1].
struct ActionChunk {
  ActionKind kind{ActionKind::kJointPosition};
  int size{};                 // steps
  int dim{};                  // numbers per step
  std::vector<float> values;  // (size x dim), row-major

  std::span<const float> Row(int step) const {
    return {values.data() + static_cast<std::size_t>(step) * static_cast<std::size_t>(dim),
            static_cast<std::size_t>(dim)};
  }
};

// The robot as a policy knows it: names, sizes and limits, no model.
struct RobotInterface {
  std::string name;                      // "panda", "agilex"
  int arms{};                            // 1 or 2; two arms are ordered left, right
  std::vector<std::string> cameras;      // in the order the policy gets them
  std::vector<std::string> state_names;  // joint names and one gripper per arm, arm after arm
  std::vector<float> low, high;          // limits of each entry of the state and of a joint-position action
  std::vector<float> home;               // a resting joint-position action

  int StateDim() const { return static_cast<int>(state_names.size()); }
  int ActionDim(ActionKind kind) const {
    return kind == ActionKind::kJointPosition ? StateDim() : arms * kEndEffectorActionSize;
  }
};

}  // namespace divla
