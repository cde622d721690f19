// From the name of an episode to Query::noise_seed, so that whoever knows a run's seed and an episode's key can ask a
// policy what it was asked there.
#pragma once

#include <cstdint>
#include <string_view>

namespace divla {

// `task`, `axis`, `level` and `index` are the episode's key (tasks/task.h); the same value on every machine.
std::uint64_t EpisodeNoiseSeed(std::uint64_t run_seed, std::string_view task, std::string_view axis, int level,
                               int index);

}  // namespace divla
