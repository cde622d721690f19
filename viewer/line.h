// Line: one course of events that can be played, taken back to any of its moments and played on bit for bit. It drives
// an Episode (harness/episode.h) as an evaluation does, so what it gives is what an evaluation gives. One thread.
//
// It keeps a whole Moment every kKeyframe control steps, and of every step the agent's answer and memory. A moment in
// between is reached by playing the kept answers again from the keyframe before it.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "harness/edits.h"
#include "harness/episode.h"
#include "harness/policy_view.h"
#include "viewer/history.h"

namespace divla {

using LineVisitor = std::function<void(const AgentView& view, const AgentAnswer& answer)>;

class Line {
 public:
  static constexpr int kKeyframe = 16;  // control steps

  // The episode from its start. `agent` is Reset for a group of two, the episode and its branch, and outlives both.
  // Where it looks at no pictures, small ones are drawn every few steps for the person. Throws InputError as Episode
  // does.
  // `edited`: what a person changes on the way, at steps that rise (the replay of an export that was edited).
  Line(const Task& task, const EpisodePlan& plan, Control control, Agent& agent, RendererSource renderer,
       std::vector<EditsAt> edited = {});
  // A branch of the episode `parent` at its step `step`, which must be one of its past; takes the parent back to there.
  // A later branch takes the place of an earlier one. Throws InputError at the parent's end, and when an edit names a
  // body that is not there or cannot be moved.
  Line(Line& parent, int step, const Edits& edits);

  // The logged course of a replay, to compare with. Outlives the line.
  void CompareWith(const EpisodeLog& log);

  int Origin() const { return view_.origin; }
  int Live() const { return view_.live; }
  bool Open() const { return episode_->Open(); }
  bool AsksNext() const { return Open() && agent_->AsksNext(slot_); }
  // Who is shown each query as it goes on, on the thread of Step.
  void WatchThoughts(ThoughtWatcher watcher) { watcher_ = std::move(watcher); }
  // One control step; the line must be open.
  void Step();
  // A person's push from here on: a change like the others, at the step where the line stands. What was played and
  // pushed beyond it is forgotten. Throws InputError at the end, and for a body that is not there. Of a branch only.
  void PushFromHere(const Push& push);
  // To a step from Origin() to the last one that was played.
  void Seek(int step);
  const LineView& View() const { return view_; }
  // All that was changed from the episode's start on, the parents' changes included, by step.
  const std::vector<EditsAt>& Edited() const { return edited_; }
  const EpisodePlan& Drawn() const { return drawn_; }  // as the episode began
  // Calls `see` at each step from `first` to `last`, which lie between Origin() and the last one: the line stands there,
  // and the answer is the one that was played next, empty at the end. Then it is back where it stood.
  void Visit(int first, int last, const LineVisitor& see);
  const Episode& GetEpisode() const { return *episode_; }
  ActionKind Kind() const { return agent_->Kind(); }

 private:
  // From one step to the next.
  struct Played {
    AgentAnswer answer;
    std::optional<Hasher> frames;  // after a query
  };

  std::size_t At(int step) const { return static_cast<std::size_t>(step - view_.origin); }
  void Arrive();  // at view_.live: what a person changes there
  void SetWorld();
  const Edits* Words() const;  // that are in force at this moment; null: the policy's own
  std::optional<ForcedReasoning> ForcedWords() const;
  void PlayAgain(const Played& played);
  std::shared_ptr<const StepView> Look(std::shared_ptr<const QueryView> query,
                                       std::shared_ptr<const CameraPictures> pictures);
  std::shared_ptr<const CameraPictures> DrawForPerson();
  std::vector<float> ExpertAction();
  void SetEnd();
  void CutAfter(int step);
  void ForgetAfter(int step);
  void CompareWithLog(int step);

  const Task* task_;
  EpisodePlan drawn_;  // as it was at the start
  Control control_;
  std::unique_ptr<Episode> episode_;
  int slot_;
  Agent* agent_;
  PolicyPictures pictures_;
  RendererSource renderer_;
  const EpisodeLog* log_{};
  ThoughtWatcher watcher_;
  std::vector<EditsAt> edited_;
  std::shared_ptr<const EpisodePlan> world_;  // the plan as the scene was built from it
  LineView view_;
  std::vector<Played> played_;                                // [At(step)] from step to step + 1
  std::vector<std::shared_ptr<const AgentMemory>> memories_;  // [At(step)]
  std::map<int, std::shared_ptr<const Episode::Moment>> keyframes_;
};

}  // namespace divla
