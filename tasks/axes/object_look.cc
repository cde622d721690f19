// object_colour and object_size: the same objects, of another look or size.
#include <algorithm>
#include <cmath>

#include "tasks/axes/registry.h"
#include "tasks/catalogue.h"
#include "tasks/table_top.h"

namespace divla {
namespace {

class ObjectColourAxis final : public Axis {
 public:
  const AxisSpec& Spec() const override {
    static const AxisSpec spec{"object_colour",
                               "object",
                               "shade and texture of every object; a colour keeps its name",
                               {{"hue, at most", "degrees", {2, 4, 6, 8, 10}},
                                {"saturation and value, change of the factor", "1", {0.06, 0.12, 0.18, 0.24, 0.30}},
                                {"darkness of speckles", "0 to 1", {0, 0, 0.2, 0.35, 0.5}}},
                               "mean change of an object's saturation and value, factor, plus darkness of its speckles",
                               {Claim::kLooks},
                               false};
    return spec;
  }

  bool Edit(const Task&, int level, Rng& rng, EpisodePlan& plan) const override {
    const auto& parameters = Spec().parameters;
    for (const ObjectPlacement& placement : plan.objects) {
      ObjectLook look;
      look.hue = rng.Uniform(-1, 1) * parameters[0].At(level);
      const double change = parameters[1].At(level);
      look.saturation = 1 - rng.Uniform(0.4, 1.0) * change;  // more of it would be cut off at 1
      look.value = 1 + (rng.Int(2) == 0 ? -1.0 : 1.0) * rng.Uniform(0.6, 1.0) * change;
      look.speckles = parameters[2].At(level);
      plan.variation.looks[placement.body] = look;
    }
    return true;
  }

  double Measure(const EpisodePlan&, const EpisodePlan& twin) const override {
    double sum = 0;
    for (const auto& [body, look] : twin.variation.looks) {
      sum += std::abs(look.saturation - 1) + std::abs(look.value - 1) + look.speckles;
    }
    return sum / static_cast<double>(twin.objects.size());
  }
};

class ObjectSizeAxis final : public Axis {
 public:
  const AxisSpec& Spec() const override {
    static const AxisSpec spec{"object_size",
                               "object",
                               "what the instruction is about is smaller or larger (as far as it can be grasped)",
                               {{"change", "percent", {4, 8, 12, 16, 20}}},
                               "mean change of length of the objects meant, percent",
                               {Claim::kObjects},
                               true};
    return spec;
  }

  bool Edit(const Task& task, int level, Rng& rng, EpisodePlan& plan) const override {
    const int change = static_cast<int>(Spec().parameters[0].At(level));
    bool changed = false;
    for (const std::string& body : SubjectsOf(plan)) {
      const std::array<int, 2> range = task.SizeRange(plan, body);
      const bool larger = rng.Int(2) == 0;
      for (ObjectPlacement& placement : plan.objects) {
        if (placement.body != body) continue;
        // The other way where this way is shorter than the level asks for; as far as it goes where both are.
        const int up = std::min(change, range[1] - 100);
        const int down = std::min(change, 100 - range[0]);
        placement.size_percent = 100 + ((up > down || (up == down && larger)) ? up : -down);
        changed = changed || placement.size_percent != 100;
        // What lies on its side is as high as it is wide.
        if (placement.tilt != 0) placement.position[2] *= placement.size_percent / 100.0;
      }
    }
    return changed;
  }

  double Measure(const EpisodePlan&, const EpisodePlan& twin) const override {
    double sum = 0;
    const std::vector<std::string> subjects = SubjectsOf(twin);
    for (const ObjectPlacement& placement : twin.objects) {
      if (std::find(subjects.begin(), subjects.end(), placement.body) == subjects.end()) continue;
      sum += std::abs(placement.size_percent - 100);
    }
    return sum / static_cast<double>(subjects.size());
  }
};

}  // namespace

const Axis& ObjectColour() {
  static const ObjectColourAxis axis;
  return axis;
}
const Axis& ObjectSize() {
  static const ObjectSizeAxis axis;
  return axis;
}

}  // namespace divla
