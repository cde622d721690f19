#include "harness/agent.h"

#include <fmt/format.h>

#include "harness/proof/replay.h"
#include "sim/check.h"
#include "sim/scene_builder.h"

namespace divla {

bool IsPolicyAgent(const std::string& name) { return name != "expert" && !name.starts_with(kReplayPrefix); }

std::unique_ptr<Agent> MakeAgent(const std::string& name, RendererSource renderer, const PolicyOptions& options,
                                 const SimulatedLatency& latency) {
  if (!IsPolicyAgent(name) && latency.Steps() > 0) {
    throw InputError(fmt::format("--latency-ms: expected a policy, found {}, which does not think", name));
  }
  if (name == "expert") return MakeExpertAgent();
  if (name.starts_with(kReplayPrefix)) return MakeReplayAgent(name);
  return MakePolicyAgent(MakePolicy(name, CheckpointDir(), options), std::move(renderer), latency);
}

std::string CheckpointDir() { return (AssetsDir() / "checkpoints").string(); }

}  // namespace divla
