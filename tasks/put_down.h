// PutDownFirst: an expert that finds something in its gripper which it does not need. It puts it down on a free place
// of the table near by and hands over to the expert of the task. One arm. Scripted, privileged.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string>

#include "tasks/task.h"

namespace divla {

// Where on the table an object of this plan can stand with 2 cm to the footprints of all others: the free point nearest
// to `from` (x, y, m) of a 2 cm grid over x 0.36..0.60, y -0.30..0.30 m. Where there is none, the one with most room.
std::array<double, 2> FreePlace(const Scene& scene, const EpisodePlan& plan, const std::string& body,
                                const std::array<double, 2>& from);

class PutDownFirst final : public Expert {
 public:
  // `body` is what the gripper holds.
  PutDownFirst(EpisodePlan plan, std::string body, std::unique_ptr<Expert> then);

  std::vector<float> Act(const Scene& scene) override;
  std::unique_ptr<Expert> Clone() const override;

 private:
  EpisodePlan plan_;
  std::string body_;
  std::unique_ptr<Expert> then_;
  std::optional<std::array<double, 2>> place_;  // m, world x and y
  int release_{0};                              // control steps since the fingers began to open
  bool done_{false};
};

}  // namespace divla
