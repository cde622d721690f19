// Episode: going back to an earlier moment, and what a person changes.
#include <algorithm>
#include <map>
#include <string>
#include <utility>

#include "harness/episode.h"
#include "harness/reasoning_score.h"
#include "sim/check.h"
#include "tasks/variation/apply.h"

namespace divla {
namespace {

// A joint of its own name, or the only one of a body.
std::string JointName(const mjModel& model, int joint) {
  const char* name = mj_id2name(&model, mjOBJ_JOINT, joint);
  if (name != nullptr && *name != 0) return name;
  const char* body = mj_id2name(&model, mjOBJ_BODY, model.jnt_bodyid[joint]);
  return std::string("of ") + (body != nullptr ? body : "");
}

int Positions(int type) { return type == mjJNT_FREE ? 7 : type == mjJNT_BALL ? 4 : 1; }
int Speeds(int type) { return type == mjJNT_FREE ? 6 : type == mjJNT_BALL ? 3 : 1; }

// Time, joints and controls of `from`; false when the two do not have the same joints and actuators.
bool CarryOver(const Scene& from, Scene& to) {
  const mjModel &old = from.Model(), &model = to.Model();
  const mjData& then = from.Data();
  mjData& now = to.MutableData();
  if (old.nq != model.nq || old.nv != model.nv || old.nu != model.nu || old.na != model.na) return false;
  if (old.njnt != model.njnt || old.nbody != model.nbody || old.neq != model.neq) return false;
  std::map<std::string, int> joints;
  for (int joint = 0; joint < old.njnt; ++joint) joints.emplace(JointName(old, joint), joint);
  for (int joint = 0; joint < model.njnt; ++joint) {
    const auto same = joints.find(JointName(model, joint));
    if (same == joints.end() || old.jnt_type[same->second] != model.jnt_type[joint]) return false;
    const int type = model.jnt_type[joint];
    std::copy_n(then.qpos + old.jnt_qposadr[same->second], Positions(type), now.qpos + model.jnt_qposadr[joint]);
    const int before = old.jnt_dofadr[same->second], after = model.jnt_dofadr[joint];
    std::copy_n(then.qvel + before, Speeds(type), now.qvel + after);
    std::copy_n(then.qacc_warmstart + before, Speeds(type), now.qacc_warmstart + after);
  }
  now.time = then.time;
  // The robot comes from one file: its actuators and constraints stand in the same order.
  std::copy_n(then.ctrl, model.nu, now.ctrl);
  std::copy_n(then.act, model.na, now.act);
  std::copy_n(then.eq_active, model.neq, now.eq_active);
  return true;
}

}  // namespace

bool SameWorld(const EpisodePlan& a, const EpisodePlan& b) {
  return a.variation == b.variation &&
         std::equal(a.objects.begin(), a.objects.end(), b.objects.begin(), b.objects.end(),
                    [](const ObjectPlacement& x, const ObjectPlacement& y) {
                      return x.object_id == y.object_id && x.body == y.body && x.size_percent == y.size_percent;
                    });
}

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
  const bool other_world = !SameWorld(moment.plan, plan_);
  plan_ = moment.plan;
  if (other_world) scene_ = task_->Build(plan_);
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

void Episode::ChangeWorld(const EpisodePlan& changed) {
  DIVLA_CHECK(open_, "a closed episode has no next step");
  EpisodePlan next = plan_;
  next.objects = changed.objects;
  next.variation = changed.variation;
  const bool same_objects = std::equal(next.objects.begin(), next.objects.end(), plan_.objects.begin(),
                                       plan_.objects.end(), [](const ObjectPlacement& a, const ObjectPlacement& b) {
                                         return a.object_id == b.object_id && a.size_percent == b.size_percent;
                                       });
  Scene made = task_->Build(next);
  if (same_objects) {
    // The whole data, so that physics goes on to the bit; only what is seen is put where it is now.
    made.RestoreData(scene_.Data());
    mj_camlight(&made.Model(), &made.MutableData());
  } else if (!CarryOver(scene_, made)) {
    throw InputError("swap: expected an object with the joints of the one whose place it takes");
  }
  scene_ = std::move(made);
  plan_ = std::move(next);
  if (!same_objects) {
    SceneChanged();
    monitor_.PlanChanged(scene_);
    phrases_.merge(BodyPhrases(plan_, task_->Truth(scene_, plan_), task_->Alternatives(scene_, plan_)));
    ++word_changes_;  // an expert looks at the object anew
  }
  MoveLights(plan_, scene_);
}

void Episode::SceneChanged() {
  scene_.Forward();
  const std::vector<double> state = scene_.SaveState();
  std::copy(state.begin(), state.end(), log_.states.end() - static_cast<std::ptrdiff_t>(state.size()));
}

}  // namespace divla
