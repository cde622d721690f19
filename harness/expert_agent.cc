// The task's scripted expert as an agent.
#include "harness/agent.h"
#include "harness/agent_memory.h"
#include "sim/check.h"
#include "tasks/intervention.h"

namespace divla {
namespace {

class ExpertAgent final : public Agent {
 public:
  const PolicyInfo& Info() const override { return info_; }
  ActionKind Kind() const override { return ActionKind::kEndEffectorPose; }

  void Reset(std::span<const AgentView> group) override {
    experts_.clear();
    for (const AgentView& view : group) experts_.push_back({view.task->MakeExpert(*view.plan), view.changes});
  }

  std::vector<AgentAnswer> Act(std::span<const AgentView> open) override {
    std::vector<AgentAnswer> answers(open.size());
    for (std::size_t i = 0; i < open.size(); ++i) {
      try {
        const AgentView& view = open[i];
        Mine& mine = experts_.at(static_cast<std::size_t>(view.slot));
        if (mine.changes != view.changes) mine = {ExpertFromHere(*view.task, *view.scene, *view.plan), view.changes};
        answers[i].action = mine.expert->Act(*view.scene);
      } catch (const InputError& error) {
        answers[i].error = error.what();
      }
    }
    return answers;
  }

  std::shared_ptr<const AgentMemory> Remember(int slot) const override {
    const Mine& mine = experts_.at(static_cast<std::size_t>(slot));
    return std::make_shared<MemoryOf<Mine>>(Mine{mine.expert->Clone(), mine.changes});
  }
  void Recall(int slot, const AgentMemory& memory) override {
    const Mine& then = MemoryOf<Mine>::In(memory);
    experts_.at(static_cast<std::size_t>(slot)) = {then.expert->Clone(), then.changes};
  }

 private:
  PolicyInfo info_{.name = "expert", .weights_sha256 = ""};
  struct Mine {
    std::unique_ptr<Expert> expert;
    int changes{};  // of the plan, when it was made
  };
  std::vector<Mine> experts_;
};

}  // namespace

std::unique_ptr<Agent> MakeExpertAgent() { return std::make_unique<ExpertAgent>(); }

}  // namespace divla
