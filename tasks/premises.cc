#include "tasks/premises.h"

#include <algorithm>
#include <vector>

namespace divla {

bool PremisesHold(const Task& task, const EpisodePlan& plan) {
  const Scene scene = task.Build(plan);
  const std::vector<Premise> premises = task.Premises(scene, plan);
  return std::all_of(premises.begin(), premises.end(), [](const Premise& premise) { return premise.holds; });
}

}  // namespace divla
