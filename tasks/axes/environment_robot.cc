// environment_table_height, environment_robot_start, environment_dynamics: where the robot stands, how it starts, and
// how things slide and weigh.
#include <algorithm>
#include <cmath>

#include "tasks/axes/registry.h"

namespace divla {
namespace {

class TableHeight final : public Axis {
 public:
  const AxisSpec& Spec() const override {
    static const AxisSpec spec{"environment_table_height",
                               "environment",
                               "the robot stands on a plinth: the table is lower, seen from it",
                               {{"plinth", "m", {0.02, 0.04, 0.06, 0.08, 0.10}}},
                               "height of the plinth, m",
                               {Claim::kRobotBase},
                               true};
    return spec;
  }

  bool Edit(const Task&, int level, Rng&, EpisodePlan& plan) const override {
    plan.variation.plinth = Spec().parameters[0].At(level);
    return true;
  }

  double Measure(const EpisodePlan&, const EpisodePlan& twin) const override { return twin.variation.plinth; }
};

class RobotStart final : public Axis {
 public:
  const AxisSpec& Spec() const override {
    static const AxisSpec spec{"environment_robot_start",
                               "environment",
                               "every arm joint starts off the training range, which is 0.06 rad around home",
                               {{"further offset, at most", "rad", {0.05, 0.10, 0.15, 0.20, 0.25}}},
                               "mean distance of the joints from the clean start, rad",
                               {Claim::kRobotStart},
                               true};
    return spec;
  }

  bool Edit(const Task& task, int level, Rng& rng, EpisodePlan& plan) const override {
    const double range = Spec().parameters[0].At(level);
    std::size_t next = 0;
    for (const ArmSpec& arm : FindRobot(task.Spec().robot).arms) {
      for (std::size_t joint = 0; joint < arm.joints.size(); ++joint) {
        const double offset = rng.Uniform(0.4, 1.0) * range;
        plan.robot_start[next++] += rng.Int(2) == 0 ? offset : -offset;
      }
      ++next;  // the gripper starts open
    }
    return true;
  }

  double Measure(const EpisodePlan& clean, const EpisodePlan& twin) const override {
    double sum = 0;
    for (std::size_t i = 0; i < clean.robot_start.size(); ++i) {
      sum += std::abs(twin.robot_start[i] - clean.robot_start[i]);
    }
    return sum / static_cast<double>(clean.robot_start.size());
  }
};

class Dynamics final : public Axis {
 public:
  const AxisSpec& Spec() const override {
    static const AxisSpec spec{"environment_dynamics",
                               "environment",
                               "all surfaces are more slippery and all objects heavier",
                               {{"sliding friction, factor", "1", {0.94, 0.88, 0.82, 0.76, 0.70}},
                                {"mass, factor", "1", {1.15, 1.3, 1.5, 1.75, 2.0}}},
                               "logarithm of mass factor over friction factor",
                               {Claim::kDynamics},
                               false};
    return spec;
  }

  bool Edit(const Task&, int level, Rng&, EpisodePlan& plan) const override {
    plan.variation.friction = Spec().parameters[0].At(level);
    plan.variation.mass = Spec().parameters[1].At(level);
    return true;
  }

  double Measure(const EpisodePlan&, const EpisodePlan& twin) const override {
    return std::log(twin.variation.mass / twin.variation.friction);
  }
};

}  // namespace

const Axis& EnvironmentTableHeight() {
  static const TableHeight axis;
  return axis;
}
const Axis& EnvironmentRobotStart() {
  static const RobotStart axis;
  return axis;
}
const Axis& EnvironmentDynamics() {
  static const Dynamics axis;
  return axis;
}

}  // namespace divla
