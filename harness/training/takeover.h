// Takeovers: what the expert does about the states that a policy gets itself into (dataset aggregation after Ross,
// Gordon and Bagnell 2011, "DAgger", in the form in which the expert is given control and keeps it). A policy drives an
// episode of the training distribution up to a control step drawn by chance, uniform over the steps that the expert
// alone would need; from there on an expert that is made for the scene as it is goes on to the goal. Only its part is a
// demonstration. Where it cannot reach the goal (the object fell from the table), or where the policy was done before,
// there is none.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "harness/agent.h"
#include "harness/training/demonstration.h"
#include "sim/render/renderer.h"

namespace divla {

// Takeovers are other episodes than demonstrations and static scenes, whose indices are smaller.
inline constexpr int kFirstTakeoverIndex = 2'000'000;

// One per thread; not thread-safe.
class Takeovers {
 public:
  // `policy` as MakeAgent knows it; pictures are drawn by `renderer`. Throws as MakeAgent does.
  Takeovers(const std::string& policy, RendererKind renderer);
  ~Takeovers();
  Takeovers(const Takeovers&) = delete;
  Takeovers& operator=(const Takeovers&) = delete;

  const PolicyInfo& Info() const { return agent_->Info(); }
  // A pure function of its arguments and the policy: each episode is its own batch. `perturb` moves the start. A scene
  // whose premises are false counts as a failure, its log is empty. Throws InputError for a policy that does not know
  // the task's robot.
  Demonstration Run(const Task& task, std::uint64_t seed, int index, bool perturb);

 private:
  std::unique_ptr<Renderer> renderer_;  // made when the first picture is wanted; outlives the agent
  std::unique_ptr<Agent> agent_;
};

}  // namespace divla
