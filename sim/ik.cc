#include "sim/ik.h"

#include <Eigen/Dense>
#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>

#include "sim/check.h"

namespace divla {
namespace {

using Jacobian = Eigen::Matrix<double, 6, Eigen::Dynamic>;
using Vector6 = Eigen::Matrix<double, 6, 1>;
using Eigen::VectorXd;

// Errors beyond these are cut before a step is computed, so that a far target gives a finite, straight pull.
constexpr double kLongestPull = 0.3;  // m
constexpr double kWidestTurn = 1.0;   // rad
constexpr double kFullPull = 0.05;    // m and rad, the error from which on the posture pulls fully
constexpr double kLeastDamping = 1e-6;

Eigen::Vector3d Vector(const mjtNum* numbers) { return {numbers[0], numbers[1], numbers[2]}; }
Eigen::Quaterniond Quaternion(const mjtNum* numbers) { return {numbers[0], numbers[1], numbers[2], numbers[3]}; }

// One rigid step along the chain: a fixed transform, then perhaps a turn about an axis through a point of the new
// frame.
struct Link {
  Eigen::Vector3d position;
  Eigen::Quaterniond rotation;
  int joint{-1};  // index among the arm's joints, -1 for a fixed link
  Eigen::Vector3d axis{Eigen::Vector3d::Zero()};
  Eigen::Vector3d anchor{Eigen::Vector3d::Zero()};
  double zero{};  // joint position at which the link is as drawn in the model
};

// The arm from the world to its tool site, as MuJoCo's kinematics sees it.
class Chain {
 public:
  Chain(const mjModel& model, const ArmIndex& arm) : joints_(static_cast<int>(arm.joint_ids.size())) {
    const int site = arm.tool_site_id;
    links_.push_back({Vector(model.site_pos + 3 * site), Quaternion(model.site_quat + 4 * site)});
    for (int body = model.site_bodyid[site]; body != 0; body = model.body_parentid[body]) {
      Link link{Vector(model.body_pos + 3 * body), Quaternion(model.body_quat + 4 * body)};
      DIVLA_CHECK(model.body_jntnum[body] <= 1, "an arm's body has one joint at most");
      if (model.body_jntnum[body] == 1) {
        const int joint = model.body_jntadr[body];
        const auto found = std::find(arm.joint_ids.begin(), arm.joint_ids.end(), joint);
        DIVLA_CHECK(found != arm.joint_ids.end() && model.jnt_type[joint] == mjJNT_HINGE,
                    "an arm turns on its own hinges only");
        link.joint = static_cast<int>(found - arm.joint_ids.begin());
        link.axis = Vector(model.jnt_axis + 3 * joint);
        link.anchor = Vector(model.jnt_pos + 3 * joint);
        link.zero = model.qpos0[model.jnt_qposadr[joint]];
      }
      links_.push_back(link);
    }
    std::reverse(links_.begin(), links_.end());
    axes_.resize(joints_);
    anchors_.resize(joints_);
  }

  // The tool's pose at `joints`, and the Jacobian there: three rows of velocity, three of turning.
  void Solve(const VectorXd& joints, Eigen::Vector3d& position, Eigen::Quaterniond& rotation, Jacobian& jacobian) {
    position.setZero();
    rotation.setIdentity();
    for (const Link& link : links_) {
      position += rotation * link.position;
      rotation = rotation * link.rotation;
      if (link.joint < 0) continue;
      const auto j = static_cast<std::size_t>(link.joint);
      anchors_[j] = position + rotation * link.anchor;
      axes_[j] = rotation * link.axis;
      rotation = rotation * Eigen::Quaterniond(Eigen::AngleAxisd(joints[link.joint] - link.zero, link.axis));
      position = anchors_[j] - rotation * link.anchor;
    }
    rotation.normalize();
    jacobian.resize(6, joints_);
    for (int j = 0; j < joints_; ++j) {
      const auto index = static_cast<std::size_t>(j);
      jacobian.col(j) << axes_[index].cross(position - anchors_[index]), axes_[index];
    }
  }

