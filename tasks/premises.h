// Whether a plan's episode may begin.
#pragma once

#include "tasks/task.h"

namespace divla {

// Builds the plan's scene and asks for every premise. Throws InputError when it cannot be built.
bool PremisesHold(const Task& task, const EpisodePlan& plan);

}  // namespace divla
