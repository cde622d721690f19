// The check that every policy makes before it looks at an observation, so that all policies refuse the same things in
// the same words. Thread-safe.
#pragma once

#include "policy/policy.h"

namespace divla {

// Throws InputError when the observation is of another robot, a required camera is missing, an image has another size
// than required, or the state has the wrong size or a number that is not finite.
void CheckObservation(const Observation& observation, const RobotInterface& robot,
                      const PolicyRequirements& requirements);

// Throws InputError when the query wants another ReasoningMode than kOwn of a policy that does not reason. A forced
// reasoning that is missing or not wanted is the caller's mistake (DIVLA_CHECK).
void CheckReasoningMode(const Query& query, const PolicyInfo& policy);

// Throws InputError when a forced reasoning has more tokens than the policy may write.
void CheckForcedLength(int tokens, int most, const PolicyInfo& policy, const ForcedReasoning& forced);

}  // namespace divla
