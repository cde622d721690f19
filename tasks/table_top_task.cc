#include "tasks/table_top_task.h"

#include <utility>

#include "tasks/premises.h"
#include "tasks/table_top.h"

namespace divla {
namespace {

constexpr double kStartRange = 0.06;  // rad, of each arm joint around home
constexpr int kLayouts = 20;          // drawn for one episode at most

}  // namespace

TableTopTask::TableTopTask(TaskSpec spec, std::vector<std::string> outer_cameras, int arm)
    : spec_(std::move(spec)), outer_cameras_(std::move(outer_cameras)), arm_(arm) {}

EpisodePlan TableTopTask::Draw(std::uint64_t seed, const EpisodeKey& key) const {
  EpisodePlan plan;
  plan.key = key;
  plan.seed = seed;
  // Axis and level are left out of the streams: a perturbed episode starts as the twin of the clean one.
  const auto stream = [&](const char* name, int attempt = 0) {
    return Rng({seed, key.task, "none", 0, key.index, name, static_cast<std::uint64_t>(attempt)});
  };
  Rng words = stream("instruction");
  DrawInstruction(words, plan);
  Rng start = stream("robot-start");
  plan.robot_start = DrawRobotStart(start, FindRobot(spec_.robot), kStartRange);
  for (int attempt = 0;; ++attempt) {
    EpisodePlan whole = plan;
    Rng layout = stream("layout", attempt);
    DrawLayout(layout, whole);
    // The last one is given as it is: whoever runs it is told what is wrong.
    if (!IsCrowded() || attempt + 1 == kLayouts || PremisesHold(*this, whole)) return whole;
  }
}

Scene TableTopTask::Build(const EpisodePlan& plan) const { return BuildTableTop(plan, spec_); }

std::vector<Premise> TableTopTask::Premises(const Scene& scene, const EpisodePlan& plan) const {
  std::vector<Premise> premises =
      TableTopPremises(*this, scene, plan, outer_cameras_, [&](const std::string& body) { return ArmFor(plan, body); });
  for (Premise& premise : MorePremises(scene, plan)) premises.push_back(std::move(premise));
  return premises;
}

int TableTopTask::ArmFor(const EpisodePlan&, const std::string&) const { return arm_; }

std::vector<Premise> TableTopTask::MorePremises(const Scene&, const EpisodePlan&) const { return {}; }

}  // namespace divla
