#include "tasks/factory_sorting/factory_sorting.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <set>
#include <utility>

#include "sim/check.h"
#include "tasks/assignment_expert.h"
#include "tasks/assignments.h"
#include "tasks/footprint.h"
#include "tasks/intervention.h"
#include "tasks/table_top.h"
#include "tasks/table_top_task.h"

namespace divla {
namespace {

constexpr double kWiderSubstitute = 1.3;  // of the original's footprint: there is little room beside it
constexpr const char* kPanel = "object_large_panel";
constexpr double kPanelX = 0.43, kPanelY = 0.29;                        // m
constexpr double kBoxX = 0.44, kBoxY = -0.26, kBoxJitter = 0.01;        // m
constexpr Region kRegion{0.29, 0.57, 0.09, 0.49};                       // m, of the objects
constexpr double kApart = 0.012, kApartYaw = 0.5;                       // m, rad
constexpr double kCrowded = 0.002, kTouching = 0.012, kCrowdYaw = 0.8;  // m, m, rad
constexpr double kCrowdArea = 0.0115;                                   // m^2 for each object of a crowd
constexpr int kMostOfAClass = 3;
constexpr int kEasyLeast = 2, kEasyMost = 4, kHardLeast = 6, kHardMost = 11;
constexpr int kStepsPerItem = 120;

struct Sector {
  const char* name;
  const char* body;
  const char* object_class;
  double side_x, side_y;                // -1 or 1: on which side of the box's middle
  std::vector<const char*> categories;  // of the catalogue
};

const std::array<Sector, 4>& Sectors() {
  static const std::array<Sector, 4> sectors{{
      {"top-left", "sector_top_left", "protective tools", -1, -1, {"glove"}},
      {"top-right", "sector_top_right", "stuffed toys", -1, 1, {"plush"}},
      {"bottom-left",
       "sector_bottom_left",
       "toy cars",
       1,
       -1,
       {"car", "van", "bus", "truck", "motorcycle", "race car", "tractor"}},
      {"bottom-right", "sector_bottom_right", "hardware tools", 1, 1, {"hex key", "screwdriver"}},
  }};
  return sectors;
}

const Sector& SectorOf(const std::string& body) {
  for (const Sector& sector : Sectors()) {
    if (body == sector.body) return sector;
  }
  throw InputError("factory_sorting: destination '" + body + "' is no sector of the box");
}

// Ids of the sector's objects, seen or unseen, in the catalogue's order.
std::vector<std::string> Pool(const Sector& sector, bool seen) {
  std::vector<std::string> ids;
  for (const ObjectInfo& object : Catalogue()) {
    const bool listed = std::any_of(sector.categories.begin(), sector.categories.end(),
                                    [&](const char* category) { return object.category == category; });
    if (listed && (object.split == "seen") == seen) ids.push_back(object.id);
  }
  return ids;
}

struct Condition {
  const char* name;
  const char* summary;
  bool mixed, cluttered;
};

TaskSpec MakeSpec(const Condition& condition) {
  TaskSpec spec;
  spec.name = condition.name;
  spec.summary = condition.summary;
  spec.robot = "panda";
  spec.folder = "factory_sorting";
  spec.horizon = kStepsPerItem * kHardMost;
  spec.evaluation_only = condition.mixed;
  spec.instructions_seen = {
      "Sort all items into corresponding areas.",
      "Sort all the items on the right panel.",
      "Put each item on the right panel into the area of its class.",
      "Sort the items on the panel into the box.",
      "Place all items into the corresponding areas of the box.",
  };
  spec.instructions_unseen = {
      "Distribute the things on the right slab over the compartments where they belong.",
      "Every article has its own compartment in the crate, please put it there.",
      "Could you tidy the slab by moving each piece to its group?",
      "Group what lies on the right inside the crate, kind by kind.",
      "File each article away in the compartment for its kind.",
      "Arrange everything from the slab in the crate so that equal kinds lie together.",
  };
  return spec;
}

class FactorySortingTask final : public TableTopTask {
 public:
  explicit FactorySortingTask(const Condition& condition)
      : TableTopTask(MakeSpec(condition), {"left", "right"}, 0), condition_(condition) {}

  TaskStatus Status(const Scene& scene, const EpisodePlan& plan) const override {
    return AssignmentStatus(scene, plan);
  }

