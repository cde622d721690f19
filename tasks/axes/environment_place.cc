// environment_distractors, environment_layout: what else lies on the table, and where things lie.
#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>

#include "tasks/axes/registry.h"
#include "tasks/catalogue.h"
#include "tasks/footprint.h"
#include "tasks/table_top.h"

namespace divla {
namespace {

constexpr double kPi = std::numbers::pi;
constexpr double kDistractorGap = 0.045;  // m, from everything else: room for an open gripper
constexpr int kSpots = 200;               // places that are tried for a distractor
constexpr double kLayoutGap = 0.03;       // m, between clusters
constexpr double kTogether = 0.001;       // m: what is nearer stands on the other, or wall to wall with it

// Where distractors may lie: seen by the cameras and, so that they are in the way, about where the arms work.
Region TableOf(const Task& task) {
  return task.Spec().robot == "panda" ? Region{0.28, 0.78, -0.45, 0.45} : Region{0.12, 0.56, -0.46, 0.46};
}

Footprint FootprintOf(const ObjectPlacement& placement) {
  return FootprintOf(SizedObject(placement.object_id, placement.size_percent), placement.position, placement.yaw);
}

double Clearance(const ObjectPlacement& a, const ObjectPlacement& b) { return Gap(FootprintOf(a), FootprintOf(b)); }

bool IsClear(const ObjectPlacement& placement, const std::vector<Clearing>& clearings) {
  return std::all_of(clearings.begin(), clearings.end(), [&](const Clearing& clearing) {
    return std::hypot(placement.position[0] - clearing.x, placement.position[1] - clearing.y) >
           clearing.radius + FindObject(placement.object_id).radius;
  });
}

class Distractors final : public Axis {
 public:
  const AxisSpec& Spec() const override {
    static const AxisSpec spec{"environment_distractors",
                               "environment",
                               "further objects on the table, of any split, that the instruction cannot mean",
                               {{"objects added", "1", {1, 2, 3, 4, 5}}},
                               "objects added",
                               {Claim::kObjects},
                               true};
    return spec;
  }

  bool Edit(const Task& task, int level, Rng& rng, EpisodePlan& plan) const override {
    std::vector<std::string> ids;
    for (const ObjectInfo& object : Catalogue()) {
      if (task.MayDistract(plan, object.id)) ids.push_back(object.id);
    }
    rng.Shuffle(ids);
    const auto count = static_cast<std::size_t>(Spec().parameters[0].At(level));
    if (ids.size() < count) return false;
    const std::vector<Clearing> clearings = task.KeepClear(plan);
    for (std::size_t i = 0; i < count; ++i) {
      if (!AddOne(rng, ids[i], TableOf(task), clearings, plan.objects)) return false;
    }
    return true;
  }

  double Measure(const EpisodePlan& clean, const EpisodePlan& twin) const override {
    return static_cast<double>(twin.objects.size() - clean.objects.size());
  }

 private:
  static bool AddOne(Rng& rng, const std::string& id, const Region& table, const std::vector<Clearing>& clearings,
                     std::vector<ObjectPlacement>& objects) {
    for (int spot = 0; spot < kSpots; ++spot) {
      ObjectPlacement added{id, "object_" + id, {}, 0};
      added.position = {rng.Uniform(table.x_low, table.x_high), rng.Uniform(table.y_low, table.y_high), 0};
      added.yaw = rng.Uniform(-kPi, kPi);
      const bool free = std::all_of(objects.begin(), objects.end(), [&](const ObjectPlacement& other) {
        return Clearance(added, other) >= kDistractorGap;
      });
      if (!free || !IsClear(added, clearings)) continue;
      objects.push_back(added);
      return true;
    }
    return false;
  }
};

// Objects that stand on or in each other move as one: a lid on its box, plates on a shelf, toys on a tray.
std::vector<std::size_t> Clusters(const std::vector<ObjectPlacement>& objects) {
  std::vector<std::size_t> cluster(objects.size());
  std::iota(cluster.begin(), cluster.end(), std::size_t{0});
  for (std::size_t i = 0; i < objects.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      if (cluster[i] == cluster[j] || Clearance(objects[i], objects[j]) > kTogether) continue;
      const std::size_t from = std::max(cluster[i], cluster[j]);
      const std::size_t to = std::min(cluster[i], cluster[j]);
      std::replace(cluster.begin(), cluster.end(), from, to);
    }
  }
  return cluster;
}

class Layout final : public Axis {
 public:
  const AxisSpec& Spec() const override {
    static const AxisSpec spec{
        "environment_layout",
        "environment",
        "every object (what stands on it with it) is moved its own way, also out of the training ranges",
        {{"distance", "m", {0.015, 0.03, 0.045, 0.06, 0.075}}},
        "mean distance that an object is moved, m",
        {Claim::kPlacements},
        true};
    return spec;
  }

  bool Edit(const Task&, int level, Rng& rng, EpisodePlan& plan) const override {
    const double distance = Spec().parameters[0].At(level);
    const std::vector<std::size_t> cluster = Clusters(plan.objects);
    std::vector<double> heading(plan.objects.size());
    for (double& angle : heading) angle = rng.Uniform(0, 2 * kPi);
    const std::vector<ObjectPlacement> before = plan.objects;
    for (std::size_t i = 0; i < plan.objects.size(); ++i) {
      auto& position = plan.objects[i].position;
      position[0] += distance * std::cos(heading[cluster[i]]);
      position[1] += distance * std::sin(heading[cluster[i]]);
    }
    for (std::size_t i = 0; i < plan.objects.size(); ++i) {
      for (std::size_t j = 0; j < i; ++j) {
        if (cluster[i] == cluster[j]) continue;
        // Never tighter than it was, nor than 3 cm, which the tasks keep for the fingers.
        const double needed = std::min(Clearance(before[i], before[j]), kLayoutGap);
        if (Clearance(plan.objects[i], plan.objects[j]) < needed) return false;
      }
    }
    return true;
  }

  double Measure(const EpisodePlan& clean, const EpisodePlan& twin) const override {
    double sum = 0;
    for (std::size_t i = 0; i < clean.objects.size(); ++i) {
      const auto& from = clean.objects[i].position;
      const auto& to = twin.objects[i].position;
      sum += std::hypot(to[0] - from[0], to[1] - from[1]);
    }
    return sum / static_cast<double>(clean.objects.size());
  }
};

}  // namespace

const Axis& EnvironmentDistractors() {
  static const Distractors axis;
  return axis;
}
const Axis& EnvironmentLayout() {
  static const Layout axis;
  return axis;
}

}  // namespace divla
