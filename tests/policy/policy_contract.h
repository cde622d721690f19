// What every policy must keep to, whatever it is. The tests of registered policies and of freshly made checkpoints run
// it.
#pragma once

#include <functional>
#include <memory>

#include "policy/policy.h"

namespace divla {

// Makes a fresh instance of the policy under test each time it is called.
using PolicyMaker = std::function<std::unique_ptr<Policy>()>;

// For each test robot that the policy knows (at least one): requirements make sense; answers have the promised shape
// and are finite; the same inputs give the same bytes, in the same and in another instance; another order of work
// before does not matter, nor what else is in a batch where the policy says so; wrong observations are refused; a policy that reasons says what is forced on it and the same
// as ever when its reasoning is withheld, and one that does not refuses both.
void ExpectPolicyContract(const PolicyMaker& make);

}  // namespace divla
