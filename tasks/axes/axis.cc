#include "tasks/axes/axis.h"

#include <algorithm>

#include "sim/check.h"
#include "tasks/intervention.h"

namespace divla {
namespace {

bool InRobot(const mjModel& model, const std::vector<int>& bases, int body) {
  while (body > 0) {
    if (std::find(bases.begin(), bases.end(), body) != bases.end()) return true;
    body = model.body_parentid[body];
  }
  return false;
}

// A robot that starts inside an object or the table would throw it away.
bool RobotIsFree(const Scene& scene) {
  std::vector<int> bases;
  for (const std::string& name : scene.GetRobot().spec.bases) bases.push_back(scene.BodyId(name));
  const mjModel& model = scene.Model();
  for (int c = 0; c < scene.Data().ncon; ++c) {
    const mjContact& contact = scene.Data().contact[c];
    if (contact.exclude != 0 || contact.geom[0] < 0 || contact.geom[1] < 0) continue;
    const bool first = InRobot(model, bases, model.geom_bodyid[contact.geom[0]]);
    const bool second = InRobot(model, bases, model.geom_bodyid[contact.geom[1]]);
    if (first != second) return false;
  }
  return true;
}

// What is wrong with the plan's scene; empty when nothing is.
std::string Problem(const Task& task, const EpisodePlan& plan) {
  const Scene scene = task.Build(plan);
  if (!RobotIsFree(scene)) return "the robot touches something";
  for (const Premise& premise : task.Premises(scene, plan)) {
    if (!premise.holds) return "premise '" + premise.name + "' is false: " + premise.detail;
  }
  return {};
}

void CheckLevel(const EpisodeKey& key) {
  const auto [low, high] = LevelsOf(key.axis);
  if (key.level >= low && key.level <= high) return;
  throw InputError("episode " + ToString(key) + ": level of axis " + key.axis + ": expected " + std::to_string(low) +
                   (low == high ? "" : " to " + std::to_string(high)) + ", found " + std::to_string(key.level));
}

}  // namespace

std::vector<const Axis*> AxesOf(const std::string& axis) {
  std::vector<const Axis*> axes;
  if (axis == "none" || InterventionOfAxis(axis) != InterventionKind::kNone) return axes;
  for (std::size_t first = 0; first <= axis.size();) {
    const std::size_t end = std::min(axis.find('+', first), axis.size());
    const Axis* found = &FindAxis(axis.substr(first, end - first));
    if (std::find(axes.begin(), axes.end(), found) != axes.end()) {
      throw InputError("axis: expected each name once, found '" + axis + "'");
    }
    axes.push_back(found);
    first = end + 1;
  }
  return axes;
}

std::array<int, 2> LevelsOf(const std::string& axis) {
  if (axis == "none") return {0, 0};
  if (InterventionOfAxis(axis) != InterventionKind::kNone) return {1, 1};
  return {1, kLevels};
}

std::string WhyWithout(const Task& task, const std::string& axis) {
  const InterventionKind kind = InterventionOfAxis(axis);
  if (kind != InterventionKind::kNone && !task.HasIntervention(kind)) {
    return "task " + task.Spec().name + ": axis " + axis + " does not apply: nothing in its scenes can be swapped so";
  }
  for (const Axis* part : AxesOf(axis)) {
    const std::string reason = task.Without(part->Spec().name);
    if (!reason.empty()) {
      return "task " + task.Spec().name + ": axis " + part->Spec().name + " does not apply: " + reason;
    }
  }
  return {};
}

EpisodePlan DrawEpisode(const Task& task, std::uint64_t seed, const EpisodeKey& key) {
  const std::vector<const Axis*> axes = AxesOf(key.axis);
  CheckLevel(key);
  if (const std::string reason = WhyWithout(task, key.axis); !reason.empty()) throw InputError(reason);
  EpisodePlan clean = task.Draw(seed, key);
  clean.intervention.kind = InterventionOfAxis(key.axis);
  if (axes.empty()) return clean;
  const bool checked = std::any_of(axes.begin(), axes.end(), [](const Axis* axis) { return axis->Spec().checked; });
  std::string problem;
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    EpisodePlan twin = clean;
    bool drawn = true;
    for (const Axis* axis : axes) {
      Rng rng({seed, key.task, axis->Spec().name, 0, key.index, "axis", static_cast<std::uint64_t>(attempt)});
      drawn = drawn && axis->Edit(task, key.level, rng, twin);
    }
    problem = !drawn ? "nothing to change, or no room" : checked ? Problem(task, twin) : "";
    if (problem.empty()) return twin;
  }
  throw InputError("episode " + ToString(key) + " (seed " + std::to_string(seed) + "): none of " +
                   std::to_string(kAttempts) + " draws of the axis is valid; the last: " + problem);
}

}  // namespace divla