  GroundTruth Truth(const Scene& scene, const EpisodePlan& plan) const override {
    const Assignment* current = CurrentAssignment(scene, plan);
    const Assignment& shown = current != nullptr ? *current : plan.assignments.back();
    const ObjectInfo& object = PlacedObject(plan, shown.body);
    GroundTruth truth;
    truth.object_body = shown.body;
    truth.object_position = GraspPose(scene, shown.body, object).position;
    truth.destination_body = shown.destination;
    truth.destination_position = scene.BodyPosition(scene.BodyId(shown.destination));
    if (current == nullptr) {
      truth.text = "All items are in their areas.";
      truth.required = {"All items"};
      return truth;
    }
    const Sector& sector = SectorOf(shown.destination);
    const std::string& name = object.phrases_seen.front();
    truth.text = "The " + name + " belongs to " + sector.object_class + " which locate at " + sector.name +
                 " of box. Place it on " + sector.name + " of box.";
    truth.required = {name, sector.object_class, sector.name};
    return truth;
  }

  // The instruction is about everything: no other one fits the scene.
  std::vector<Alternative> Alternatives(const Scene&, const EpisodePlan&) const override { return {}; }

  std::unique_ptr<Expert> MakeExpert(const EpisodePlan& plan) const override {
    AssignmentExpertOptions options;
    options.nearest = 0.27;
    return std::make_unique<AssignmentExpert>(plan, std::move(options));
  }

  bool HasIntervention(InterventionKind kind) const override { return kind == InterventionKind::kObject; }
  // Paper, section 4.4: another object is put into the hand, and the one that was held lies where it lay. What belongs
  // where stays, so the reasoning must follow the hand.
  std::optional<EpisodePlan> Intervene(const Scene& scene, const EpisodePlan& plan, InterventionKind kind,
                                       const std::string& held, Rng& rng) const override {
    if (!HasIntervention(kind)) return std::nullopt;
    std::string sector;
    for (const Assignment& assignment : plan.assignments) {
      if (assignment.body == held) sector = assignment.destination;
    }
    std::vector<const Assignment*> others;  // of another class, so that it matters
    for (const Assignment& assignment : plan.assignments) {
      const bool swappable = assignment.destination != sector && !IsPlaced(scene, plan, assignment) &&
                             CanSwap(scene, plan, held, assignment.body);
      if (swappable) others.push_back(&assignment);
    }
    if (others.empty()) return std::nullopt;
    const Assignment& other = *others[static_cast<std::size_t>(rng.Int(static_cast<int>(others.size())))];
    EpisodePlan next = plan;
    next.target = other.body;
    next.destination = other.destination;
    return next;
  }

  // Unseen instances of the class, whatever their category: what is sorted is the class.
  std::vector<std::string> Substitutes(const EpisodePlan& plan, const std::string& body,
                                       Novelty novelty) const override {
    std::vector<std::string> ids;
    if (novelty != Novelty::kInstance) return ids;
    const ObjectInfo& original = PlacedObject(plan, body);
    for (const ObjectInfo& object : Catalogue()) {
      const auto placed = [&](const ObjectPlacement& other) { return other.object_id == object.id; };
      if (object.split != "unseen_instance" || object.object_class != original.object_class ||
          object.radius > kWiderSubstitute * original.radius ||
          std::any_of(plan.objects.begin(), plan.objects.end(), placed)) {
        continue;
      }
      ids.push_back(object.id);
    }
    return ids;
  }

  std::string Without(const std::string& axis) const override {
    if (axis == "object_category") return "two of its four classes have no unseen category";
    if (axis == "object_instance" && condition_.mixed) return "it has unseen objects already";
    return "";
  }

  Wordings Words(const EpisodePlan&) const override {
    return {Spec().instructions_unseen,
            {"The shelves are refilled from the crate, and each shelf takes one kind only.",
             "My colleague will look for all vehicles in one place and for all fluffy ones in another.",
             "What a mess on the right, somebody should bring order into it.",
             "At the end of the shift the slab must be empty and each compartment full of one kind.",
             "Nobody finds anything here as long as tools and playthings lie about together."},
            {{2, "look at the items on the right panel"},
             {1, "pick up one item after the other"},
             {3, "tell which class the item belongs to"},
             {4, "carry it to the sector of its class"},
             {1, "put each into the sector of its class"},
             {5, "go on until the panel is empty"}}};
  }

 private:
  void DrawInstruction(Rng& rng, EpisodePlan& plan) const override {
    const std::vector<std::string>& seen = Spec().instructions_seen;
    plan.instruction = seen[static_cast<std::size_t>(rng.Int(static_cast<int>(seen.size())))];
  }

