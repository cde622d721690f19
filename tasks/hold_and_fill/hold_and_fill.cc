#include "tasks/hold_and_fill/hold_and_fill.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

#include "tasks/hold_and_fill/expert.h"
#include "tasks/table_top.h"
#include "tasks/table_top_task.h"
#include "tasks/two_arms.h"

namespace divla {
namespace {

constexpr const char* kBag = "object_paper_bag";
constexpr std::array<const char*, 6> kFillers{"red_apple", "lemon", "blue_cube", "egg", "eraser", "duck"};
constexpr Region kBagRegion{0.26, 0.31, 0.0, 0.05};        // m
constexpr Region kFillerRegion{0.21, 0.33, -0.36, -0.15};  // m
constexpr double kBagYaw = 0.15, kFillerYaw = 0.4;         // rad
constexpr double kGap = 0.05;                              // m, between footprints: room for the open fingers
constexpr double kSmallRadius = 0.042, kSmallHeight = 0.075,
                 kSmallWidth = 0.055;                       // m, of what may take a filler's place
constexpr double kFlat = 0.02;                              // m
constexpr double kReached = 0.03;                           // m, left tool to the tab
constexpr double kHeld = 0.025;                             // m, right tool to the grasp point of what it holds
constexpr double kUpright = 15 * std::numbers::pi / 180.0;  // rad, of the bag's tilt
constexpr double kOpenGripper = 0.8;                        // share of the full opening
constexpr double kSlow = 0.05;                              // m/s

TaskSpec MakeSpec() {
  TaskSpec spec;
  spec.name = "hold_and_fill";
  spec.summary = "AgileX: the left hand holds the paper bag open, the right hand fills it";
  spec.robot = "agilex";
  spec.horizon = 500;
  spec.rules = 2;
  spec.instructions_seen = {
      "Put everything into the paper bag.",
      "Hold the paper bag with the left arm and fill it with the right arm.",
      "Pack what is on the right into the bag.",
      "Hold the bag open and put all objects into it.",
      "Fill the paper bag with the right arm while the left arm holds it.",
  };
  spec.instructions_unseen = {
      "Stow the goods in the carrier.",
      "Steady the sack by its tab and load it from the other side.",
      "Could you get those items packed, without letting the carrier topple?",
      "All that is lying around belongs in the sack, keep it steady meanwhile.",
      "One manipulator pinches the carrier, its partner drops the goods inside.",
  };
  return spec;
}

double Tilt(const Scene& scene, int body) { return std::acos(std::min(1.0, scene.Data().xmat[9 * body + 8])); }

std::array<double, 3> Tab(const Scene& scene, const EpisodePlan& plan) {
  return PointOn(scene, scene.BodyId(plan.destination), PlacedObject(plan, plan.destination).grasps.front().position);
}

// Small enough for the bag and for the fingers, and not so flat that they miss it.
bool GoesIntoTheBag(const ObjectInfo& object) {
  return !object.fixed && !object.container && !object.two_handed && object.radius < kSmallRadius &&
         object.size[2] < kSmallHeight && object.size[2] > kFlat && object.grasps.front().width < kSmallWidth;
}

int CountInside(const Scene& scene, const EpisodePlan& plan) {
  int inside = 0;
  for (const Assignment& assignment : plan.assignments) inside += IsInBag(scene, plan, assignment.body) ? 1 : 0;
  return inside;
}

// The object that the right hand is about: the one it holds, else the first that is not in the bag; the last one when
// all are.
const std::string& Current(const Scene& scene, const EpisodePlan& plan) {
  for (const Assignment& assignment : plan.assignments) {
    if (HoldsFiller(scene, plan, assignment.body)) return assignment.body;
  }
  for (const Assignment& assignment : plan.assignments) {
    if (!IsInBag(scene, plan, assignment.body)) return assignment.body;
  }
  return plan.assignments.back().body;
}

class HoldAndFillTask final : public TableTopTask {
 public:
  HoldAndFillTask() : TableTopTask(MakeSpec(), {"cam_high"}, kRightArm) {}

