// From a name on the command line to a policy. Knows "hold", "random", shipped checkpoints by name, checkpoint folders,
// and "ws://HOST:PORT", a policy server. "expert" is not here: it is privileged (it reads the simulator), so harness/agent.h makes it.
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

// How a policy server is asked. For "ws://..." only.
struct RemoteOptions {
  std::string profile{"native"};  // whose keys it expects: policy/remote/client/profile.h
  int action_steps{};             // of the server's actions played before the next query; 0: the profile's default
  int action_hz{};                // the server's actions a second; 0: the profile's default
  double connect_seconds{10};     // each try to connect, and a server's first words
  double answer_seconds{120};     // each answer
  int tries{3};                   // to connect, before an episode counts as failed
};

struct PolicyOptions {
  // A checkpoint computes with exactly rounded operations in a fixed order (policy/divla/strict/kernels.h), so its
  // answers do not depend on the processor, the threads, or what else is in the batch. The built-in policies are so
  // anyway, as far as libm is (sim/rng.h).
  bool strict{};
  RemoteOptions remote{};
};

// `name` is one of ListPolicies(), a path to a checkpoint folder, or the address of a policy server, which is connected
// to at once. Throws InputError with the known names, MachineError when no policy server answers.
std::unique_ptr<Policy> MakePolicy(const std::string& name, const std::string& checkpoint_dir,
                                   const PolicyOptions& options = {});

}  // namespace divla
