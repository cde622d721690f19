#include "policy/baselines/hold.h"

#include "policy/baselines/chunk.h"
#include "policy/check_observation.h"
#include "sim/check.h"

namespace divla {

HoldPolicy::HoldPolicy() { info_ = {.name = "hold", .weights_sha256 = "", .reasons = false, .batch_invariant = true}; }

PolicyRequirements HoldPolicy::Requirements(const RobotInterface&) const { return BaselineRequirements(); }

void HoldPolicy::Reset(const RobotInterface& robot, int episodes) {
  DIVLA_CHECK(episodes >= 1, "a group without episodes");
  robot_ = robot;
}

std::vector<PolicyOutput> HoldPolicy::Infer(std::span<const Query> queries) {
  std::vector<PolicyOutput> outputs;
  for (const Query& query : queries) {
    const std::vector<float>& state = query.observation->state;
    CheckObservation(*query.observation, robot_, BaselineRequirements());
    CheckReasoningMode(query, info_);
    PolicyOutput output;
    output.actions = BaselineChunk(robot_);
    for (int step = 0; step < kBaselineChunk; ++step) {
      output.actions.values.insert(output.actions.values.end(), state.begin(), state.end());
    }
    outputs.push_back(std::move(output));
  }
  return outputs;
}

}  // namespace divla
