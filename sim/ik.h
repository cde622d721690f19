// Inverse kinematics of one arm: damped least squares (Nakamura & Hanafusa 1986; Wampler 1986) with joint limits and a
// posture task in the null space. Works on a scratch mjData of the calling thread, so the scene is not touched.
// Deterministic.
#pragma once

#include <span>
#include <vector>

#include "sim/scene.h"

namespace divla {

struct IkOptions {
  int max_iterations{30};
  double position_tolerance{2e-4};  // m
  double rotation_tolerance{2e-3};  // rad
  double damping{1e-2};      // of the squared singular values, (m or rad), at an error of 1; it shrinks with the error
  double posture_gain{0.1};  // pull towards `posture` in the null space, per iteration
  double max_joint_step{0.3};  // rad per iteration
  int restarts{0};             // when `start` fails: more starts, spread evenly over the joint ranges
};

struct IkResult {
  std::vector<double> joints;  // rad, inside the limits, the best found
  bool converged{};
  double position_error{};  // m
  double rotation_error{};  // rad
};

// Joint angles that bring the arm's tool centre point to `target` (world frame), starting from `start`, preferring
// `posture`.
IkResult SolveIk(const Scene& scene, int arm, const Pose& target, std::span<const double> start,
                 std::span<const double> posture, const IkOptions& options = {});

}  // namespace divla
