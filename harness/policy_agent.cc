// A policy as an agent: what it is shown and asked, and how its answers are played.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "harness/agent.h"
#include "harness/agent_memory.h"
#include "harness/chunk_player.h"
#include "harness/policy_call.h"
#include "harness/policy_view.h"
#include "policy/noise_seed.h"
#include "sim/check.h"
#include "sim/controller.h"

namespace divla {
namespace {

// The noise of an episode depends on its key alone, never on what else runs.
std::uint64_t NoiseSeed(const EpisodePlan& plan) {
  const EpisodeKey& key = plan.key;
  return EpisodeNoiseSeed(plan.seed, key.task, key.axis, key.level, key.index);
}

class PolicyAgent final : public Agent {
 public:
  PolicyAgent(std::unique_ptr<Policy> policy, RendererSource renderer, const SimulatedLatency& latency)
      : policy_(std::move(policy)), renderer_(std::move(renderer)), latency_(latency) {}

  const PolicyInfo& Info() const override { return policy_->Info(); }
  ActionKind Kind() const override { return wants_.action_kind; }
  PolicyPictures Pictures(const RobotInterface& robot) const override {
    PolicyRequirements wants = policy_->Requirements(robot);
    return {robot.name, std::move(wants.cameras), wants.image_height, wants.image_width};
  }

  void Reset(std::span<const AgentView> group) override {
    DIVLA_CHECK(!group.empty(), "a group has episodes");
    robot_ = group.front().scene->GetRobot().Interface();
    wants_ = policy_->Requirements(robot_);
    pictures_ = {robot_.name, wants_.cameras, wants_.image_height, wants_.image_width};
    DIVLA_CHECK(wants_.n_action_steps >= 1, "a policy plays at least one step of each chunk");
    policy_->Reset(robot_, static_cast<int>(group.size()));
    slots_.assign(group.size(), {});
  }

  std::vector<AgentAnswer> Act(std::span<const AgentView> open) override {
    std::vector<AgentAnswer> answers(open.size());
    std::vector<std::size_t> asking;
    for (std::size_t i = 0; i < open.size(); ++i) {
      if (SlotOf(open[i]).player.Asks()) asking.push_back(i);
    }
    if (!asking.empty()) AskPolicy(open, asking, answers);
    for (std::size_t i = 0; i < open.size(); ++i) {
      if (!answers[i].error.empty()) continue;
      answers[i].action = SlotOf(open[i]).player.Next(latency_, wants_.n_action_steps);
    }
    return answers;
  }

  std::shared_ptr<const AgentMemory> Remember(int slot) const override {
    return std::make_shared<MemoryOf<Slot>>(slots_.at(static_cast<std::size_t>(slot)));
  }
  void Recall(int slot, const AgentMemory& memory) override {
    slots_.at(static_cast<std::size_t>(slot)) = MemoryOf<Slot>::In(memory);
  }
  bool AsksNext(int slot) const override { return slots_.at(static_cast<std::size_t>(slot)).player.Asks(); }
  void AskAnew(int slot) override { slots_.at(static_cast<std::size_t>(slot)).player.AskAnew(); }
  void BeginAt(int slot, int queries) override {
    Slot& of = slots_.at(static_cast<std::size_t>(slot));
    of = {};
    of.queries = queries;
  }

 private:
  struct Slot {
    ChunkPlayer player;
    int queries{};
    FirstImages first_images;
  };

  Slot& SlotOf(const AgentView& view) { return slots_.at(static_cast<std::size_t>(view.slot)); }

