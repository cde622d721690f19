#include "viewer/line.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstring>

#include "sim/check.h"

namespace divla {
namespace {

constexpr int kEpisodeSlot = 0;  // of the agent's group
constexpr int kBranchSlot = 1;
constexpr int kDrawEvery = 8;                           // control steps between pictures for a person
constexpr int kPersonHeight = 120, kPersonWidth = 160;  // pixels, of these

bool SameBits(std::span<const double> a, std::span<const double> b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size_bytes()) == 0;
}

}  // namespace

Line::Line(const Task& task, const EpisodePlan& plan, Control control, Agent& agent, RendererSource renderer,
           std::vector<EditsAt> edited)
    : task_(&task),
      drawn_(plan),
      control_(control),
      episode_(std::make_unique<Episode>(task, plan, kEpisodeSlot, control)),
      slot_(kEpisodeSlot),
      agent_(&agent),
      renderer_(std::move(renderer)),
      edited_(std::move(edited)) {
  AgentView branch = episode_->View();
  branch.slot = kBranchSlot;
  agent_->Reset(std::vector<AgentView>{episode_->View(), branch});
  const RobotInterface robot = episode_->GetScene().GetRobot().Interface();
  pictures_ = agent_->Pictures(robot);
  if (pictures_.cameras.empty()) pictures_ = {robot.name, robot.cameras, kPersonHeight, kPersonWidth};
  std::vector<std::string> changed;
  for (const EditsAt& at : edited_) changed.push_back(fmt::format("at step {}: {}", at.step, Describe(at.edits)));
  view_.changed = fmt::format("{}", fmt::join(changed, "; "));
  Arrive();
  SetWorld();
  keyframes_[0] = episode_->Save();
  memories_.push_back(agent_->Remember(slot_));
  view_.steps.push_back(Look(nullptr, DrawForPerson()));
  view_.open = true;
}

Line::Line(Line& parent, int step, const Edits& edits)
    : task_(parent.task_),
      drawn_(parent.drawn_),
      control_(parent.control_),
      slot_(kBranchSlot),
      agent_(parent.agent_),
      pictures_(parent.pictures_),
      renderer_(parent.renderer_) {
  parent.Seek(step);
  if (!parent.Open()) throw InputError(fmt::format("branch: step {}: expected a step before the end", step));
  const Episode& from = *parent.episode_;
  episode_ = std::make_unique<Episode>(*task_, drawn_, slot_, control_);
  episode_->Restore(*from.Save(), from.LogSoFar());
  if (const auto& memory = parent.memories_[parent.At(step)]) agent_->Recall(slot_, *memory);
  view_.origin = view_.live = step;
  view_.open = true;
  view_.changed = Describe(edits);
  const auto past = parent.view_.steps.begin();
  view_.steps.assign(past, past + step);
  for (const EditsAt& at : parent.edited_) {
    if (at.step <= step) edited_.push_back(at);
  }
  ApplyEdits(edits, *episode_);
  if (ChangesSomething(edits)) edited_.push_back({step, edits});
  if (edits.instruction || edits.reasoning || edits.true_reasoning || edits.ask_anew) agent_->AskAnew(slot_);
  SetWorld();
  keyframes_[step] = episode_->Save();
  memories_.push_back(agent_->Remember(slot_));
  const StepView& last = *parent.view_.steps[static_cast<std::size_t>(step)];
  // Another world is seen at once, also where the policy is not asked yet.
  const bool redraw = edits.swapped || edits.light || edits.camera;
  view_.steps.push_back(Look(last.query, redraw ? DrawForPerson() : last.pictures));
}

// A policy is asked anew by a branch only: in the replay of an export the log knows when it was.
void Line::Arrive() {
  if (!Open()) return;
  for (const EditsAt& at : edited_) {
    if (at.step == view_.live) ApplyEdits(at.edits, *episode_);
  }
}

void Line::SetWorld() {
  const EpisodePlan& now = episode_->Plan();
  if (!world_ || !SameWorld(*world_, now)) world_ = std::make_shared<const EpisodePlan>(now);
}

void Line::CompareWith(const EpisodeLog& log) {
  log_ = &log;
  CompareWithLog(0);
}

const Edits* Line::Words() const {
  const Edits* words = nullptr;
  for (const EditsAt& at : edited_) {
    if (at.step > view_.live) break;
    if (at.edits.reasoning || at.edits.true_reasoning) words = &at.edits;
  }
  return words;
}

std::optional<ForcedReasoning> Line::ForcedWords() const {
  const Edits* edits = Words();
  if (edits == nullptr) return std::nullopt;
  ControlPlan oracle;
  oracle.control = Control::kOracleReasoning;
  oracle.applies = true;
  auto words = ForcedNow(oracle, *task_, episode_->Plan(), episode_->GetScene(), pictures_.cameras, pictures_.Aspect());
  if (words && edits->reasoning) words->text = *edits->reasoning;
  return words;
}

