// Line: one course of events that can be played, taken back to any of its moments and played on bit for bit. It drives
// an Episode (harness/episode.h) as an evaluation does, so what it gives is what an evaluation gives. One thread.
//
// It keeps a whole Moment every kKeyframe control steps, and of every step the agent's answer and memory. A moment in
// between is reached by playing the kept answers again from the keyframe before it.
#pragma once

#include <array>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "harness/episode.h"
#include "harness/policy_view.h"
#include "viewer/history.h"

namespace divla {

struct MovedObject {
  std::string body;               // a free body
  std::array<double, 3> shift{};  // m, world
};
struct Push {
  std::string body;               // any body, of the robot too
  std::array<double, 3> force{};  // N, world, at its centre of mass
  int steps{1};                   // control steps
};
// What a person changes at the first step of a branch. Nothing set: the branch runs as its parent does.
struct Edits {
  std::optional<std::string> instruction;
  // Stands in place of the policy's own text at every query of the branch; its places are those of the true object.
  std::optional<std::string> reasoning;
  bool true_reasoning{};  // the truth of each moment does
  std::optional<MovedObject> moved;
  std::optional<Push> push;
  bool ask_anew{};  // drop what is left of the action chunk; changed words do so anyway
};
// "instruction: ...; red cube moved by (0.05, 0, 0) m". Empty for no change.
std::string Describe(const Edits& edits);

class Line {
 public:
  static constexpr int kKeyframe = 16;  // control steps

  // The episode from its start. `agent` is Reset for a group of two, the episode and its branch, and outlives both.
  // Where it looks at no pictures, small ones are drawn every few steps for the person. Throws InputError as Episode
  // does.
  Line(const Task& task, const EpisodePlan& plan, Control control, Agent& agent, RendererSource renderer);
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
  // One control step; the line must be open.
  void Step();
  // To a step from Origin() to the last one that was played.
  void Seek(int step);
  const LineView& View() const { return view_; }
  const Episode& GetEpisode() const { return *episode_; }
  ActionKind Kind() const { return agent_->Kind(); }

 private:
  // From one step to the next.
  struct Played {
    AgentAnswer answer;
    std::optional<Hasher> frames;  // after a query
  };

  std::size_t At(int step) const { return static_cast<std::size_t>(step - view_.origin); }
  void ApplyPush();
  std::optional<ForcedReasoning> ForcedWords() const;  // at this moment
  void PlayAgain(const Played& played);
  void Arrive(std::shared_ptr<const QueryView> query, std::shared_ptr<const CameraPictures> pictures);
  std::shared_ptr<const StepView> Look(std::shared_ptr<const QueryView> query,
                                       std::shared_ptr<const CameraPictures> pictures);
  std::shared_ptr<const CameraPictures> DrawForPerson();
  std::vector<float> ExpertAction();
  void SetEnd();
  void CutAfter(int step);
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
  std::optional<std::string> forced_text_;
  bool force_truth_{};
  std::optional<Push> push_;
  LineView view_;
  std::vector<Played> played_;                                // [At(step)] from step to step + 1
  std::vector<std::shared_ptr<const AgentMemory>> memories_;  // [At(step)]
  std::map<int, std::shared_ptr<const Episode::Moment>> keyframes_;
};

}  // namespace divla
