// Generalisation axes: each changes one thing about an episode by a level of 1 to 5; level 0 is the training
// distribution. A perturbed episode is the twin of the clean one with the same index: an axis edits the clean plan, in
// what it claims and in nothing else (tests/tasks/axes/ compares plans, compiled models, states and pictures).
//
// Draws come from a stream named by seed, task, axis, index and attempt, not by level: a twin at level 5 goes further
// the same way as the one at level 1.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "tasks/task.h"

namespace divla {

inline constexpr int kLevels = 5;

// One row of an axis's table: a number for each level.
struct AxisParameter {
  std::string name, unit;
  std::array<double, kLevels> at{};  // at[0] is level 1

  double At(int level) const { return at.at(static_cast<std::size_t>(level - 1)); }
};

// What an axis may change of an episode.
enum class Claim {
  kInstruction,  // its words
  kObjects,      // which objects there are, and their size
  kPlacements,   // where they lie
  kRobotStart,   // joint positions at the start
  kRobotBase,    // how high the robot stands
  kLooks,        // colours and textures
  kLights,
  kCameras,
  kDynamics,  // friction and mass
  kSensors,   // noise of what the policy is given
};

struct AxisSpec {
  std::string name;     // "environment_lighting": the family, then what changes
  std::string family;   // "instruction", "object", "environment"
  std::string summary;  // one line for `divla list axes`
  std::vector<AxisParameter> parameters;
  std::string measure;  // what grows with the level, with its unit
  std::vector<Claim> claims;
  bool checked{};  // moves things: drawn again, up to kAttempts times, until the premises hold and the robot is free
};
// Far more than most scenes need: in one of five objects between two containers, one draw in ten moves each its own way.
inline constexpr int kAttempts = 400;

class Axis {
 public:
  virtual ~Axis() = default;
  virtual const AxisSpec& Spec() const = 0;
  // Turns the clean plan into its twin. False when this draw gives nothing valid (another attempt may).
  virtual bool Edit(const Task& task, int level, Rng& rng, EpisodePlan& plan) const = 0;
  // How far the twin is from the clean plan, in Spec().measure. Grows with the level.
  virtual double Measure(const EpisodePlan& clean, const EpisodePlan& twin) const = 0;
};

// All axes, in the order of the tables; they live as long as the program and serve all threads.
const std::vector<const Axis*>& AllAxes();
// Throws InputError with the known names.
const Axis& FindAxis(const std::string& name);
// The axes of a key: one, or several joined by '+' and applied in that order ("instruction_intent+object_category").
// Empty for "none" and for the interventions (tasks/intervention.h). Throws InputError for an unknown name and for one
// that is named twice.
std::vector<const Axis*> AxesOf(const std::string& axis);

// Why the task lacks one of the axes of a key, naming both; empty when it has them all.
std::string WhyWithout(const Task& task, const std::string& axis);

// The levels that an axis has, lowest and highest: 0 to 0 for "none", 1 to 1 for an intervention, else 1 to 5.
std::array<int, 2> LevelsOf(const std::string& axis);

// The episode of a key. For axis "none" the task's own draw; for an intervention the same with what will happen to it;
// else its twin. Throws InputError for a level
// that does not fit, for an axis that the task lacks (Task::Without) and when no attempt was valid.
EpisodePlan DrawEpisode(const Task& task, std::uint64_t seed, const EpisodeKey& key);

}  // namespace divla
