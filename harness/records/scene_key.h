// Which episodes go together: an episode and its perturbed twins, those of the same task and index, share scene and start.
#pragma once

#include <string>
#include <utility>

#include "tasks/task.h"

namespace divla {

using SceneKey = std::pair<std::string, int>;  // task, index

inline SceneKey SceneOf(const EpisodeKey& key) { return {key.task, key.index}; }

}  // namespace divla
