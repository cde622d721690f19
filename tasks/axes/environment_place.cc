// environment_distractors, environment_layout: what else lies on the table, and where things lie.
#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>

#include "tasks/axes/registry.h"
#include "tasks/catalogue.h"
#include "tasks/table_top.h"

namespace divla {
namespace {

constexpr double kPi = std::numbers::pi;
constexpr double kDistractorGap = 0.045;  // m, footprint to footprint: room for an open gripper
constexpr double kLayoutGap = 0.015;      // m, between clusters
constexpr double kOnTop = 0.005;          // m, overlap of footprints from which two objects move together

// Where things may lie: seen by the cameras and reached by the arms.
Region TableOf(const Task& task) {
  return task.Spec().robot == "panda" ? Region{0.28, 0.72, -0.42, 0.42} : Region{0.12, 0.50, -0.44, 0.44};
}

double Radius(const ObjectPlacement& placement) {
  return SizedObject(placement.object_id, placement.size_percent).radius;
}

double Clearance(const ObjectPlacement& a, const ObjectPlacement& b) {
  return std::hypot(a.position[0] - b.position[0], a.position[1] - b.position[1]) - Radius(a) - Radius(b);
}

bool IsClear(const ObjectPlacement& placement, const std::vector<Clearing>& clearings) {
  return std::all_of(clearings.begin(), clearings.end(), [&](const Clearing& clearing) {
    return std::hypot(placement.position[0] - clearing.x, placement.position[1] - clearing.y) >
           clearing.radius + Radius(placement);
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
    for (std::size_t i = 0; i < count; ++i) {
      PlaceObject(rng, ids[i], TableOf(task), kPi, kDistractorGap, plan.objects);
      const ObjectPlacement& added = plan.objects.back();
      for (std::size_t other = 0; other + 1 < plan.objects.size(); ++other) {
        if (Clearance(added, plan.objects[other]) < kDistractorGap) return false;
      }
      if (!IsClear(added, task.KeepClear(plan))) return false;
    }
    return true;
  }

  double Measure(const EpisodePlan& clean, const EpisodePlan& twin) const override {
    return static_cast<double>(twin.objects.size() - clean.objects.size());
  }
};

// Objects that stand on or in each other move as one: a lid on its box, plates on a shelf, toys on a tray.
std::vector<std::size_t> Clusters(const std::vector<ObjectPlacement>& objects) {
  std::vector<std::size_t> cluster(objects.size());
  std::iota(cluster.begin(), cluster.end(), std::size_t{0});
  for (std::size_t i = 0; i < objects.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      if (Clearance(objects[i], objects[j]) > -kOnTop || cluster[i] == cluster[j]) continue;
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

  bool Edit(const Task& task, int level, Rng& rng, EpisodePlan& plan) const override {
    const double distance = Spec().parameters[0].At(level);
    const std::vector<std::size_t> cluster = Clusters(plan.objects);
    std::vector<double> heading(plan.objects.size());
    for (double& angle : heading) angle = rng.Uniform(0, 2 * kPi);
    const Region table = TableOf(task);
    const std::vector<ObjectPlacement> before = plan.objects;
    for (std::size_t i = 0; i < plan.objects.size(); ++i) {
      auto& position = plan.objects[i].position;
      position[0] += distance * std::cos(heading[cluster[i]]);
      position[1] += distance * std::sin(heading[cluster[i]]);
      if (position[0] < table.x_low || position[0] > table.x_high || position[1] < table.y_low ||
          position[1] > table.y_high) {
        return false;
      }
    }
    for (std::size_t i = 0; i < plan.objects.size(); ++i) {
      for (std::size_t j = 0; j < i; ++j) {
        if (cluster[i] == cluster[j]) continue;
        // Never tighter than it was, nor than an open gripper of grace.
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
