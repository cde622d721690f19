// object_instance and object_category: what the instruction is about is another object, one that no policy was trained
// on. The instruction names the new object where it named the old one; nothing else of it changes.
#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "tasks/axes/registry.h"
#include "tasks/axes/text.h"
#include "tasks/catalogue.h"
#include "tasks/table_top.h"

namespace divla {
namespace {

// How unlike two objects are: the norm of the logarithms of the size ratios, plus the distance of their first colours.
double Unlike(const ObjectInfo& a, const ObjectInfo& b) {
  double sum = 0;
  for (std::size_t i = 0; i < 3; ++i) {
    const double ratio = std::log(a.size[i] / b.size[i]);
    sum += ratio * ratio;
  }
  double colour = 0;
  for (std::size_t i = 0; i < 3; ++i) {
    const double difference =
        static_cast<double>(a.geoms.front().rgba[i]) - static_cast<double>(b.geoms.front().rgba[i]);
    colour += difference * difference;
  }
  return std::sqrt(sum) + std::sqrt(colour);
}

// What an instruction may call the object, longest first.
std::vector<std::string> NounsOf(const ObjectInfo& object) {
  std::vector<std::string> nouns = object.phrases_seen;
  nouns.push_back(object.category);
  std::stable_sort(nouns.begin(), nouns.end(),
                   [](const std::string& a, const std::string& b) { return a.size() > b.size(); });
  return nouns;
}

class Exchange final : public Axis {
 public:
  Exchange(AxisSpec spec, Novelty novelty) : spec_(std::move(spec)), novelty_(novelty) {}
  const AxisSpec& Spec() const override { return spec_; }

  bool Edit(const Task& task, int level, Rng& rng, EpisodePlan& plan) const override {
    std::vector<std::string> subjects = task.Exchangeable(plan);
    if (subjects.size() == 1) return Replace(task, subjects.front(), level, rng, plan);
    // Scored per object: the level says how many of them are new ones, whichever.
    rng.Shuffle(subjects);
    const auto count = std::max<std::size_t>(
        1, static_cast<std::size_t>(std::lround(spec_.parameters[1].At(level) * subjects.size())));
    std::size_t replaced = 0;
    for (std::size_t i = 0; i < subjects.size() && replaced < count; ++i) {
      if (Replace(task, subjects[i], 0, rng, plan)) ++replaced;
    }
    return replaced > 0;
  }

  double Measure(const EpisodePlan& clean, const EpisodePlan& twin) const override {
    double sum = 0;
    for (std::size_t i = 0; i < clean.objects.size(); ++i) {
      if (clean.objects[i].object_id == twin.objects[i].object_id) continue;
      sum += clean.assignments.empty()
                 ? Unlike(FindObject(clean.objects[i].object_id), FindObject(twin.objects[i].object_id))
                 : 1.0 / static_cast<double>(clean.assignments.size());
    }
    return sum;
  }

 private:
  // Level 0: any of the candidates; else one of the level's fifth of them, from the most alike to the least.
  bool Replace(const Task& task, const std::string& body, int level, Rng& rng, EpisodePlan& plan) const {
    std::vector<std::string> ids = task.Substitutes(plan, body, novelty_);
    if (ids.empty()) return false;
    const ObjectInfo& old = FindObject(PlacedObject(plan, body).id);
    std::stable_sort(ids.begin(), ids.end(), [&](const std::string& a, const std::string& b) {
      return Unlike(FindObject(a), old) < Unlike(FindObject(b), old);
    });
    const ObjectInfo& now = FindObject(ids[level == 0 ? static_cast<std::size_t>(rng.Int(static_cast<int>(ids.size())))
                                                      : DrawOfFifth(rng, ids.size(), level)]);
    for (ObjectPlacement& placement : plan.objects) {
      if (placement.body == body) placement.object_id = now.id;
    }
    plan.instruction = ReplaceFirstPhrase(plan.instruction, NounsOf(old), now.phrases_seen.front());
    return true;
  }

  AxisSpec spec_;
  Novelty novelty_;
};

}  // namespace

const Axis& ObjectInstance() {
  static const Exchange axis({"object_instance",
                              "object",
                              "the objects meant are unseen ones of the same category",
                              {{"fifth of the candidates, from most to least alike", "", {1, 2, 3, 4, 5}},
                               {"share of the objects, where several are meant", "1", {0.2, 0.4, 0.6, 0.8, 1.0}}},
                              "unlikeness of the new object (size ratio and colour), or share of objects that are new",
                              {Claim::kObjects, Claim::kInstruction},
                              true},
                             Novelty::kInstance);
  return axis;
}
const Axis& ObjectCategory() {
  static const Exchange axis({"object_category",
                              "object",
                              "the objects meant are of a category that training has none of",
                              {{"fifth of the candidates, from most to least alike", "", {1, 2, 3, 4, 5}},
                               {"share of the objects, where several are meant", "1", {0.2, 0.4, 0.6, 0.8, 1.0}}},
                              "unlikeness of the new object (size ratio and colour), or share of objects that are new",
                              {Claim::kObjects, Claim::kInstruction},
                              true},
                             Novelty::kCategory);
  return axis;
}

}  // namespace divla
