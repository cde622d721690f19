// Episode: going back to an earlier moment, and what a person changes.
#include <algorithm>

#include "harness/episode.h"
#include "harness/reasoning_score.h"
#include "sim/check.h"
#include "tasks/variation/apply.h"

namespace divla {

struct Episode::Moment {
  EpisodePlan plan;
  EpisodeMonitor monitor;
  std::optional<EpisodeMonitor> words_monitor;
  MjDataPtr data;
  std::string held_up;
  int held_up_steps{};
  bool open{};
  Hasher frames, states;
  std::map<std::string, std::string> phrases;
  std::vector<std::string> held;
  EpisodeRecord record;
  std::size_t texts{};  // of the log
  std::string policy_error;
  int word_changes{};
};

std::shared_ptr<const Episode::Moment> Episode::Save() const {
  return std::make_shared<const Moment>(Moment{plan_, monitor_, words_monitor_, scene_.CopyData(), held_up_,
                                               held_up_steps_, open_, frames_, states_, phrases_, held_, record_,
                                               log_.reasoning.size(), policy_error_, word_changes_});
}

void Episode::Restore(const Moment& moment, const EpisodeLog& log) {
  DIVLA_CHECK(moment.plan.key == plan_.key && moment.plan.seed == plan_.seed, "a moment of the same episode");
  DIVLA_CHECK(log.Steps() >= moment.record.steps && log.reasoning.size() >= moment.texts, "the log of that moment");
  plan_ = moment.plan;
  monitor_ = moment.monitor;
  monitor_.Follow(plan_);
  words_monitor_ = moment.words_monitor;
  if (words_monitor_) words_monitor_->Follow(words_plan_);
  scene_.RestoreData(*moment.data);
  MoveLights(plan_, scene_);  // they are in the model
  held_up_ = moment.held_up;
  held_up_steps_ = moment.held_up_steps;
  open_ = moment.open;
  frames_ = moment.frames;
  states_ = moment.states;
  phrases_ = moment.phrases;
  held_ = moment.held;
  record_ = moment.record;
  policy_error_ = moment.policy_error;
  word_changes_ = moment.word_changes;
  if (&log != &log_) log_ = log;
  const auto steps = static_cast<std::size_t>(record_.steps);
  log_.actions.resize(steps * static_cast<std::size_t>(log_.action_dim));
  log_.states.resize((steps + 1) * static_cast<std::size_t>(log_.state_size));
  log_.reasoning.resize(moment.texts);
  if (open_) {
    for (ReasoningEntry& entry : log_.reasoning) entry.faithful = false;  // judged at the end
  }
  if (!record_.intervention) log_.intervention.reset();
}

void Episode::ChangeInstruction(const std::string& instruction) {
  DIVLA_CHECK(open_, "a closed episode has no next query");
  if (plan_.assignments.empty()) {
    for (const Alternative& other : task_->Alternatives(scene_, plan_)) {
      if (other.instruction != instruction) continue;
      plan_.target = other.truth.object_body;
      plan_.destination = other.truth.destination_body;
      monitor_.PlanChanged(scene_);
      phrases_.merge(BodyPhrases(plan_, task_->Truth(scene_, plan_), task_->Alternatives(scene_, plan_)));
      break;
    }
  }
  plan_.instruction = instruction;
  ++word_changes_;
}

void Episode::SceneChanged() {
  scene_.Forward();
  const std::vector<double> state = scene_.SaveState();
  std::copy(state.begin(), state.end(), log_.states.end() - static_cast<std::ptrdiff_t>(state.size()));
}

}  // namespace divla
