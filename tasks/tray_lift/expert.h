// TrayLiftExpert: each hand takes its handle from above; when both hold, they lift the tray together. Scripted,
// privileged.
//
// While lifting, each tool is sent to where its handle would be on a level tray a little higher than the tray is now:
// the hand at the lower side is thereby sent up further, which keeps the tray level. When one hand loses its handle,
// the other sets the tray down and the first takes hold anew; when the load falls off, they set the tray down and one
// hand puts the load back.
#pragma once

#include <array>
#include <optional>
#include <vector>

#include "tasks/task.h"
#include "tasks/two_arms.h"

namespace divla {

class TrayLiftExpert final : public Expert {
 public:
  explicit TrayLiftExpert(const EpisodePlan& plan);

  std::vector<float> Act(const Scene& scene) override;
  std::unique_ptr<Expert> Clone() const override { return std::make_unique<TrayLiftExpert>(*this); }

 private:
  // The arm that puts a lost load back.
  struct Loader {
    int arm{};
    TopGrasp grasp{kRightArm};
    int release_steps{0};  // control steps since it began to open over the tray
  };

  std::vector<float> Reload(const Scene& scene);

  EpisodePlan plan_;
  std::optional<std::array<std::array<double, 3>, 2>> spot_;  // m, where the handles were when both hands had them
  std::array<TopGrasp, 2> grasps_{TopGrasp(kLeftArm), TopGrasp(kRightArm)};
  std::optional<Loader> loader_;
};

}  // namespace divla