  TaskStatus Status(const Scene& scene, const EpisodePlan& plan) const override {
    const int bag = scene.BodyId(plan.destination);
    const bool held = HoldsBag(scene, plan);
    const int inside = CountInside(scene, plan);
    const int total = static_cast<int>(plan.assignments.size());
    bool free = scene.GripperOpening(kRightArm) > kOpenGripper && !scene.IsTouched(kRightArm, bag);
    bool slow = scene.BodySpeed(bag) < kSlow;
    for (const Assignment& assignment : plan.assignments) {
      const int body = scene.BodyId(assignment.body);
      free = free && !scene.IsTouched(kRightArm, body);
      slow = slow && scene.BodySpeed(body) < kSlow;
    }
    const double reach = Distance(scene.ToolPose(kLeftArm).position, Tab(scene, plan));
    TaskStatus status;
    for (const Assignment& assignment : plan.assignments)
      status.placed.push_back(IsInBag(scene, plan, assignment.body));
    status.goal = held && inside == total && free && slow && Tilt(scene, bag) < kUpright;
    status.stages = {{"reached", held || reach < kReached},
                     {"held", held},
                     {"filled once", inside > 0},
                     {"filled", inside == total},
                     {"placed", status.goal}};
    status.objects_placed = inside;
    status.objects_total = total;
    return status;
  }

  GroundTruth Truth(const Scene& scene, const EpisodePlan& plan) const override {
    const std::string bag = PlacedObject(plan, plan.destination).phrases_seen.front();
    const std::string& body = Current(scene, plan);
    const std::string object = PlacedObject(plan, body).phrases_seen.front();
    GroundTruth truth;
    truth.object_body = body;
    truth.object_position = scene.BodyPosition(scene.BodyId(body));
    truth.destination_body = plan.destination;
    truth.destination_position = scene.BodyPosition(scene.BodyId(plan.destination));
    if (!HoldsBag(scene, plan)) {
      truth.object_body = plan.destination;
      truth.object_position = Tab(scene, plan);
      truth.text = "Hold the " + bag + " with the left arm.";
      truth.required = {bag, "with the left arm"};
    } else if (HoldsFiller(scene, plan, body)) {
      truth.text = "Put the " + object + " into the " + bag + ".";
      truth.required = {object, "into the " + bag};
    } else if (!IsInBag(scene, plan, body)) {
      truth.text = "The " + object + " is not in the " + bag + " yet. Pick it up with the right arm.";
      truth.required = {object, "with the right arm"};
    } else {
      truth.text = "Everything is in the " + bag + ". Keep holding it.";
      truth.required = {bag, "Keep holding"};
    }
    return truth;
  }

  // Everything belongs into the one bag: no other instruction fits.
  std::vector<Alternative> Alternatives(const Scene&, const EpisodePlan&) const override { return {}; }

  std::unique_ptr<Expert> MakeExpert(const EpisodePlan& plan) const override {
    return std::make_unique<HoldAndFillExpert>(plan);
  }

  // Everything goes into the same bag, so neither class nor shape matters, but the size; where a category has no unseen
  // instance, one of another category that training knows takes its place.
  std::vector<std::string> Substitutes(const EpisodePlan& plan, const std::string& body,
                                       Novelty novelty) const override {
    const std::string& category = PlacedObject(plan, body).category;
    const bool instance = novelty == Novelty::kInstance;
    std::vector<std::string> same, others;
    for (const ObjectInfo& object : Catalogue()) {
      const auto placed = [&](const ObjectPlacement& other) {
        return FindObject(other.object_id).category == object.category && other.body != body;
      };
      if (object.split != (instance ? "unseen_instance" : "unseen_category") || !GoesIntoTheBag(object) ||
          std::any_of(plan.objects.begin(), plan.objects.end(), placed)) {
        continue;
      }
      (object.category == category ? same : others).push_back(object.id);
    }
    return same.empty() ? others : same;
  }