  // Which objects, each with the body of its sector.
  std::vector<Assignment> DrawItems(Rng& rng) const {
    const bool hard = rng.Int(2) == 1;
    const int least = hard ? kHardLeast : kEasyLeast;
    const int most = hard ? kHardMost : kEasyMost;
    const int count = least + rng.Int(most - least + 1);
    // pools[sector][seen]
    std::array<std::array<std::vector<std::string>, 2>, 4> pools;
    for (std::size_t s = 0; s < 4; ++s) pools[s] = {Pool(Sectors()[s], false), Pool(Sectors()[s], true)};
    std::array<int, 4> taken{};
    std::vector<Assignment> items;
    while (static_cast<int>(items.size()) < count) {
      const auto s = static_cast<std::size_t>(rng.Int(4));
      std::size_t seen = condition_.mixed ? static_cast<std::size_t>(rng.Int(2)) : 1;
      if (condition_.mixed && items.size() < 2) seen = items.size();  // one of both
      std::vector<std::string>& pool = pools[s][seen];
      if (taken[s] == kMostOfAClass || pool.empty()) continue;
      const auto i = static_cast<std::ptrdiff_t>(rng.Int(static_cast<int>(pool.size())));
      items.push_back({pool[static_cast<std::size_t>(i)], Sectors()[s].body});
      pool.erase(pool.begin() + i);
      ++taken[s];
    }
    return items;
  }

  bool IsCrowded() const override { return true; }

  void DrawLayout(Rng& rng, EpisodePlan& plan) const override {
    ObjectPlacement panel{"large_panel", kPanel, {}, 0};
    panel.position = {kPanelX, kPanelY, 0};
    plan.objects.push_back(panel);
    const ObjectContainer& inside = *FindObject("sorting_sector").container;
    const double wall = FindObject("sorting_sector").size[0] / 2 - inside.half_size[0];
    const double box_x = kBoxX + rng.Uniform(-kBoxJitter, kBoxJitter);
    const double box_y = kBoxY + rng.Uniform(-kBoxJitter, kBoxJitter);
    for (const Sector& sector : Sectors()) {
      ObjectPlacement placement{"sorting_sector", sector.body, {}, 0};
      placement.position = {box_x + sector.side_x * (inside.half_size[0] + wall),
                            box_y + sector.side_y * (inside.half_size[1] + wall), 0};
      plan.objects.push_back(placement);
    }

    const std::vector<Assignment> items = DrawItems(rng);
    std::vector<std::string> ids;
    for (const Assignment& item : items) ids.push_back(item.body);
    CrowdOptions crowd;
    crowd.region = kRegion;
    crowd.height = FindObject("large_panel").size[2];
    crowd.gap = kApart;
    crowd.yaw = kApartYaw;
    if (condition_.cluttered) {
      crowd.gap = kCrowded;
      crowd.reach = kTouching;
      crowd.yaw = kCrowdYaw;
      // A part of the region that grows with the number of objects.
      const double share =
          std::min(1.0, std::sqrt(kCrowdArea * static_cast<double>(items.size()) /
                                  ((kRegion.x_high - kRegion.x_low) * (kRegion.y_high - kRegion.y_low))));
      const double width = share * (kRegion.x_high - kRegion.x_low);
      const double depth = share * (kRegion.y_high - kRegion.y_low);
      crowd.region.x_low = rng.Uniform(kRegion.x_low, kRegion.x_high - width);
      crowd.region.x_high = crowd.region.x_low + width;
      crowd.region.y_low = rng.Uniform(kRegion.y_low, kRegion.y_high - depth);
      crowd.region.y_high = crowd.region.y_low + depth;
    }
    std::vector<ObjectPlacement> placed;
    PlaceCrowd(rng, ids, crowd, placed);
    for (const ObjectPlacement& placement : placed) {
      plan.objects.push_back(placement);
      for (const Assignment& item : items) {
        if (item.body == placement.object_id) plan.assignments.push_back({placement.body, item.destination});
      }
    }
    plan.target = plan.assignments.front().body;
    plan.destination = plan.assignments.front().destination;
  }

  Condition condition_;
};

}  // namespace

const Task& FactorySorting() {
  static const FactorySortingTask task({"factory_sorting",
                                        "Panda: sort all items on the right panel into the sectors "
                                        "of the box (2 to 11 seen objects)",
                                        false, false});
  return task;
}

const Task& FactorySortingMixed() {
  static const FactorySortingTask task(
      {"factory_sorting_mixed", "Panda: factory_sorting with seen and unseen objects", true, false});
  return task;
}

const Task& FactorySortingCluttered() {
  static const FactorySortingTask task(
      {"factory_sorting_cluttered", "Panda: factory_sorting with the objects in a crowd", false, true});
  return task;
}

const Task& FactorySortingClutteredMixed() {
  static const FactorySortingTask task({"factory_sorting_cluttered_mixed",
                                        "Panda: factory_sorting with seen and unseen objects in a crowd", true, true});
  return task;
}

}  // namespace divla