  void AskPolicy(std::span<const AgentView> open, const std::vector<std::size_t>& asking,
                 std::vector<AgentAnswer>& answers) {
    std::vector<Observation> observations;
    std::vector<std::optional<ForcedReasoning>> forced;
    observations.reserve(asking.size());
    forced.reserve(asking.size());
    std::vector<Query> queries;
    for (const std::size_t i : asking) {
      const AgentView& view = open[i];
      observations.push_back(Look(view));
      if (!SlotOf(view).player.KnowsHold() && latency_.Steps() > 0) {
        SlotOf(view).player.HoldAt(HoldAction(observations.back()));
      }
      Query query{&observations.back(), view.slot, NoiseSeed(*view.plan), SlotOf(view).queries};
      if (view.witness != nullptr) view.witness->observation = observations.back();
      forced.push_back(view.forced != nullptr ? *view.forced
                                              : ForcedNow(*view.control, *view.task, *view.plan, *view.scene,
                                                          wants_.cameras, pictures_.Aspect()));
      if (forced.back()) {
        query.reasoning = ReasoningMode::kForced;
        query.forced = &*forced.back();
      } else if (view.control->control == Control::kNoInjection) {
        query.reasoning = ReasoningMode::kWithheld;
      }
      query.trace = view.trace;
      queries.push_back(query);
    }
    std::string error;
    auto outputs = TryInfer(*policy_, queries, error);
    for (std::size_t k = 0; k < asking.size(); ++k) {
      AgentAnswer& answer = answers[asking[k]];
      if (outputs.empty() && queries.size() > 1) {
        auto alone = TryInfer(*policy_, std::span(queries).subspan(k, 1), answer.error);
        if (!alone.empty()) Take(std::move(alone.front()), open[asking[k]], answer);
      } else if (outputs.empty()) {
        answer.error = error;
      } else {
        Take(std::move(outputs[k]), open[asking[k]], answer);
      }
    }
  }

  Observation Look(const AgentView& view) {
    Renderer* renderer = pictures_.cameras.empty() ? nullptr : &renderer_();
    return LookAt(*view.plan, *view.control, *view.scene, pictures_, renderer, SlotOf(view).first_images, *view.frames);
  }

  // Checks the answer as one checks input: policies also come from outside.
  void Take(PolicyOutput output, const AgentView& view, AgentAnswer& answer) {
    const ActionChunk& chunk = output.actions;
    const int dim = robot_.ActionDim(wants_.action_kind);
    const auto count = static_cast<std::size_t>(std::max(chunk.size, 0)) * static_cast<std::size_t>(dim);
    if (chunk.kind != wants_.action_kind || chunk.dim != dim || chunk.size < wants_.n_action_steps ||
        chunk.values.size() != count) {
      answer.error = fmt::format("expected a chunk of at least {} x {} actions, found {} x {} with {} numbers",
                                 wants_.n_action_steps, dim, chunk.size, chunk.dim, chunk.values.size());
      return;
    }
    for (const float value : chunk.values) {
      if (!std::isfinite(value)) {
        answer.error = "an action is not finite";
        return;
      }
    }
    Slot& slot = SlotOf(view);
    if (view.witness != nullptr) view.witness->planned = chunk;
    answer.error = slot.player.Take(std::move(output.actions), latency_);
    if (!answer.error.empty()) return;
    ++slot.queries;
    answer.reasoning = std::move(output.reasoning);
    answer.aspect = pictures_.Aspect();
  }

  // The action that leaves the arm where it is.
  std::vector<float> HoldAction(const Observation& observation) const {
    if (wants_.action_kind == ActionKind::kJointPosition) return observation.state;
    std::vector<float> action;
    const std::size_t per_arm = observation.state.size() / static_cast<std::size_t>(robot_.arms);
    for (std::size_t arm = 0; arm < static_cast<std::size_t>(robot_.arms); ++arm) {
      const auto tool = observation.tool.begin() + static_cast<std::ptrdiff_t>(arm * kToolPoseSize);
      action.insert(action.end(), tool, tool + kToolPoseSize);
      action.push_back(observation.state[(arm + 1) * per_arm - 1]);  // the gripper comes last of each arm
    }
    return action;
  }

  std::unique_ptr<Policy> policy_;
  RendererSource renderer_;
  SimulatedLatency latency_;
  RobotInterface robot_;
  PolicyRequirements wants_;
  PolicyPictures pictures_;  // of robot_
  std::vector<Slot> slots_;
};

}  // namespace

std::unique_ptr<Agent> MakePolicyAgent(std::unique_ptr<Policy> policy, RendererSource renderer,
                                       const SimulatedLatency& latency) {
  return std::make_unique<PolicyAgent>(std::move(policy), std::move(renderer), latency);
}

}  // namespace divla