void Line::Step() {
  DIVLA_CHECK(Open(), "a closed line cannot go on");
  const int step = view_.live;
  ApplyPushes(edited_, step, episode_->MutableScene());
  QueryWitness witness;
  AgentView shown = episode_->View();
  const std::optional<ForcedReasoning> forced = ForcedWords();
  shown.forced = forced ? &*forced : nullptr;
  shown.witness = &witness;
  ThoughtRecorder recorder(step, witness, watcher_);
  shown.trace = &recorder.Trace();
  Played played;
  played.answer = std::move(agent_->Act({&shown, 1}).front());
  const bool asked = played.answer.reasoning.has_value();
  if (asked) played.frames = episode_->Frames();
  episode_->Step(agent_->Kind(), played.answer);

  const StepView& before = *view_.steps[static_cast<std::size_t>(step)];
  std::shared_ptr<const QueryView> query = before.query;
  std::shared_ptr<const CameraPictures> pictures = before.pictures;
  if (asked) {
    auto made = std::make_shared<QueryView>();
    made->step = step;
    made->number = query ? query->number + 1 : 0;
    made->reasoning = *played.answer.reasoning;
    made->forced = forced.has_value();
    made->judged = episode_->LogSoFar().reasoning.back();
    made->planned = std::move(witness.planned);
    made->thought = recorder.Finish();
    if (made->thought && made->thought->pictures) {
      pictures = made->thought->pictures;
    } else if (!witness.observation.images.empty()) {
      pictures = std::make_shared<CameraPictures>(CameraPictures{step, std::move(witness.observation.images), true});
    }
    query = std::move(made);
  }
  if (!Open() && episode_->LogSoFar().Steps() == step) {  // the policy failed: no step was made
    CutAfter(step);
    SetEnd();
    return;
  }
  ++view_.live;
  Arrive();
  SetWorld();
  if (!pictures || !pictures->given) {
    const bool kept = view_.live <= view_.Last();  // the same picture was drawn before
    if (!kept && view_.live % kDrawEvery == 0) pictures = DrawForPerson();
  }
  const bool again = At(step) < played_.size();
  if (again) {
    const auto& known = view_.steps[static_cast<std::size_t>(view_.live)]->state;
    if (SameBits(known, episode_->LogSoFar().State(view_.live))) {
      SetEnd();
      return;
    }
    if (view_.replay_differs_at < 0) view_.replay_differs_at = view_.live;
    CutAfter(step);
  }
  played_.push_back(std::move(played));
  memories_.push_back(agent_->Remember(slot_));
  if (view_.live % kKeyframe == 0) keyframes_[view_.live] = episode_->Save();
  view_.steps.push_back(Look(std::move(query), std::move(pictures)));
  CompareWithLog(view_.live);
  SetEnd();
}

void Line::PushFromHere(const Push& push) {
  DIVLA_CHECK(slot_ == kBranchSlot, "an episode stays what it was");
  if (!Open()) throw InputError(fmt::format("push: step {}: expected a step before the end", view_.live));
  episode_->GetScene().BodyId(push.body);  // throws for one that is not there
  ForgetAfter(view_.live);
  AddPush(push, view_.live, edited_);
  view_.changed = Describe(edited_);
}

void Line::Seek(int step) {
  DIVLA_CHECK(step >= view_.origin && step <= view_.Last(), "a step that was played");
  if (step < view_.live) {
    const auto key = std::prev(keyframes_.upper_bound(step));
    episode_->Restore(*key->second, episode_->LogSoFar());
    view_.live = key->first;
  }
  while (view_.live < step) {
    ApplyPushes(edited_, view_.live, episode_->MutableScene());
    const Played& played = played_[At(view_.live)];
    if (played.frames) episode_->SetFrames(*played.frames);
    episode_->Step(agent_->Kind(), played.answer);
    ++view_.live;
    Arrive();
    const auto& known = view_.steps[static_cast<std::size_t>(view_.live)]->state;
    if (view_.replay_differs_at < 0 && !SameBits(known, episode_->LogSoFar().State(view_.live))) {
      view_.replay_differs_at = view_.live;
    }
  }
  SetWorld();
  if (const auto& memory = memories_[At(step)]) agent_->Recall(slot_, *memory);
  SetEnd();
}

void Line::Visit(int first, int last, const LineVisitor& see) {
  const int back = view_.live;
  const AgentAnswer none;
  try {
    for (int step = first; step <= last; ++step) {
      Seek(step);
      see(episode_->View(), At(step) < played_.size() ? played_[At(step)].answer : none);
    }
  } catch (...) {
    Seek(back);
    throw;
  }
  Seek(back);
}

void Line::SetEnd() {
  view_.open = Open();
  view_.record.reset();
  if (!view_.open) view_.record = episode_->Record();
  view_.policy_error = view_.open ? "" : episode_->PolicyError();
}

void Line::CutAfter(int step) {
  view_.steps.resize(static_cast<std::size_t>(step) + 1);
  played_.resize(At(step));
  memories_.resize(At(step) + 1);
  keyframes_.erase(keyframes_.upper_bound(step), keyframes_.end());
  if (view_.log_differs_at > step) view_.log_differs_at = -1;
}

// Another course of events begins at `step`: what was played and changed beyond it is of the old one.
void Line::ForgetAfter(int step) {
  CutAfter(step);
  for (EditsAt& at : edited_) {
    std::optional<Push>& push = at.edits.push;
    if (!push) continue;
    push->steps = std::min(push->steps, step - at.step);
    if (push->steps < 1) push.reset();
  }
  std::erase_if(edited_, [&](const EditsAt& at) { return at.step > step || !ChangesSomething(at.edits); });
}

void Line::CompareWithLog(int step) {
  if (log_ == nullptr || view_.log_differs_at >= 0) return;
  const auto& state = view_.steps[static_cast<std::size_t>(step)]->state;
  const auto row = static_cast<std::size_t>(step);
  bool same = step <= log_->Steps();
  if (same && !log_->state_hashes.empty()) {
    same = log_->state_hashes[row] == StateHash(state);
  } else if (same) {
    same = SameBits(state, log_->State(step));
  }
  if (!same) view_.log_differs_at = step;
}

}  // namespace divla
