// "random": a random walk in joint space. What a policy must beat to have learned anything. Looks at no camera.
#pragma once

#include "policy/policy.h"

namespace divla {

// Joint-position chunks of 16 rows; 8 are played. From the current state each joint moves by N(0, 0.05 rad) per row,
// clipped to the robot's limits; each gripper turns from open to closed or back with probability 0.05 per row. Drawn
// from the stream named by (noise_seed, query_number).
class RandomPolicy : public Policy {
 public:
  RandomPolicy();
  const PolicyInfo& Info() const override { return info_; }
  PolicyRequirements Requirements(const RobotInterface& robot) const override;
  void Reset(const RobotInterface& robot, int episodes) override;
  std::vector<PolicyOutput> Infer(std::span<const Query> queries) override;

 private:
  PolicyInfo info_;
  RobotInterface robot_;
};

}  // namespace divla
