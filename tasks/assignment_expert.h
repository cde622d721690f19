// AssignmentExpert: brings each object of EpisodePlan::assignments to its container, one after the other in the order
// of CurrentAssignment, again when one is lost. One arm moves at a time; the others go up and wait out of its way. An
// arm that stands still, for 1.5 s with a joint at its limit (elbow the wrong way round) or for 15 s, is stuck: it goes
// back to where it started, with what it holds, and comes again from there.
// Scripted, privileged.
#pragma once

#include <array>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sim/controller.h"
#include "tasks/pick_place.h"
#include "tasks/task.h"

namespace divla {

struct AssignmentExpertOptions {
  // The arm for an assignment that no arm holds yet.
  std::function<int(const Assignment&)> arm{[](const Assignment&) { return 0; }};
  double drop{0.012};           // m, from which an object is let fall
  double hand_below_rim{0.03};  // m, how far the tool may go below a container's rim: the palm stays above it
  double clear{0.05};           // m over the highest rim, at which an object's base is carried
  std::vector<Pose> waiting;    // of each arm's tool while another arm moves; empty: where it started
  double nearest{0};            // m, horizontally from the world's origin, nearer than which nothing is let go if it
                                // can be helped: there the arm folds into its limits
};

class AssignmentExpert final : public Expert {
 public:
  explicit AssignmentExpert(EpisodePlan plan, AssignmentExpertOptions options = {});

  std::vector<float> Act(const Scene& scene) override;
  std::unique_ptr<Expert> Clone() const override { return std::make_unique<AssignmentExpert>(*this); }

 private:
  void Begin(const Scene& scene, const Assignment& assignment);
  bool OthersAreBack(const Scene& scene) const;
  void WatchForStanding(const Scene& scene);
  ToolTarget Retreat(const Scene& scene);
  Pose Aside(const Scene& scene, int arm) const;

  EpisodePlan plan_;
  AssignmentExpertOptions options_;
  double carry_{};             // m, tool height at which nothing is touched, without the object
  std::vector<Pose> waiting_;  // of the tools
  std::optional<PickPlaceExpert> pick_;
  std::string body_;  // that pick_ moves
  int arm_{0};        // that moves now
  bool rising_{false};
  std::array<double, 3> stood_{};  // m, tool, when it last got on
  int standing_{0};                // control steps since then
  bool retreating_{false};         // to the waiting place, because it got stuck
  int retreat_steps_{0};           // control steps since that began
};

// Where the tool lets the object go so that it comes to lie beside what is in the container already, m, world. `sunk`
// and `drop` as hand_below_rim and drop, `nearest` as above.
std::array<double, 3> StowingPlace(const Scene& scene, const EpisodePlan& plan, const Assignment& assignment,
                                   double sunk, double drop, double nearest = 0);

}  // namespace divla
