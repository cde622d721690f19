#include "harness/proof/replay.h"

#include <fmt/format.h>

#include <filesystem>

#include "harness/log.h"
#include "harness/records/records.h"
#include "policy/sha256.h"
#include "sim/check.h"

namespace divla {
namespace {

class ReplayAgent final : public Agent {
 public:
  explicit ReplayAgent(const std::string& name) : run_(name.substr(std::string(kReplayPrefix).size())) {
    info_ = {name, Sha256OfFile((run_ / "episodes.jsonl").string())};
    run_info_ = ReadRunInfo(run_);
  }

  const PolicyInfo& Info() const override { return info_; }
  ActionKind Kind() const override { return kind_; }

  void Reset(std::span<const AgentView> group) override {
    playing_.clear();
    kind_ = ActionKind::kJointPosition;
    bool kind_known = false;
    for (const AgentView& view : group) {
      const std::filesystem::path file = LogPath(run_, view.plan->key);
      Playing playing{ReadLog(file), 0, 0};
      const EpisodeLog& log = playing.log;
      Require(file, "key", ToString(view.plan->key), ToString(log.key));
      Require(file, "seed", std::to_string(view.plan->seed), std::to_string(log.seed));
      Require(file, "robot", view.scene->GetRobot().spec.name, log.robot);
      if (log.Steps() > 0) {
        if (kind_known && kind_ != log.action_kind) {
          throw InputError(
              fmt::format("file {}: expected actions of the kind of the other logs, found another", file.string()));
        }
        kind_ = log.action_kind;
        kind_known = true;
      }
      playing_.push_back(std::move(playing));
    }
  }

  std::vector<AgentAnswer> Act(std::span<const AgentView> open) override {
    std::vector<AgentAnswer> answers(open.size());
    for (std::size_t i = 0; i < open.size(); ++i) {
      Playing& playing = playing_.at(static_cast<std::size_t>(open[i].slot));
      const EpisodeLog& log = playing.log;
      if (playing.query < log.reasoning.size() && log.reasoning[playing.query].step == playing.step) {
        const ReasoningEntry& entry = log.reasoning[playing.query++];
        answers[i].reasoning = Reasoning{entry.said, entry.grounded, entry.pixels};
        answers[i].aspect = PictureAspect(run_info_, log.robot);
      }
      if (playing.step >= log.Steps()) {
        answers[i].error = fmt::format("the log in {} has no action for control step {}", run_.string(), playing.step);
        continue;
      }
      const auto row = log.Action(playing.step++);
      answers[i].action.assign(row.begin(), row.end());
    }
    return answers;
  }

  std::shared_ptr<const AgentMemory> Remember(int slot) const override {
    return std::make_shared<Place>(playing_.at(static_cast<std::size_t>(slot)));
  }
  void Recall(int slot, const AgentMemory& memory) override {
    const auto* place = dynamic_cast<const Place*>(&memory);
    DIVLA_CHECK(place != nullptr, "an agent recalls what it remembered itself");
    Playing& playing = playing_.at(static_cast<std::size_t>(slot));
    playing.step = place->step;
    playing.query = place->query;
  }

 private:
  struct Playing {
    EpisodeLog log;
    int step{};           // next control step
    std::size_t query{};  // next entry of log.reasoning
  };
  struct Place final : AgentMemory {
    explicit Place(const Playing& playing) : step(playing.step), query(playing.query) {}
    const int step;
    const std::size_t query;
  };

  static void Require(const std::filesystem::path& file, const char* key, const std::string& expected,
                      const std::string& found) {
    if (expected == found) return;
    throw InputError(fmt::format("file {}: key '{}': expected {}, found {}", file.string(), key, expected, found));
  }

  std::filesystem::path run_;
  RunInfo run_info_;
  PolicyInfo info_;
  ActionKind kind_{ActionKind::kJointPosition};
  std::vector<Playing> playing_;  // by slot
};

}  // namespace

std::unique_ptr<Agent> MakeReplayAgent(const std::string& name) { return std::make_unique<ReplayAgent>(name); }

}  // namespace divla
