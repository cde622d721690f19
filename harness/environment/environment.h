// One environment for learners and for loops of other programs: episodes of one task, one after another, an observation
// and a reward after each control step. What happens in an episode and how it is scored is Episode's alone
// (harness/episode.h), so an episode with the same seed and index has the same bytes here and in an evaluation.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "harness/episode.h"
#include "harness/policy_view.h"
#include "harness/records/records.h"
#include "sim/action.h"
#include "sim/render/renderer.h"
#include "tasks/task.h"

namespace divla {

enum class RewardKind {
  kSparse,    // 1 at the control step with which the episode succeeds, else 0
  kProgress,  // by how much EpisodeRecord::progress grew in this step; adds up to 1 in a success
};
// Throws InputError that begins with `where`.
RewardKind RewardNamed(const std::string& name, const std::string& where);

struct EnvironmentOptions {
  std::string axis{"none"};
  int level{};
  ActionKind action_kind{ActionKind::kJointPosition};
  std::optional<std::vector<std::string>>
      cameras;                  // of the robot, in this order; unset: all; empty: no picture is drawn
  int height{224}, width{224};  // pixels
  RewardKind reward{RewardKind::kSparse};
};
inline constexpr int kMostPixels = 4096;  // height or width, of a picture that is asked for

// What is the same in all episodes.
struct EnvironmentShape {
  RobotInterface robot;
  PolicyPictures pictures;
  int action_dim{};
  int horizon{};                                              // most control steps of an episode
  int StateDim() const { return robot.StateDim(); }           // of Observation::state
  int ToolDim() const { return robot.arms * kToolPoseSize; }  // of Observation::tool
};
// Builds one scene to ask it. Throws InputError for an unknown camera, axis or level, and for a size outside [1, kMostPixels].
EnvironmentShape ShapeOf(const Task& task, const EnvironmentOptions& options);

// Names an episode of the task, axis and level: what `divla eval --seed SEED` plays as number `index`.
struct EpisodeChoice {
  std::uint64_t seed{};
  int index{};  // from 0
};

// Where an observation is written to; see sim/observation.h. Owned by the caller.
struct ObservationRow {
  std::vector<std::span<std::uint8_t>> images;  // by camera of the shape: (height x width x 3), row-major
  std::span<float> state;                       // (StateDim)
  std::span<float> tool;                        // (ToolDim)
  std::string* instruction{};
};

struct EnvironmentStep {
  double reward{};
  bool terminated{};  // it succeeded, diverged, or its action was refused
  bool truncated{};   // the horizon came first
};

// Where an episode stands, for a person or a log.
struct EnvironmentReport {
  EpisodeChoice choice;
  EpisodeKey key;
  std::string instruction;  // now
  EpisodeHashes hash;       // scene and initial state; the others once it is over
  int steps{};
  bool goal_now{}, goal_once{}, goal_held{};  // every condition of success: at this moment; at some; for kGoalHold
  double progress{};
  std::vector<Stage> stages;  // at this moment
  ObjectCount objects;
  // Of an episode that is over: ToString(Termination) and EpisodeRecord::failure; else empty.
  bool success{};
  std::string termination, failure;
  std::string error;  // why an action was refused; else empty
};

// Owned by one thread at a time. `task` and `shape` outlive it.
class Environment {
 public:
  Environment(const Task& task, const EnvironmentOptions& options, const EnvironmentShape& shape);

  // Begins an episode. Throws InputError when it cannot begin (Episode); then none is open.
  void Begin(const EpisodeChoice& choice);
  // The next index of the seed whose episode can begin. One that cannot is passed over, up to kMostPassedOver in a row:
  // a suite stops there, since its episodes are published, but nobody asked for this one by name.
  void BeginNext();
  static constexpr int kMostPassedOver = 100;

  bool Begun() const { return episode_ != nullptr; }
  bool Open() const { return Begun() && episode_->Open(); }
  const EpisodeChoice& Choice() const { return choice_; }  // of the last Begin

  // One control step of an open episode. An action that the controller refuses (sim/controller.h) ends it as an error of
  // the policy, as in an evaluation.
  EnvironmentStep Step(std::span<const float> action);

  // What a policy would be given now; its pictures go into the episode's hash of frames, as in an evaluation by a policy
  // that looks at every step. `renderer` may be null without cameras. A diverged episode has nothing left to look at:
  // the row stays as it is.
  void Look(Renderer* renderer, const ObservationRow& row);
  // The robot's first camera.
  Image Picture(Renderer& renderer, int height, int width) const;
  EnvironmentReport Report() const;

 private:
  const Task& task_;
  EnvironmentOptions options_;
  const EnvironmentShape& shape_;
  EpisodeChoice choice_;
  std::unique_ptr<Episode> episode_;
  double progress_{};  // at the last step
};

}  // namespace divla
