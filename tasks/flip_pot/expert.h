// FlipExpert: grasps the pot by both handles, lifts it, turns it upright about the line through the handles, puts it
// down, lets go and backs off. Scripted, privileged.
//
// The turn is a right angle. Straight down to level would lay the hand on the table, so the tool comes leaning 35
// degrees towards the pot's base and leaves leaning 55 degrees the other way.
//
// A pot that was lost may have rolled to where its handles are not level; then the fingers hold its walls.
//
// Each command is the tool's own pose moved a bounded lead towards the phase's goal, and while the pot is held the goal
// turns with the pot, not with the tool: a pot that slips between the fingers is still brought upright, and a lost one
// is picked again.
#pragma once

#include <array>
#include <string>

#include "tasks/task.h"

namespace divla {

class FlipExpert final : public Expert {
 public:
  // `opening`: horizontal direction in which the pot opened at the start (world frame, unit length); used while its
  // axis is too steep to tell.
  FlipExpert(std::string pot, double handle_height, const std::array<double, 3>& opening);

  std::vector<float> Act(const Scene& scene) override;
  std::unique_ptr<Expert> Clone() const override { return std::make_unique<FlipExpert>(*this); }

 private:
  struct Goal {
    Pose pose;
    double gripper{1.0};
  };

  Goal Pick(const Scene& scene);
  Goal Carry(const Scene& scene);
  bool Holds(const Scene& scene, int pot) const;
  // The tool's turn for the grasp, from how the pot lies.
  std::array<double, 4> GraspTurn(const Scene& scene, int pot) const;
  // The point between the fingers while they hold the pot.
  std::array<double, 3> GripPoint(const Scene& scene, int pot) const;
  bool HandlesAreLevel(const Scene& scene, int pot) const;

  std::string pot_;
  double handle_height_;  // m, of the handles over the pot's base
  double grip_height_;    // m, of the point held over the pot's base
  std::array<double, 3> opening_;
  int grip_{0};     // control steps since the fingers began to close
  int release_{0};  // control steps since they began to open
};

}  // namespace divla
