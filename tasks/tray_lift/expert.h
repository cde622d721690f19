// TrayLiftExpert: each hand takes its handle from above; when both hold, they lift the tray together. Scripted,
// privileged.
//
// While lifting, each tool is sent to where its handle would be on a level tray a little higher than the tray is now:
// the hand at the lower side is thereby sent up further, which keeps the tray level. When one hand loses its handle,
// the other sets the tray down and the first takes hold anew.
#pragma once

#include <array>
#include <optional>
#include <string>

#include "tasks/task.h"
#include "tasks/two_arms.h"

namespace divla {

class TrayLiftExpert final : public Expert {
 public:
  // `handles`: the tool's points on the tray, in its frame, the left hand's first.
  TrayLiftExpert(std::string tray, const std::array<std::array<double, 3>, 2>& handles);

  std::vector<float> Act(const Scene& scene) override;

 private:
  std::string tray_;
  std::array<std::array<double, 3>, 2> handles_;
  std::optional<std::array<std::array<double, 3>, 2>> spot_;  // m, where the handles were when both hands had them
  std::array<TopGrasp, 2> grasps_{TopGrasp(kLeftArm), TopGrasp(kRightArm)};
};

}  // namespace divla