  Wordings Words(const EpisodePlan&) const override {
    return {Spec().instructions_unseen,
            {"I am leaving in a minute and would like to take these along.",
             "The desk should be bare, and I have only one hand free for carrying.",
             "The shop closes, the customer has paid and waits.", "A picnic is planned, and nothing is packed so far.",
             "This carrier falls over as soon as something goes in, can you help?"},
            {{2, "look for the tab of the carrier"},
             {1, "pinch the carrier with the left gripper"},
             {3, "take the goods at the right one by one"},
             {4, "bring them over the opening"},
             {1, "drop the goods into the carrier"},
             {5, "open the right gripper and keep the left one closed"}}};
  }

 private:
  void DrawInstruction(Rng& rng, EpisodePlan& plan) const override {
    const std::vector<std::string>& seen = Spec().instructions_seen;
    plan.instruction = seen[static_cast<std::size_t>(rng.Int(static_cast<int>(seen.size())))];
    plan.destination = kBag;
  }

  void DrawLayout(Rng& rng, EpisodePlan& plan) const override {
    PlaceObject(rng, "paper_bag", kBagRegion, kBagYaw, 0, plan.objects);
    plan.objects.front().yaw += std::numbers::pi / 2;  // the tab to the left
    const int count = 1 + rng.Int(2);
    std::vector<const char*> ids(kFillers.begin(), kFillers.end());
    for (int i = 0; i < count; ++i) {
      const auto chosen = static_cast<std::ptrdiff_t>(rng.Int(static_cast<int>(ids.size())));
      PlaceObject(rng, ids[static_cast<std::size_t>(chosen)], kFillerRegion, kFillerYaw, kGap, plan.objects);
      ids.erase(ids.begin() + chosen);
      plan.assignments.push_back({plan.objects.back().body, kBag});
    }
    plan.target = plan.assignments.front().body;
  }

  std::vector<Premise> MorePremises(const Scene& scene, const EpisodePlan& plan) const override {
    std::vector<Premise> premises{
        ReachablePremise(scene, plan.destination + ", tab", kLeftArm, {Tab(scene, plan), DownRotation()})};
    for (std::size_t i = 1; i < plan.assignments.size(); ++i) {
      const std::string& body = plan.assignments[i].body;
      premises.push_back(VisiblePremise(scene, body, {"cam_high"}));
      premises.push_back(ReachablePremise(scene, body, kRightArm, GraspPose(scene, body, PlacedObject(plan, body))));
    }
    return premises;
  }
};

}  // namespace

bool IsInBag(const Scene& scene, const EpisodePlan& plan, const std::string& body) {
  const ObjectContainer& inside = *PlacedObject(plan, plan.destination).container;
  const mjData& data = scene.Data();
  const int bag = scene.BodyId(plan.destination);
  mjtNum offset[3];
  mjtNum local[3];
  mju_sub3(offset, data.xipos + 3 * scene.BodyId(body), data.xpos + 3 * bag);
  mju_mulMatTVec3(local, data.xmat + 9 * bag, offset);
  return std::abs(local[0]) < inside.half_size[0] && std::abs(local[1]) < inside.half_size[1] &&
         local[2] > inside.floor && local[2] < inside.rim;
}

bool HoldsBag(const Scene& scene, const EpisodePlan& plan) {
  return Holds(scene, kLeftArm, scene.BodyId(plan.destination), PlacedObject(plan, plan.destination).grasps.front());
}

bool HoldsFiller(const Scene& scene, const EpisodePlan& plan, const std::string& body) {
  const std::array<double, 3> grasp = GraspPose(scene, body, PlacedObject(plan, body)).position;
  return scene.IsTouched(kRightArm, scene.BodyId(body)) && scene.GripperOpening(kRightArm) < kOpenGripper &&
         Distance(scene.ToolPose(kRightArm).position, grasp) < kHeld;
}

const Task& HoldAndFill() {
  static const HoldAndFillTask task;
  return task;
}

}  // namespace divla
