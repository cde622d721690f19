#include "tasks/task.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "tasks/catalogue.h"
#include "tasks/table_top.h"

namespace divla {
namespace {

constexpr double kWidest = 0.072;  // m between the fingers: both robots' open to 0.076 or more
constexpr int kSmallest = 80;      // percent: below, some grasps come too low
constexpr int kLargest = 125;      // percent
constexpr double kTallDistractor = 0.10, kWideDistractor = 0.05;  // m; radius

// About as long, wide and high, to be grasped by either robot, and no container.
bool Fits(const ObjectInfo& object, const ObjectInfo& original) {
  if (object.fixed || object.grasps.empty() || object.container || object.grasps.front().width > kWidest) return false;
  const auto longer = std::minmax(object.size[0], object.size[1]);
  const auto long_before = std::minmax(original.size[0], original.size[1]);
  const auto within = [](double now, double before, double low, double high) {
    return now >= low * before && now <= high * before;
  };
  return within(longer.second, long_before.second, 0.6, 1.3) && within(longer.first, long_before.first, 0.5, 1.3) &&
         within(object.size[2], original.size[2], 0.5, 1.6) && object.radius <= 1.15 * original.radius;
}

bool ShareAttribute(const ObjectInfo& a, const ObjectInfo& b) {
  return std::any_of(a.attributes.begin(), a.attributes.end(),
                     [&](const std::string& attribute) { return HasAttribute(b, attribute); });
}

}  // namespace

std::string ToString(const EpisodeKey& key) {
  return fmt::format("{}.{}.{}.{:04d}", key.task, key.axis, key.level, key.index);
}

std::vector<std::string> SubjectsOf(const EpisodePlan& plan) {
  std::vector<std::string> bodies;
  for (const Assignment& assignment : plan.assignments) bodies.push_back(assignment.body);
  if (bodies.empty()) bodies.push_back(plan.target);
  return bodies;
}

std::vector<std::string> Task::Substitutes(const EpisodePlan& plan, const std::string& body, Novelty novelty) const {
  const ObjectInfo& original = PlacedObject(plan, body);
  std::vector<std::string> ids;
  for (const ObjectInfo& object : Catalogue()) {
    const bool same = object.category == original.category;
    if (same != (novelty == Novelty::kInstance)) continue;
    if (object.split != (same ? "unseen_instance" : "unseen_category") || !Fits(object, original)) continue;
    // Where each object has its own place, the place is a matter of the class.
    if (!plan.assignments.empty() && object.object_class != original.object_class) continue;
    const auto& placed = plan.objects;
    const bool ambiguous = std::any_of(placed.begin(), placed.end(), [&](const ObjectPlacement& other) {
      return other.body != body && FindObject(other.object_id).category == object.category;
    });
    if (!ambiguous) ids.push_back(object.id);
  }
  return ids;
}

std::array<int, 2> Task::SizeRange(const EpisodePlan& plan, const std::string& body) const {
  const ObjectInfo& object = PlacedObject(plan, body);
  if (object.grasps.empty()) return {100, 100};
  const int widest = static_cast<int>(std::floor(100 * kWidest / object.grasps.front().width));
  return {kSmallest, std::clamp(widest, 100, kLargest)};
}

bool Task::MayDistract(const EpisodePlan& plan, const std::string& object_id) const {
  const ObjectInfo& object = FindObject(object_id);
  if (object.fixed || object.container || object.radius > kWideDistractor || object.size[2] > kTallDistractor) {
    return false;
  }
  for (const ObjectPlacement& placement : plan.objects) {
    if (FindObject(placement.object_id).category == object.category) return false;
  }
  for (const std::string& body : SubjectsOf(plan)) {
    const ObjectInfo& subject = PlacedObject(plan, body);
    if (subject.object_class == object.object_class || ShareAttribute(subject, object)) return false;
  }
  return true;
}

std::vector<std::string> Task::Exchangeable(const EpisodePlan& plan) const { return SubjectsOf(plan); }

std::vector<Clearing> Task::KeepClear(const EpisodePlan&) const { return {}; }

std::string Task::Without(const std::string&) const { return {}; }

}  // namespace divla
