// One episode from reset to its record: scene, monitor, hashes, log. Owned by one thread. Knows no policy: actions come
// from outside.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "harness/agent.h"
#include "harness/log.h"
#include "harness/records/records.h"
#include "sim/hash.h"
#include "sim/scene.h"
#include "tasks/monitor.h"
#include "tasks/task.h"

namespace divla {

// Whether both plans have the same scene, but for where its things lie.
bool SameWorld(const EpisodePlan& a, const EpisodePlan& b);

class Episode {
 public:
  // Everything of an episode between two control steps: physics, judgements, hashes. Plain memory, about 1 MB.
  struct Moment;

  // Builds the scene and checks the premises. Throws InputError when the scene cannot be built or a premise is false:
  // that is an error of the suite, never a failed episode. `slot`: index within its group. `control`: what the agents are
  // told to take from the policy or put into its mouth (harness/control.h).
  Episode(const Task& task, const EpisodePlan& plan, int slot, Control control = Control::kNone);
  Episode(const Episode&) = delete;  // the monitor points into it
  Episode& operator=(const Episode&) = delete;

  bool Open() const { return open_; }
  const Scene& GetScene() const { return scene_; }
  const EpisodePlan& Plan() const { return plan_; }
  AgentView View();

  // The answer's reasoning is judged against the truth of this moment, then its action is played for one control step.
  // An answer with an error, or an action that the controller refuses, closes the episode as policy_error.
  void Step(ActionKind kind, const AgentAnswer& answer);

  // Valid once closed. `reason` of a policy error, else empty.
  const EpisodeRecord& Record() const;
  const EpisodeLog& Log() const;
  // Valid at any time: actions, states and texts so far; faithfulness is judged at the end.
  const EpisodeLog& LogSoFar() const { return log_; }
  const std::string& PolicyError() const { return policy_error_; }
  // Valid at any time: `scene` and `initial_state` of the record; the other hashes are empty while it is open.
  const EpisodeHashes& Hashes() const { return record_.hash; }

  // For a viewer: back to an earlier moment. From there the same answers give the same bytes, record included. `moment`
  // is of this episode or of another one of the same plan and control, `log` is that episode's, at least as long.
  std::shared_ptr<const Moment> Save() const;
  void Restore(const Moment& moment, const EpisodeLog& log);
  // The pictures that the policy was given up to here: what AgentView::frames collects.
  const Hasher& Frames() const { return frames_; }
  void SetFrames(const Hasher& frames) { frames_ = frames; }

  // What a person changes; its record is then of no suite. After changes of the scene call SceneChanged.
  // The words that the policy is given from here on. When they are another instruction of this scene
  // (Task::Alternatives), the goal becomes theirs.
  void ChangeInstruction(const std::string& instruction);
  Scene& MutableScene() { return scene_; }
  // Builds the scene anew with the objects (the same bodies) and the variation of `changed`; the rest of it is not read.
  // Robot and bodies stay where they are, bit for bit as long as the objects stay. Another object counts as another
  // goal: what was reached counts no more. Throws InputError when the scene cannot be built, or has other joints.
  void ChangeWorld(const EpisodePlan& changed);
  // Recomputes what depends on the positions; the log's present state becomes the changed one.
  void SceneChanged();
  const EpisodeMonitor& Monitor() const { return monitor_; }

 private:
  void Close(Termination termination);
  void RecordState();
  void Intervene();
  std::string HeldBody() const;

  const Task* task_;
  EpisodePlan plan_;
  Scene scene_;
  EpisodeMonitor monitor_;
  int slot_;
  ControlPlan control_;
  EpisodePlan words_plan_;                       // of a control with other words: what these words ask for
  std::optional<EpisodeMonitor> words_monitor_;  // whether that was done
  std::string held_up_;  // what a gripper holds up, and for how many control steps without a break
  int held_up_steps_{};
  bool open_{true};
  Hasher frames_, states_;
  std::map<std::string, std::string> phrases_;  // body -> how texts name it
  std::vector<std::string> held_;               // body in a gripper after each control step
  EpisodeRecord record_;
  EpisodeLog log_;
  std::string policy_error_;
  int word_changes_{};  // by a person, of objects too
};

}  // namespace divla
