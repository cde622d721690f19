#include "tasks/bin_picking/bin_picking.h"

#include <algorithm>
#include <cmath>

#include "tasks/pick_place.h"
#include "tasks/table_top.h"
#include "tasks/table_top_task.h"

namespace divla {
namespace {

constexpr const char* kPanel = "object_panel";
constexpr const char* kBasket = "object_basket";
constexpr double kPlaceX = 0.46, kPanelY = 0.22, kBasketY = -0.24, kJitter = 0.02;  // m
constexpr double kSpread = 0.08;        // m, of the object around the panel's middle
constexpr double kYaw = 1.0;            // rad
constexpr double kReached = 0.03;       // m, tool to the grasp point
constexpr double kLifted = 0.05;        // m, of the object's origin over the table
constexpr double kOpenGripper = 0.8;    // share of the full opening
constexpr double kSlow = 0.05;          // m/s
constexpr double kDrop = 0.012;         // m, from which the expert lets the object fall
constexpr double kHandAboveRim = 0.03;  // m, least height of the tool below the rim: the palm stays above it
constexpr double kClear = 0.05;         // m over the rim, at which the object is carried

TaskSpec MakeSpec() {
  TaskSpec spec;
  spec.name = "bin_picking";
  spec.summary = "Panda: move an unseen object from the right panel to the left basket (102 objects)";
  spec.robot = "panda";
  spec.horizon = 240;
  spec.evaluation_only = true;
  spec.instructions_seen = {
      "Move any object on the right panel to the left basket.",
      "Put the object on the right panel into the left basket.",
      "Pick up what is on the panel and place it in the basket.",
      "Take the object from the right panel and put it into the basket on the left.",
      "Place any object on the panel in the left basket.",
  };
  spec.instructions_unseen = {
      "Whatever you find on the right slab should end up in the left hamper.",
      "Clear the right slab, the hamper on the left takes everything.",
      "Could you throw that thing from the right over into the left hamper?",
      "Transfer the item on the right into the wicker one on the left.",
      "Bring the thing lying on the right slab across to the left hamper.",
      "Empty the right slab by dropping its item inside the left hamper.",
  };
  return spec;
}

class BinPickingTask final : public TableTopTask {
 public:
  BinPickingTask() : TableTopTask(MakeSpec(), {"left", "right"}, 0) {}

  TaskStatus Status(const Scene& scene, const EpisodePlan& plan) const override {
    const ObjectInfo& object = PlacedObject(plan, plan.target);
    const int body = scene.BodyId(plan.target);
    const std::array<double, 3> grasp = GraspPose(scene, plan.target, object).position;
    const std::array<double, 3> tool = scene.ToolPose(0).position;
    const double reach = std::hypot(tool[0] - grasp[0], tool[1] - grasp[1], tool[2] - grasp[2]);
    const bool grasped = scene.IsGrasped(0, body) && scene.BodyPosition(body)[2] > kLifted;
    const bool released = !scene.IsTouched(0, body) && scene.GripperOpening(0) > kOpenGripper;
    TaskStatus status;
    status.goal =
        LiesIn(scene, body, scene.BodyId(plan.destination), *PlacedObject(plan, plan.destination).container) &&
        released && scene.BodySpeed(body) < kSlow;
    status.stages = {{"reached", reach < kReached || grasped}, {"grasped", grasped}, {"placed", status.goal}};
    status.objects_placed = status.goal ? 1 : 0;
    return status;
  }

  GroundTruth Truth(const Scene& scene, const EpisodePlan& plan) const override {
    const ObjectInfo& object = PlacedObject(plan, plan.target);
    GroundTruth truth;
    truth.object_body = plan.target;
    truth.destination_body = plan.destination;
    truth.object_position = GraspPose(scene, plan.target, object).position;
    truth.destination_position = scene.BodyPosition(scene.BodyId(plan.destination));
    const std::string& name = object.phrases_seen.front();
    const std::string basket = (truth.destination_position[1] < 0 ? "left " : "right ") +
                               PlacedObject(plan, plan.destination).phrases_seen.front();
    truth.text = "Pick up the " + name + " and place it to the " + basket + ".";
    truth.required = {name, basket};
    return truth;
  }

  // One object and one basket: no other instruction fits the scene.
  std::vector<Alternative> Alternatives(const Scene&, const EpisodePlan&) const override { return {}; }

  std::unique_ptr<Expert> MakeExpert(const EpisodePlan& plan) const override {
    const ObjectInfo& object = PlacedObject(plan, plan.target);
    const ObjectContainer& basket = *PlacedObject(plan, plan.destination).container;
    const double grasp_height = object.grasps.front().position[2];
    std::array<double, 3> place{};
    for (const ObjectPlacement& placement : plan.objects) {
      if (placement.body == plan.destination) place = placement.position;
    }
    place[2] += std::max(basket.floor + grasp_height + kDrop, basket.rim - kHandAboveRim);
    PickPlaceOptions options;
    options.follow_yaw = true;
    options.careful = true;
    options.carry_height = std::max(options.carry_height, basket.rim + kClear + grasp_height);
    const auto done = [target = plan.target, destination = plan.destination, &basket](const Scene& scene) {
      const int body = scene.BodyId(target);
      return !scene.IsTouched(0, body) && LiesIn(scene, body, scene.BodyId(destination), basket);
    };
    return std::make_unique<PickPlaceExpert>(plan.target, object, place, done, options);
  }

  std::string Without(const std::string& axis) const override {
    return axis == "object_instance" || axis == "object_category" ? "every object of the task is an unseen one" : "";
  }

  Wordings Words(const EpisodePlan&) const override {
    return {
        Spec().instructions_unseen,
        {"The one on the right does not belong there, I collect everything in the wicker one.",
         "I need the right side free for my work.",
         "Somebody will carry the hamper away in a minute, nothing must stay behind.",
         "Tidy up what was left behind on the right, please.", "The left hamper is still empty, please change that."},
        {{2, "look for the object on the right panel"},
         {1, "pick up the object on the right panel"},
         {3, "lift it off the panel"},
         {4, "carry it to the left basket"},
         {1, "put it into the left basket"},
         {5, "open the gripper and move away"}}};
  }

 private:
  void DrawInstruction(Rng& rng, EpisodePlan& plan) const override {
    const std::vector<std::string>& seen = Spec().instructions_seen;
    plan.instruction = seen[static_cast<std::size_t>(rng.Int(static_cast<int>(seen.size())))];
    const std::vector<std::string>& ids = ObjectList("bin_picking");
    plan.target = "object_" + ids[static_cast<std::size_t>(plan.key.index) % ids.size()];
    plan.destination = kBasket;
  }

  void DrawLayout(Rng& rng, EpisodePlan& plan) const override {
    const auto near = [&rng](double middle, double range) { return middle + rng.Uniform(-range, range); };
    ObjectPlacement panel{"panel", kPanel, {}, 0};
    panel.position = {near(kPlaceX, kJitter), near(kPanelY, kJitter), 0};
    ObjectPlacement basket{"basket", kBasket, {}, 0};
    basket.position = {near(kPlaceX, kJitter), near(kBasketY, kJitter), 0};
    ObjectPlacement object{plan.target.substr(std::string("object_").size()), plan.target, {}, 0};
    object.position = {near(panel.position[0], kSpread), near(panel.position[1], kSpread), FindObject("panel").size[2]};
    object.yaw = rng.Uniform(-kYaw, kYaw);
    plan.objects = {panel, basket, object};
  }
};

}  // namespace

const Task& BinPicking() {
  static const BinPickingTask task;
  return task;
}

}  // namespace divla
