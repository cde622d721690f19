#include "harness/episode.h"

#include <fmt/format.h>

#include "harness/reasoning_score.h"
#include "sim/check.h"
#include "sim/controller.h"
#include "tasks/intervention.h"
#include "tasks/variation/apply.h"

namespace divla {
namespace {

void CheckPremises(const Task& task, const Scene& scene, const EpisodePlan& plan) {
  for (const Premise& premise : task.Premises(scene, plan)) {
    if (!premise.holds) {
      throw InputError(fmt::format("episode {} (seed {}): premise '{}' is false: {}", ToString(plan.key), plan.seed,
                                   premise.name, premise.detail));
    }
  }
}

}  // namespace

Episode::Episode(const Task& task, const EpisodePlan& plan, int slot, Control control)
    : task_(&task), plan_(plan), scene_(task.Build(plan_)), monitor_(task, plan_, scene_), slot_(slot) {
  CheckPremises(task, scene_, plan_);
  const GroundTruth truth = task.Truth(scene_, plan_);
  const std::vector<Alternative> alternatives = task.Alternatives(scene_, plan_);
  control_ = DrawControl(control, plan_, truth, alternatives);
  if (control_.applies && HasOtherWords(control)) {
    words_plan_ = plan_;
    words_plan_.target = control_.object;
    words_plan_.destination = control_.destination;
    words_monitor_.emplace(task, words_plan_, scene_);
  }
  record_.key = log_.key = plan_.key;
  record_.seed = log_.seed = plan_.seed;
  record_.instruction = log_.instruction = GivenInstruction(control_, plan_);
  record_.hash.scene = HashModel(scene_.Model());
  record_.hash.initial_state = HashState(scene_);
  log_.robot = scene_.GetRobot().spec.name;
  phrases_ = BodyPhrases(plan_, truth, alternatives);
  RecordState();
}

AgentView Episode::View() {
  return {task_, &plan_, &control_, &scene_, &frames_, slot_, (record_.intervention ? 1 : 0) + word_changes_};
}

void Episode::Step(ActionKind kind, const AgentAnswer& answer) {
  DIVLA_CHECK(open_, "a closed episode cannot go on");
  if (!answer.error.empty()) {
    policy_error_ = answer.error;
    return Close(Termination::kPolicyError);
  }
  const int step = record_.steps;
  if (answer.reasoning) {
    const GroundTruth truth = task_->Truth(scene_, plan_);
    const Reasoning& reasoning = *answer.reasoning;
    ReasoningEntry& entry =
        log_.reasoning.emplace_back(JudgeReasoning(step, reasoning.text, reasoning.grounded, truth));
    entry.pixels = reasoning.pixels;
    if (const auto error = LocationError(reasoning.pixels, truth, scene_, answer.aspect)) {
      entry.location_error = static_cast<float>(*error);
    }
  }
  StepStatus status{};
  try {
    status = ControlStep(scene_, kind, answer.action);
  } catch (const InputError& error) {
    policy_error_ = error.what();
    return Close(Termination::kPolicyError);
  }
  log_.action_kind = kind;
  log_.action_dim = static_cast<int>(answer.action.size());
  log_.actions.insert(log_.actions.end(), answer.action.begin(), answer.action.end());
  ++record_.steps;
  RecordState();
  if (status == StepStatus::kDiverged) return Close(Termination::kDiverged);
  MoveLights(plan_, scene_);
  monitor_.Update(scene_);
  if (words_monitor_) words_monitor_->Update(scene_);
  held_.push_back(HeldBody());
  if (monitor_.GoalHeld()) return Close(Termination::kSuccess);
  if (record_.steps >= task_->Spec().horizon) return Close(Termination::kHorizon);
  Intervene();
}

void Episode::Intervene() {
  if (plan_.intervention.kind == InterventionKind::kNone) return;
  const std::string& now = monitor_.HeldUp();
  held_up_steps_ = now.empty() ? 0 : now == held_up_ ? held_up_steps_ + 1 : 1;
  held_up_ = now;
  if (held_up_steps_ < plan_.intervention.held_steps) return;
  const InterventionKind kind = plan_.intervention.kind;
  const bool struck = divla::Intervene(*task_, scene_, plan_, held_up_);
  plan_.intervention.kind = InterventionKind::kNone;  // once
  if (!struck) return;
  monitor_.PlanChanged(scene_);
  for (const auto& [body, phrase] :
       BodyPhrases(plan_, task_->Truth(scene_, plan_), task_->Alternatives(scene_, plan_))) {
    phrases_.emplace(body, phrase);
  }
  record_.intervention = {kind, record_.steps, plan_.instruction, false, -1};
  log_.intervention = {kind, record_.steps, plan_.instruction, plan_.target, plan_.destination, scene_.SaveState()};
}

void Episode::Close(Termination termination) {
  open_ = false;
  record_.termination = termination;
  record_.success = termination == Termination::kSuccess && monitor_.GoalNow();
  record_.success_once = monitor_.GoalOnce();
  record_.success_held = monitor_.GoalHeld();
  record_.progress = monitor_.Progress();
  record_.objects = {monitor_.Status().objects_placed, monitor_.Status().objects_total};
  record_.sim_seconds = record_.steps * kControlPeriod;
  switch (termination) {
    case Termination::kDiverged:
      record_.failure = ToString(Failure::kUnstable);
      break;
    case Termination::kPolicyError:
      record_.failure = ToString(Failure::kPolicyError);
      break;
    default:
      record_.failure = ToString(monitor_.Judge());
  }
  JudgeFaithfulness(phrases_, held_, log_.reasoning);
  record_.reasoning = ScoreReasoning(log_.reasoning);
  if (record_.intervention) ScoreFollowing(log_.reasoning, *record_.intervention);
  if (control_.control != Control::kNone) {
    std::vector<std::string> texts;
    for (const ReasoningEntry& entry : log_.reasoning) texts.push_back(entry.said);
    record_.control = ScoreControl(control_, held_, texts, words_monitor_ && words_monitor_->GoalOnce());
  }
  record_.hash.frames = frames_.Hex();
  record_.hash.actions = HashHex(log_.actions.data(), log_.actions.size() * sizeof(float));
  record_.hash.states = states_.Hex();
}

void Episode::RecordState() {
  const std::vector<double> state = scene_.SaveState();
  states_.Add(std::span<const double>(state));
  log_.state_size = static_cast<int>(state.size());
  log_.states.insert(log_.states.end(), state.begin(), state.end());
}

std::string Episode::HeldBody() const {
  for (int arm = 0; arm < static_cast<int>(scene_.GetRobot().arms.size()); ++arm) {
    for (const ObjectPlacement& placement : plan_.objects) {
      if (scene_.IsGrasped(arm, scene_.BodyId(placement.body))) return placement.body;
    }
  }
  return {};
}

const EpisodeRecord& Episode::Record() const {
  DIVLA_CHECK(!open_, "an open episode has no record yet");
  return record_;
}

const EpisodeLog& Episode::Log() const {
  DIVLA_CHECK(!open_, "an open episode has no log yet");
  return log_;
}

}  // namespace divla
