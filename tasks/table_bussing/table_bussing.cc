#include "tasks/table_bussing/table_bussing.h"

#include <algorithm>
#include <array>
#include <string>
#include <tuple>
#include <utility>

#include "tasks/assignment_expert.h"
#include "tasks/assignments.h"
#include "tasks/footprint.h"
#include "tasks/table_top.h"
#include "tasks/table_top_task.h"
#include "tasks/two_arms.h"

namespace divla {
namespace {

constexpr const char* kTray = "object_bussing_tray";
constexpr const char* kBin = "object_rubbish_bin";
constexpr double kContainerX = 0.27, kContainerY = 0.36, kJitter = 0.01;  // m
// Of the objects: as far to either side as the arm of their kind reaches, also from a plinth of 10 cm.
constexpr double kLowX = 0.165, kHighX = 0.32, kNearY = 0.115, kFarY = 0.06;  // m
constexpr double kApart = 0.012, kYaw = 0.5;                                  // m, rad
constexpr double kWidest = 0.072;                                             // m, of a grasp
constexpr int kLeast = 3, kMost = 5, kMostOfAKind = 3;
constexpr int kStepsPerItem = 120;
constexpr std::array<double, 3> kWaiting{0.26, 0.35, 0.24};  // m, of the left tool; the right one's y is negative

struct Kind {
  const char* object_class;
  const char* container;
  int arm;
};
constexpr std::array<Kind, 2> kKinds{{{"tableware", kTray, kLeftArm}, {"rubbish", kBin, kRightArm}}};

// Ids of the kind's objects, seen or unseen, in the catalogue's order. Cutlery is left out: what lies flat on the floor
// of a container is lost to the fingers when it slips.
std::vector<std::string> Pool(const Kind& kind, bool seen) {
  std::vector<std::string> ids;
  for (const ObjectInfo& object : Catalogue()) {
    if (object.object_class != kind.object_class || (object.split == "seen") != seen) continue;
    if (object.fixed || object.grasps.empty() || object.grasps.front().width > kWidest) continue;
    if (!HasAttribute(object, "eats_with")) ids.push_back(object.id);
  }
  return ids;
}

TaskSpec MakeSpec(bool mixed) {
  TaskSpec spec;
  spec.name = mixed ? "table_bussing_mixed" : "table_bussing";
  spec.summary = mixed ? "AgileX: table_bussing with seen and unseen objects"
                       : "AgileX: tableware into the white container, rubbish into the bin (3 to 5 seen objects)";
  spec.robot = "agilex";
  spec.folder = "table_bussing";
  spec.horizon = kStepsPerItem * kMost;
  spec.evaluation_only = mixed;
  spec.instructions_seen = {
      "Sort the tablewares and rubbish on the table.",
      "Put the tableware into the white container and the rubbish into the bin.",
      "Clear the table: tableware to the left, rubbish to the right.",
      "Place all tableware in the white container and all trash in the rubbish bin.",
      "Separate the rubbish on the table from the tableware.",
      "Take everything off the table and sort it into container and bin.",
  };
  spec.instructions_unseen = {
      "Crockery goes to the white tub on the left, garbage to the dustbin on the right.",
      "Bus the desk: keep the crockery and discard the waste.",
      "Could you separate waste from crockery and stow each where it belongs?",
      "Tidy the desk by moving the garbage to one flank and the crockery to the other.",
      "Dispose of the litter and collect whatever has to be washed up.",
      "The desk should be bare: all litter discarded, all crockery gathered.",
  };
  return spec;
}

class TableBussingTask final : public TableTopTask {
 public:
  explicit TableBussingTask(bool mixed) : TableTopTask(MakeSpec(mixed), {"cam_high"}, kRightArm), mixed_(mixed) {}

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
      truth.text = "All tablewares and rubbish are sorted.";
      truth.required = {"All tablewares and rubbish"};
      return truth;
    }
    const std::string& name = object.phrases_seen.front();
    const std::string& place = PlacedObject(plan, shown.destination).phrases_seen.front();
    truth.text = "Place the " + name + " to " + place + ".";
    truth.required = {name, place};
    return truth;
  }

  // The instruction is about everything: no other one fits the scene.
  std::vector<Alternative> Alternatives(const Scene&, const EpisodePlan&) const override { return {}; }

  std::unique_ptr<Expert> MakeExpert(const EpisodePlan& plan) const override {
    AssignmentExpertOptions options;
    options.arm = [](const Assignment& assignment) { return assignment.destination == kTray ? kLeftArm : kRightArm; };
    options.waiting = {{kWaiting, DownRotation()}, {{kWaiting[0], -kWaiting[1], kWaiting[2]}, DownRotation()}};
    return std::make_unique<AssignmentExpert>(plan, std::move(options));
  }

