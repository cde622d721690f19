// A task of the suite with a short horizon, so that a test of what happens around episodes takes milliseconds.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tasks/registry.h"
#include "tasks/task.h"

namespace divla {

// Everything of a task, but with a short horizon, and premises or builds that can be made to fail.
class ShortTask final : public Task {
 public:
  ShortTask(const std::string& name, int horizon) : task_(FindTask(name)), spec_(task_.Spec()) {
    spec_.horizon = horizon;
  }
  const TaskSpec& Spec() const override { return spec_; }
  EpisodePlan Draw(std::uint64_t seed, const EpisodeKey& key) const override { return task_.Draw(seed, key); }
  Scene Build(const EpisodePlan& plan) const override { return task_.Build(plan); }
  std::vector<Premise> Premises(const Scene& scene, const EpisodePlan& plan) const override {
    auto premises = task_.Premises(scene, plan);
    if (plan.key.index == false_premise_at) premises.push_back({"sunny", false, "measured 3 lux, expected 1000"});
    return premises;
  }
  TaskStatus Status(const Scene& scene, const EpisodePlan& plan) const override { return task_.Status(scene, plan); }
  GroundTruth Truth(const Scene& scene, const EpisodePlan& plan) const override { return task_.Truth(scene, plan); }
  std::vector<Alternative> Alternatives(const Scene& scene, const EpisodePlan& plan) const override {
    return task_.Alternatives(scene, plan);
  }
  std::unique_ptr<Expert> MakeExpert(const EpisodePlan& plan) const override { return task_.MakeExpert(plan); }
  Wordings Words(const EpisodePlan& plan) const override { return task_.Words(plan); }
  bool HasIntervention(InterventionKind kind) const override { return task_.HasIntervention(kind); }
  std::optional<EpisodePlan> Intervene(const Scene& scene, const EpisodePlan& plan, InterventionKind kind,
                                       const std::string& held, Rng& rng) const override {
    return task_.Intervene(scene, plan, kind, held, rng);
  }

  int false_premise_at{-1};

 private:
  const Task& task_;
  TaskSpec spec_;
};

}  // namespace divla
