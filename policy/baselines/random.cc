#include "policy/baselines/random.h"

#include <algorithm>

#include "policy/baselines/chunk.h"
#include "policy/check_observation.h"
#include "sim/check.h"
#include "sim/rng.h"

namespace divla {
namespace {

constexpr double kJointDeviation = 0.05;   // rad per step
constexpr double kFlipProbability = 0.05;  // per gripper and step

ActionChunk RandomWalk(const RobotInterface& robot, const std::vector<float>& state, Rng& rng) {
  ActionChunk chunk = BaselineChunk(robot);
  std::vector<double> position(state.begin(), state.end());
  const std::size_t per_arm = position.size() / static_cast<std::size_t>(robot.arms);
  for (int step = 0; step < chunk.size; ++step) {
    for (std::size_t i = 0; i < position.size(); ++i) {
      const bool gripper = i % per_arm == per_arm - 1;  // the last entry of each arm
      if (!gripper) {
        position[i] += kJointDeviation * rng.Normal();
      } else if (rng.Uniform() < kFlipProbability) {
        position[i] = position[i] > 0.5 ? 0.0 : 1.0;
      }
      position[i] = std::clamp<double>(position[i], robot.low[i], robot.high[i]);
      chunk.values.push_back(static_cast<float>(position[i]));
    }
  }
  return chunk;
}

}  // namespace

RandomPolicy::RandomPolicy() {
  info_ = {.name = "random", .weights_sha256 = "", .reasons = false, .batch_invariant = true};
}

PolicyRequirements RandomPolicy::Requirements(const RobotInterface&) const { return BaselineRequirements(); }

void RandomPolicy::Reset(const RobotInterface& robot, int episodes) {
  DIVLA_CHECK(episodes >= 1, "a group without episodes");
  const std::size_t size = robot.state_names.size();
  DIVLA_CHECK(robot.arms >= 1 && size % static_cast<std::size_t>(robot.arms) == 0, "arms of different size");
  DIVLA_CHECK(robot.low.size() == size && robot.high.size() == size, "a joint without limits");
  robot_ = robot;
}

std::vector<PolicyOutput> RandomPolicy::Infer(std::span<const Query> queries) {
  std::vector<PolicyOutput> outputs;
  for (const Query& query : queries) {
    CheckObservation(*query.observation, robot_, BaselineRequirements());
    CheckReasoningMode(query, info_);
    StreamKey key;
    key.seed = query.noise_seed;
    key.stream = "random-policy";
    key.index = static_cast<std::uint64_t>(query.query_number);
    Rng rng(key);
    PolicyOutput output;
    output.actions = RandomWalk(robot_, query.observation->state, rng);
    outputs.push_back(std::move(output));
  }
  return outputs;
}

}  // namespace divla
