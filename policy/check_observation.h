// The check that every policy makes before it looks at an observation, so that all policies refuse the same things in
// the same words. Thread-safe.
#pragma once

#include "policy/policy.h"

namespace divla {

// Throws InputError when the observation is of another robot, a required camera is missing, an image has another size
// than required, or the state has the wrong size or a number that is not finite.
void CheckObservation(const Observation& observation, const RobotInterface& robot,
                      const PolicyRequirements& requirements);

}  // namespace divla
