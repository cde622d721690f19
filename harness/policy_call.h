// A batch of queries to a policy that may fail: policies also come from outside.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "policy/policy.h"

namespace divla {

// The answers, one for each query. Empty, with the reason in `error`, when the policy threw or answered another number of
// queries. MachineError passes through, and a lack of memory becomes one: they are not the policy's fault.
std::vector<PolicyOutput> TryInfer(Policy& policy, std::span<const Query> queries, std::string& error);

}  // namespace divla
