// PickPlaceExpert: picks one object from above and puts it down at a place. Scripted, privileged.
// The command is the tool's own pose moved a bounded lead towards the phase's goal, so each action is a function of the
// present state (plus a short grip counter): a perturbed arm simply carries on, and a lost object is picked again.
#pragma once

#include <array>
#include <functional>
#include <string>

#include "tasks/catalogue.h"
#include "tasks/task.h"

namespace divla {

struct PickPlaceOptions {
  int arm{0};
  double hover{0.10};             // m above the grasp point before going down
  double carry_height{0.16};      // m, tool height over the table while carrying
  double lead_horizontal{0.055};  // m, how far ahead of the tool the command runs
  double lead_vertical{0.045};    // m
  // The fingers close across the object's long side however it lies, and put it down with that side along world x. Else
  // they always move along world y.
  bool follow_yaw{false};
  // What the gripper holds at the first step is carried on, not let go and picked again; a contact that is lost for
  // less than 0.2 s does not open it; the fingers close within 3 mm of the grasp's height (thin things lie on the
  // table).
  bool careful{false};
};

class PickPlaceExpert final : public Expert {
 public:
  // `place` is the tool position at which the object is let go (m, world). `done` says that the object is where it
  // belongs.
  PickPlaceExpert(std::string body, const ObjectInfo& object, std::array<double, 3> place,
                  std::function<bool(const Scene&)> done, const PickPlaceOptions& options = {});

  // An expert that is made while the gripper holds the object goes on from there.
  std::vector<float> Act(const Scene& scene) override;
  std::unique_ptr<Expert> Clone() const override { return std::make_unique<PickPlaceExpert>(*this); }

 private:
  std::string body_;
  const ObjectInfo* object_;
  std::array<double, 3> place_;
  std::function<bool(const Scene&)> done_;
  PickPlaceOptions options_;
  bool first_{true};
  int lost_steps_{100};   // control steps since the fingers touched the object last
  int waiting_{0};        // control steps at the grasp before the fingers close
  int grip_steps_{0};     // control steps since the gripper began to close on the object
  int release_steps_{0};  // control steps since it began to open over the place
};

// The expert of a task that puts plan.target at `place`, done when it lies inside plan.destination.
std::unique_ptr<Expert> MakePickPlaceExpert(const EpisodePlan& plan, const std::array<double, 3>& place,
                                            const PickPlaceOptions& options = {});

}  // namespace divla
