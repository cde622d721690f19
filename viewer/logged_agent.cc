#include "viewer/logged_agent.h"

#include <array>
#include <utility>

#include "harness/policy_view.h"
#include "harness/proof/replay.h"
#include "sim/check.h"

namespace divla {
namespace {

class LoggedAgent final : public Agent {
 public:
  LoggedAgent(const std::string& run, std::unique_ptr<Agent> policy, std::optional<PolicyPictures> pictures,
              RendererSource renderer)
      : log_(MakeReplayAgent(kReplayPrefix + run)),
        policy_(std::move(policy)),
        pictures_(std::move(pictures)),
        renderer_(std::move(renderer)) {}

  const PolicyInfo& Info() const override { return policy_ ? policy_->Info() : log_->Info(); }
  PolicyPictures Pictures(const RobotInterface& robot) const override {
    return pictures_ ? *pictures_ : log_->Pictures(robot);
  }
  ActionKind Kind() const override { return log_->Kind(); }

  void Reset(std::span<const AgentView> group) override {
    DIVLA_CHECK(group.size() == 2, "an episode and its branch");
    log_->Reset(group);
    if (!policy_) return;
    policy_->Reset(group);
    if (policy_->Kind() != log_->Kind()) {
      throw InputError("replay: the run's actions are of another kind than the policy's");
    }
  }

  std::vector<AgentAnswer> Act(std::span<const AgentView> open) override {
    DIVLA_CHECK(open.size() == 1, "one line at a time");
    const AgentView& view = open.front();
    if (FromPolicy(view.slot)) return policy_->Act(open);
    std::vector<AgentAnswer> answers = log_->Act(open);
    if (answers.front().reasoning) {
      Looked& looked = looked_[static_cast<std::size_t>(view.slot)];
      ++looked.queries;
      if (pictures_) {
        Renderer* renderer = pictures_->cameras.empty() ? nullptr : &renderer_();
        Observation seen =
            LookAt(*view.plan, *view.control, *view.scene, *pictures_, renderer, looked.first, *view.frames);
        if (view.witness != nullptr) view.witness->observation = std::move(seen);
      }
    }
    return answers;
  }

  std::shared_ptr<const AgentMemory> Remember(int slot) const override {
    const bool policy = FromPolicy(slot);
    return std::make_shared<Memory>(policy ? policy_->Remember(slot) : log_->Remember(slot), policy,
                                    looked_[static_cast<std::size_t>(slot)]);
  }
  void Recall(int slot, const AgentMemory& memory) override {
    const auto* then = dynamic_cast<const Memory*>(&memory);
    DIVLA_CHECK(then != nullptr, "an agent recalls what it remembered itself");
    looked_[static_cast<std::size_t>(slot)] = then->looked;
    if (FromPolicy(slot) && !then->of_policy) {
      // Where a branch leaves the log the policy has no chunk to play on with: it is asked.
      policy_->BeginAt(slot, then->looked.queries);
    } else {
      (then->of_policy ? policy_ : log_)->Recall(slot, *then->inner);
    }
  }
  bool AsksNext(int slot) const override { return FromPolicy(slot) && policy_->AsksNext(slot); }
  void AskAnew(int slot) override {
    if (FromPolicy(slot)) policy_->AskAnew(slot);
  }

 private:
  struct Looked {
    int queries{};
    FirstImages first;
  };
  struct Memory final : AgentMemory {
    Memory(std::shared_ptr<const AgentMemory> of, bool policy, Looked then)
        : inner(std::move(of)), of_policy(policy), looked(std::move(then)) {}
    const std::shared_ptr<const AgentMemory> inner;
    const bool of_policy;
    const Looked looked;
  };

  bool FromPolicy(int slot) const { return slot == 1 && policy_ != nullptr; }

  std::unique_ptr<Agent> log_, policy_;
  std::optional<PolicyPictures> pictures_;
  RendererSource renderer_;
  std::array<Looked, 2> looked_;  // by slot
};

}  // namespace

std::unique_ptr<Agent> MakeLoggedAgent(const std::string& run, std::unique_ptr<Agent> policy,
                                       std::optional<PolicyPictures> pictures, RendererSource renderer) {
  return std::make_unique<LoggedAgent>(run, std::move(policy), std::move(pictures), std::move(renderer));
}

}  // namespace divla
