#include "tasks/wordings.h"

namespace divla {

std::vector<StepClause> PickPlaceSteps(const std::string& object, const std::string& put, const std::string& place) {
  return {
      {2, "look for " + object},
      {1, "pick up " + object},
      {3, "lift it off the table"},
      {4, "carry it to " + place},
      {1, put},
      {5, "open the gripper and move away"},
  };
}

}  // namespace divla
