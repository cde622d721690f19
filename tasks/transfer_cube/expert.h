// TransferExpert: the right arm picks the cube from above, carries it to the middle and tilts it towards the left arm,
// which takes it along its own axis; then the right hand backs off. Scripted, privileged.
//
// Both tools point 45 degrees down and inwards at the handover, so their axes are at right angles. The right fingers
// spread in the plane of the two axes and the left ones along world x: they hold different faces of the cube, and each
// hand's fingers fit between those of the other.
//
// Each command is the tool's own pose moved a bounded lead towards the phase's goal, so an action is a function of the
// present state (plus short grip counters): perturbed arms carry on, and a lost cube is picked again.
#pragma once

#include <optional>
#include <string>

#include "tasks/task.h"
#include "tasks/two_arms.h"

namespace divla {

class TransferExpert final : public Expert {
 public:
  explicit TransferExpert(std::string cube);

  // Both arms' end-effector action, left then right (20 numbers).
  std::vector<float> Act(const Scene& scene) override;
  std::unique_ptr<Expert> Clone() const override { return std::make_unique<TransferExpert>(*this); }

 private:
  ArmGoal Pick(const Scene& scene);
  ArmGoal Carry(const Scene& scene) const;
  ArmGoal Take(const Scene& scene);
  ArmGoal Release(const Scene& scene);

  std::string cube_;
  std::optional<Pose> left_start_;  // where the left arm waits until the right one has the cube
  int right_grip_{0};               // control steps since the right gripper began to close on the cube
  int left_grip_{0};                // the same of the left one
  int release_{0};                  // control steps since the right gripper began to open at the handover
};

}  // namespace divla
