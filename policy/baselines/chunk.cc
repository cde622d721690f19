#include "policy/baselines/chunk.h"

namespace divla {

PolicyRequirements BaselineRequirements() {
  PolicyRequirements requirements;
  requirements.action_kind = ActionKind::kJointPosition;
  requirements.n_action_steps = kBaselineActionSteps;
  return requirements;
}

ActionChunk BaselineChunk(const RobotInterface& robot) {
  ActionChunk chunk;
  chunk.kind = ActionKind::kJointPosition;
  chunk.size = kBaselineChunk;
  chunk.dim = robot.StateDim();
  chunk.values.reserve(static_cast<std::size_t>(chunk.size) * static_cast<std::size_t>(chunk.dim));
  return chunk;
}

}  // namespace divla
