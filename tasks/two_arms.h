// What scripted experts of two-armed tasks share: bounded steps towards a pose, and taking a thing from above.
// The tool frame is that of assets/robots/README.md: z out of the gripper, fingers along y; DownRotation
// (tasks/table_top.h) points it straight down.
#pragma once

#include <array>
#include <vector>

#include "sim/scene.h"
#include "tasks/catalogue.h"

namespace divla {

inline constexpr int kLeftArm = 0, kRightArm = 1;  // the order of the AgileX robot's arms

// What one arm is to do now: a pose to go to, at most `lead` m ahead of the tool in one control step.
struct ArmGoal {
  Pose pose;
  double gripper{1.0};  // 0 closed, 1 open
  double lead{0.05};    // m
};

double Distance(const std::array<double, 3>& a, const std::array<double, 3>& b);  // m
// Angle of the turn from one rotation to the other, rad.
double TurnBetween(const std::array<double, 4>& from, const std::array<double, 4>& to);
// The world position of a point of the body's frame, m.
std::array<double, 3> PointOn(const Scene& scene, int body, const std::array<double, 3>& point);
// Heading of the body's x axis in the table's plane, rad.
double Heading(const Scene& scene, int body);
// The equal grasp (fingers may be exchanged, half a turn) that is turned least: `yaw` brought into (-pi/2, pi/2], rad.
double GraspYaw(double yaw);

// The same for an arm: pointing down with the fingers across a thing that lies along `yaw` (or half a turn from it),
// whichever is nearer to how the tool is turned now, but never more than 2.1 rad from home.
std::array<double, 4> GraspRotation(const Scene& scene, int arm, double yaw);

// The hand is closed around the body at that grasp of the catalogue: tool within 2.5 cm of it, anywhere along its
// half_length, the gap between the fingers 0.5 times the grasp's width to 12 mm more than it, and a finger touching.
// (Both at once would be too much to ask for half a second: contacts flicker while two hands pull at one rigid thing.)
bool Holds(const Scene& scene, int arm, int body, const ObjectGrasp& grasp);

// The pose on the way from `from` to `to`, at most `lead` m and 0.35 rad ahead.
Pose Towards(const Pose& from, const Pose& to, double lead);

// The kEndEffectorPose action that takes both arms a step towards their goals, left then right.
std::vector<float> TwoArmAction(const Scene& scene, const std::array<ArmGoal, 2>& goals);

// Takes a thing from above with one arm: across at hover height, turned, down, closed. A function of the present scene
// and a counter of how long the fingers have been closing; a pushed arm simply starts over.
class TopGrasp {
 public:
  explicit TopGrasp(int arm, double hover = 0.09) : arm_(arm), hover_(hover) {}

  // One control step towards holding at `grasp` (world; a pose that points down).
  ArmGoal Act(const Scene& scene, const Pose& grasp);
  // The fingers had time to close: what they touch, they hold.
  bool Closed() const;
  // To be called when the thing was let go or lost.
  void Reset() { grip_steps_ = 0; }

 private:
  int arm_;
  double hover_;       // m above the grasp before going down
  int grip_steps_{0};  // control steps since the fingers began to close
};

}  // namespace divla