  Wordings Words(const EpisodePlan&) const override {
    return {Spec().instructions_unseen,
            {"The guests have left, and the next ones are at the door.",
             "The dishwasher is about to start, and the cleaners come for the garbage.",
             "Lunch is over, and nobody wants to look at what remains of it.",
             "Some of this will be used again tomorrow, the rest never again.", "A waiter would know what to do here."},
            {{2, "look at what lies between the two tubs"},
             {1, "take one article after the other"},
             {3, "tell whether it is crockery or waste"},
             {4, "use the left gripper for crockery and the right one for waste"},
             {1, "drop crockery into the white tub and waste into the dustbin"},
             {5, "go on until the desk is bare"}}};
  }

  std::string Without(const std::string& axis) const override {
    const bool exchanges = axis == "object_instance" || axis == "object_category";
    return exchanges && mixed_ ? "it has unseen objects already" : "";
  }

  // What is kept in a kitchen or was bought to drink could be taken for one of the two kinds.
  bool MayDistract(const EpisodePlan& plan, const std::string& object_id) const override {
    const ObjectInfo& object = FindObject(object_id);
    for (const char* attribute : {"holds_liquid", "holds_food", "eats_with", "cooks_with", "drinkable", "is_rubbish"}) {
      if (HasAttribute(object, attribute)) return false;
    }
    return TableTopTask::MayDistract(plan, object_id);
  }

 private:
  int ArmFor(const EpisodePlan& plan, const std::string& body) const override {
    for (const Assignment& assignment : plan.assignments) {
      if (assignment.body == body && assignment.destination == kTray) return kLeftArm;
    }
    return kRightArm;
  }

  void DrawInstruction(Rng& rng, EpisodePlan& plan) const override {
    const std::vector<std::string>& seen = Spec().instructions_seen;
    plan.instruction = seen[static_cast<std::size_t>(rng.Int(static_cast<int>(seen.size())))];
  }

  // Ids, each with the body of its container. No category twice, so that each name means one object.
  std::vector<Assignment> DrawItems(Rng& rng) const {
    const int count = kLeast + rng.Int(kMost - kLeast + 1);
    const int least = std::max(1, count - kMostOfAKind);
    const int most = std::min(count - 1, kMostOfAKind);
    const int tableware = least + rng.Int(most - least + 1);
    const bool first_seen = rng.Int(2) == 1;
    std::vector<std::string> categories;
    std::vector<Assignment> items;
    while (static_cast<int>(items.size()) < count) {
      const Kind& kind = kKinds[static_cast<int>(items.size()) < tableware ? 0 : 1];
      bool seen = !mixed_ || rng.Int(2) == 1;
      if (mixed_ && items.size() < 2) seen = items.empty() == first_seen;  // one of both
      const std::vector<std::string> pool = Pool(kind, seen);
      const std::string& id = pool[static_cast<std::size_t>(rng.Int(static_cast<int>(pool.size())))];
      const std::string& category = FindObject(id).category;
      if (std::find(categories.begin(), categories.end(), category) != categories.end()) continue;
      categories.push_back(category);
      items.push_back({id, kind.container});
    }
    return items;
  }

  void DrawLayout(Rng& rng, EpisodePlan& plan) const override {
    for (const auto& [id, body, side] : {std::tuple{"bussing_tray", kTray, 1.0}, {"rubbish_bin", kBin, -1.0}}) {
      ObjectPlacement container{id, body, {}, 0};
      container.position[0] = kContainerX + rng.Uniform(-kJitter, kJitter);
      container.position[1] = side * kContainerY + rng.Uniform(-kJitter, kJitter);
      plan.objects.push_back(container);
    }
    const std::vector<Assignment> items = DrawItems(rng);
    std::vector<std::string> ids;
    for (const Assignment& item : items) ids.push_back(item.body);
    // The room that is left goes to who is placed first: not always to the tableware.
    rng.Shuffle(ids);
    CrowdOptions crowd;
    crowd.gap = kApart;
    crowd.yaw = kYaw;
    crowd.hand = HandOf(Spec().robot);
    for (const std::string& id : ids) {
      const bool left = FindObject(id).object_class == kKinds[0].object_class;
      crowd.regions.push_back({kLowX, kHighX, left ? -kFarY : -kNearY, left ? kNearY : kFarY});
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

  bool mixed_;
};

}  // namespace

const Task& TableBussing() {
  static const TableBussingTask task(false);
  return task;
}

const Task& TableBussingMixed() {
  static const TableBussingTask task(true);
  return task;
}

}  // namespace divla