 private:
  int joints_;
  std::vector<Link> links_;
  std::vector<Eigen::Vector3d> axes_, anchors_;
};

// The turn from `now` to `wanted` as a vector in the world frame, at most pi long.
Eigen::Vector3d Turn(const Eigen::Quaterniond& wanted, const Eigen::Quaterniond& now) {
  Eigen::Quaterniond turn = wanted * now.conjugate();
  if (turn.w() < 0) turn.coeffs() = -turn.coeffs();
  const double sine = turn.vec().norm();
  if (sine < 1e-12) return Eigen::Vector3d::Zero();
  return turn.vec() * (2 * std::atan2(sine, turn.w()) / sine);
}

// One damped least-squares step. A joint that the step would push through its limit is taken out and the rest solved
// again, so that the others make up for it.
VectorXd Step(const Jacobian& full, const Vector6& error, const VectorXd& pull, const VectorXd& joints,
              const VectorXd& low, const VectorXd& high, double damping) {
  const auto n = full.cols();
  Jacobian jacobian = full;
  VectorXd drift = pull;
  VectorXd step = VectorXd::Zero(n);
  for (Eigen::Index round = 0; round <= n; ++round) {
    const Eigen::Matrix<double, 6, 6> square =
        jacobian * jacobian.transpose() + damping * Eigen::Matrix<double, 6, 6>::Identity();
    step = drift + jacobian.transpose() * square.ldlt().solve(error - jacobian * drift);
    bool all_free = true;
    for (Eigen::Index j = 0; j < n; ++j) {
      const bool blocked = (joints[j] <= low[j] && step[j] < 0) || (joints[j] >= high[j] && step[j] > 0);
      if (!blocked) continue;
      jacobian.col(j).setZero();
      drift[j] = 0;
      all_free = false;
    }
    if (all_free) break;
  }
  return step;
}

// Radical inverse of `index` in `base` (Halton): evenly spread numbers in (0, 1) without a random generator.
double RadicalInverse(int index, int base) {
  double value = 0;
  double digit = 1.0 / base;
  for (; index > 0; index /= base, digit /= base) value += digit * (index % base);
  return value;
}

// How far from done, 1 at the tolerances.
double Remaining(const IkResult& result, const IkOptions& options) {
  return std::max(result.position_error / options.position_tolerance,
                  result.rotation_error / options.rotation_tolerance);
}

}  // namespace

IkResult SolveIk(const Scene& scene, int arm, const Pose& target, std::span<const double> start,
                 std::span<const double> posture, const IkOptions& options) {
  const ArmIndex& index = scene.GetRobot().arms.at(static_cast<std::size_t>(arm));
  const std::size_t count = index.joint_ids.size();
  DIVLA_CHECK(start.size() == count && posture.size() == count, "SolveIk needs one number per joint of the arm");
  const auto n = static_cast<Eigen::Index>(count);
  const VectorXd low = Eigen::Map<const VectorXd>(index.joint_low.data(), n);
  const VectorXd high = Eigen::Map<const VectorXd>(index.joint_high.data(), n);
  const VectorXd rest = Eigen::Map<const VectorXd>(posture.data(), n);
  const Eigen::Vector3d wanted_position = Vector(target.position.data());
  const Eigen::Quaterniond wanted_rotation = Quaternion(target.rotation.data()).normalized();

  Chain chain(scene.Model(), index);
  IkResult best;
  constexpr std::array<int, 8> kBases = {2, 3, 5, 7, 11, 13, 17, 19};
  DIVLA_CHECK(count <= kBases.size(), "SolveIk knows arms of up to eight joints");
  for (int attempt = 0; attempt <= options.restarts; ++attempt) {
    VectorXd joints = Eigen::Map<const VectorXd>(start.data(), n);
    for (Eigen::Index j = 0; attempt > 0 && j < n; ++j) {
      joints[j] = low[j] + (high[j] - low[j]) * RadicalInverse(attempt, kBases[static_cast<std::size_t>(j)]);
    }
    joints = joints.cwiseMax(low).cwiseMin(high);
    for (int iteration = 0; iteration <= options.max_iterations; ++iteration) {
      Eigen::Vector3d position;
      Eigen::Quaterniond rotation;
      Jacobian jacobian;
      chain.Solve(joints, position, rotation, jacobian);
      const Eigen::Vector3d away = wanted_position - position;
      const Eigen::Vector3d turn = Turn(wanted_rotation, rotation);
      IkResult now{{joints.data(), joints.data() + n}, false, away.norm(), turn.norm()};
      now.converged =
          now.position_error <= options.position_tolerance && now.rotation_error <= options.rotation_tolerance;
      if (best.joints.empty() || Remaining(now, options) < Remaining(best, options)) best = now;
      if (best.converged) return best;
      if (iteration == options.max_iterations) break;

      Vector6 error;
      error << away * std::min(1.0, kLongestPull / std::max(now.position_error, 1e-12)),
          turn * std::min(1.0, kWidestTurn / std::max(now.rotation_error, 1e-12));
      const double damping = options.damping * std::min(1.0, error.squaredNorm()) + kLeastDamping;
      // The posture pulls while the tool is under way and lets go as it arrives, so that it does not hold up the last
      // millimetre.
      const VectorXd pull = options.posture_gain * std::min(1.0, error.norm() / kFullPull) * (rest - joints);
      VectorXd step = Step(jacobian, error, pull, joints, low, high, damping);
      step *= std::min(1.0, options.max_joint_step / std::max(step.cwiseAbs().maxCoeff(), 1e-12));
      joints = (joints + step).cwiseMax(low).cwiseMin(high);
    }
  }
  return best;
}

}  // namespace divla
