// HoldAndFillExpert: the left hand takes the bag by its tab and keeps it; the right one picks one object after the
// other and drops it into the bag, each at its own spot. Scripted, privileged. The hands work at the same time, but
// nothing is dropped before the bag is held. What falls beside the bag is picked again.
#pragma once

#include <optional>
#include <string>

#include "tasks/task.h"
#include "tasks/two_arms.h"

namespace divla {

class HoldAndFillExpert final : public Expert {
 public:
  explicit HoldAndFillExpert(const EpisodePlan& plan);

  std::vector<float> Act(const Scene& scene) override;
  std::unique_ptr<Expert> Clone() const override { return std::make_unique<HoldAndFillExpert>(*this); }

 private:
  ArmGoal HoldBag(const Scene& scene);
  ArmGoal Fill(const Scene& scene);
  ArmGoal Carry(const Scene& scene, std::size_t index);

  EpisodePlan plan_;
  TopGrasp bag_grasp_{kLeftArm};
  TopGrasp grasp_{kRightArm};
  std::optional<Pose> hold_;    // the left tool when it took hold: it stays there
  int release_steps_{0};        // control steps since the right gripper began to open over the bag
  std::optional<Pose> let_go_;  // the right tool when it began to
};

}  // namespace divla
