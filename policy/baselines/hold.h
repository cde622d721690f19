// "hold": stays where it is. The floor of every table. Looks at no camera.
#pragma once

#include "policy/policy.h"

namespace divla {

// Joint-position chunks of 16 rows, each equal to the observation's state (gripper opening included); 8 are played.
class HoldPolicy : public Policy {
 public:
  HoldPolicy();
  const PolicyInfo& Info() const override { return info_; }
  PolicyRequirements Requirements(const RobotInterface& robot) const override;
  void Reset(const RobotInterface& robot, int episodes) override;
  std::vector<PolicyOutput> Infer(std::span<const Query> queries) override;

 private:
  PolicyInfo info_;
  RobotInterface robot_;
};

}  // namespace divla
