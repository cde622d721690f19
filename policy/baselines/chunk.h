// What the two baselines share: joint-position chunks of the same length, without cameras.
#pragma once

#include "policy/policy.h"

namespace divla {

inline constexpr int kBaselineChunk = 16;       // steps of a chunk
inline constexpr int kBaselineActionSteps = 8;  // steps that are played before the next query

// No camera, joint positions.
PolicyRequirements BaselineRequirements();

// An empty chunk for `robot`, to be filled row by row.
ActionChunk BaselineChunk(const RobotInterface& robot);

}  // namespace divla
