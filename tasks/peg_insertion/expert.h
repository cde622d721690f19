// PegInsertionExpert: each hand takes its thing from above and lifts it to the middle; the right one lines the peg up
// with the hole and pushes. Scripted, privileged.
//
// Tools are moved by what the things they hold are off by, so that a thing that sits askew between the fingers, or a
// pushed arm, is made good. A lost thing is picked again while the other hand waits aside with its own.
#pragma once

#include <array>
#include <string>

#include "tasks/task.h"
#include "tasks/two_arms.h"

namespace divla {

class PegInsertionExpert final : public Expert {
 public:
  explicit PegInsertionExpert(const EpisodePlan& plan);

  std::vector<float> Act(const Scene& scene) override;
  std::unique_ptr<Expert> Clone() const override { return std::make_unique<PegInsertionExpert>(*this); }

 private:
  ArmGoal Present(const Scene& scene) const;
  ArmGoal Insert(const Scene& scene) const;

  EpisodePlan plan_;
  std::array<TopGrasp, 2> grasps_{TopGrasp(kLeftArm), TopGrasp(kRightArm)};
};

}  // namespace divla
