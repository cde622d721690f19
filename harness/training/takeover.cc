#include "harness/training/takeover.h"

#include <fmt/format.h>

#include <algorithm>

#include "harness/episode.h"
#include "harness/policy_view.h"
#include "sim/check.h"
#include "tasks/intervention.h"
#include "tasks/premises.h"

namespace divla {

Takeovers::Takeovers(const std::string& policy, RendererKind renderer)
    : agent_(MakeAgent(policy, [this, renderer]() -> Renderer& {
        if (!renderer_) renderer_ = PolicyRenderer(renderer);
        return *renderer_;
      })) {}

Takeovers::~Takeovers() = default;

Demonstration Takeovers::Run(const Task& task, std::uint64_t seed, int index, bool perturb) {
  const EpisodePlan plan = DemoPlan(task, seed, index, perturb);
  Demonstration demo;
  if (!PremisesHold(task, plan)) return demo;  // a moved start may hide or touch something
  Rng rng({seed, task.Spec().name, "none", 0, index, "takeover"});
  const int at = rng.Int(std::max(1, RunUndisturbed(task, plan).steps));
  Episode episode(task, plan, 0);
  const AgentView view = episode.View();
  agent_->Reset({&view, 1});
  for (int step = 0; step < at && episode.Open(); ++step) {
    const AgentView now = episode.View();
    const std::vector<AgentAnswer> answers = agent_->Act({&now, 1});
    episode.Step(agent_->Kind(), answers.front());
  }
  if (!episode.Open()) {
    if (episode.Record().termination == Termination::kPolicyError) {
      throw InputError(fmt::format("episode {}: the policy that is to be taken over from failed: {}",
                                   ToString(plan.key), episode.PolicyError()));
    }
    return demo;  // the policy was done before
  }
  demo.taken_over = at;
  Scene& scene = episode.MutableScene();
  const std::unique_ptr<Expert> expert = ExpertFromHere(task, scene, plan);
  RunExpert(task, plan, *expert, scene, nullptr, demo);
  return demo;
}

}  // namespace divla
