// Texts that tasks share in answer to Task::Words.
#pragma once

#include <string>
#include <vector>

#include "tasks/task.h"

namespace divla {

// The steps of putting one thing somewhere: "pick up <object>", "<put> <place>" at level 1, and finer ones for each
// further level. `object`: "the purple cube"; `put`: "put it into the blue box"; `place`: "the blue box".
std::vector<StepClause> PickPlaceSteps(const std::string& object, const std::string& put, const std::string& place);

}  // namespace divla
