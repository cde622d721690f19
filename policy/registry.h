// From a name on the command line to a policy. Knows "hold", "random", shipped checkpoints by name, and checkpoint
// folders. "expert" is not here: it is privileged (it reads the simulator), so harness/agent.h makes it.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "policy/policy.h"

namespace divla {

struct PolicyDescription {
  std::string name;
  std::string summary;  // one line
};

// In a fixed order: built-in policies, then the checkpoints under `checkpoint_dir` (each a folder with config.json), by
// name.
std::vector<PolicyDescription> ListPolicies(const std::string& checkpoint_dir);

struct PolicyOptions {
  // A checkpoint computes with exactly rounded operations in a fixed order (policy/divla/strict/kernels.h), so its
  // answers do not depend on the processor, the threads, or what else is in the batch. The built-in policies are so
  // anyway, as far as libm is (sim/rng.h).
  bool strict{};
};

// `name` is one of ListPolicies() or a path to a checkpoint folder. Throws InputError with the known names.
std::unique_ptr<Policy> MakePolicy(const std::string& name, const std::string& checkpoint_dir,
                                   const PolicyOptions& options = {});

}  // namespace divla
