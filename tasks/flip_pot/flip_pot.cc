#include "tasks/flip_pot/flip_pot.h"

#include <cmath>
#include <numbers>

#include "sim/check.h"
#include "tasks/flip_pot/expert.h"
#include "tasks/table_top.h"
#include "tasks/table_top_task.h"
#include "tasks/wordings.h"

namespace divla {
namespace {

constexpr const char* kPot = "object_two_handled_pot";
constexpr Region kPotRegion{0.42, 0.58, -0.13, 0.13};      // m, of the lying pot's middle
constexpr Region kBesideRegion{0.36, 0.62, -0.24, 0.24};   // m
constexpr double kHalfHeight = 0.029, kHalfWidth = 0.028;  // m, of the pot
constexpr double kYaw = 0.35;                              // rad, of the opening around straight left or right
constexpr double kPi = std::numbers::pi;
constexpr double kGap = 0.07;  // m, from the pot to what lies beside: room for the leaning hand
const double kUpright = std::cos(15.0 * kPi / 180.0);
constexpr double kStanding = 0.005;     // m, of the base from the table's height
constexpr double kLiftedHeight = 0.06;  // m, of the centre of mass
constexpr double kReached = 0.03;       // m, tool to the point between the handles
constexpr double kOpenGripper = 0.8;    // share of the full opening
constexpr double kSlow = 0.05;          // m/s

const ObjectPlacement& PotPlacement(const EpisodePlan& plan) {
  for (const ObjectPlacement& placement : plan.objects) {
    if (placement.body == kPot) return placement;
  }
  throw InputError("episode " + ToString(plan.key) + ": flip_pot without its pot");
}

// Where the pot opened at the start: tilted about its y axis, it opens along its turned x axis.
std::array<double, 3> FirstOpening(const EpisodePlan& plan) {
  const double yaw = PotPlacement(plan).yaw;
  return {std::cos(yaw), std::sin(yaw), 0};
}

TaskSpec MakeSpec() {
  TaskSpec spec;
  spec.name = "flip_pot";
  spec.summary = "Panda: set the pot that lies on its side upright";
  spec.robot = "panda";
  spec.horizon = 240;
  spec.instructions_seen = {
      "Flip the vertically placed pot.",
      "Set the pot upright.",
      "Turn the pot so that it stands on its base.",
      "Flip the pot.",
      "The pot lies on its side, stand it up.",
  };
  spec.instructions_unseen = {
      "The saucepan has fallen over, put it right.",
      "Could you tip the saucepan back onto its bottom?",
      "Make the opening of the saucepan face the ceiling.",
      "Nothing could be cooked in a toppled saucepan, please fix that.",
      "Right the saucepan that has tumbled.",
  };
  return spec;
}

class FlipPotTask final : public TableTopTask {
 public:
  FlipPotTask() : TableTopTask(MakeSpec(), {"left", "right"}, 0) {}

  TaskStatus Status(const Scene& scene, const EpisodePlan& plan) const override {
    const int pot = scene.BodyId(kPot);
    const mjData& data = scene.Data();
    const Pose tool = scene.ToolPose(0);
    const Pose grasp = GraspPose(scene, kPot, PlacedObject(plan, kPot));
    const double reach = std::hypot(tool.position[0] - grasp.position[0], tool.position[1] - grasp.position[1],
                                    tool.position[2] - grasp.position[2]);
    const bool grasped = scene.IsGrasped(0, pot) && data.xipos[3 * pot + 2] > kLiftedHeight;
    const bool upright = data.xmat[9 * pot + 8] > kUpright;
    const bool standing = upright && std::abs(scene.BodyPosition(pot)[2]) < kStanding;
    const bool released = !scene.IsTouched(0, pot) && scene.GripperOpening(0) > kOpenGripper;
    TaskStatus status;
    status.goal = standing && released && scene.BodySpeed(pot) < kSlow;
    status.stages = {
        {"reached", reach < kReached || grasped}, {"grasped", grasped}, {"upright", upright}, {"placed", status.goal}};
    status.objects_placed = status.goal ? 1 : 0;
    return status;
  }

  GroundTruth Truth(const Scene& scene, const EpisodePlan& plan) const override {
    const int pot = scene.BodyId(kPot);
    const mjtNum* rotation = scene.Data().xmat + 9 * pot;
    const bool upright = rotation[8] > kUpright;
    const double aside = upright ? FirstOpening(plan)[1] : rotation[5];
    const std::string side = aside < 0 ? "left" : "right";  // the outer cameras face the robot
    GroundTruth truth;
    const std::string name = NounOf(plan, kPot, "pot");
    truth.text = "The " + name + " is towards " + side + ".";
    truth.required = {name, side};
    truth.object_body = kPot;
    truth.object_position = GraspPose(scene, kPot, PlacedObject(plan, kPot)).position;
    truth.destination_body = "table";
    truth.destination_position = scene.BodyPosition(pot);
    truth.destination_position[2] = 0;
    return truth;
  }

  // One pot, one thing to do with it: no other instruction fits the scene.
  std::vector<Alternative> Alternatives(const Scene&, const EpisodePlan&) const override { return {}; }

  std::unique_ptr<Expert> MakeExpert(const EpisodePlan& plan) const override {
    const double handles = PlacedObject(plan, kPot).grasps.front().position[2];
    return std::make_unique<FlipExpert>(kPot, handles, FirstOpening(plan));
  }

  // The expert takes a pot by its two handles, and only pots can be flipped.
  std::vector<std::string> Substitutes(const EpisodePlan&, const std::string&, Novelty novelty) const override {
    std::vector<std::string> ids;
    for (const ObjectInfo& object : Catalogue()) {
      if (novelty == Novelty::kInstance && object.split != "seen" && object.family == "two_handled_pot") {
        ids.push_back(object.id);
      }
    }
    return ids;
  }
  std::string Without(const std::string& axis) const override {
    return axis == "object_category" ? "only a pot with two handles can be flipped" : "";
  }

  Wordings Words(const EpisodePlan&) const override {
    return {Spec().instructions_unseen,
            {"I am about to boil an egg.", "Soup is for dinner, but it would run out as things are.",
             "Somebody bumped into the kitchenware.", "Water should stay where I pour it.",
             "Get everything ready so that I can start cooking."},
            {{2, "look which way the pot opens"},
             {1, "take hold of the pot"},
             {3, "lift it a little off the table"},
             {4, "turn it until it opens upwards"},
             {1, "set it down on its base"},
             {5, "open the gripper and move away"}}};
  }

 private:
  void DrawInstruction(Rng& rng, EpisodePlan& plan) const override {
    const std::vector<std::string>& seen = Spec().instructions_seen;
    plan.instruction = seen[static_cast<std::size_t>(rng.Int(static_cast<int>(seen.size())))];
    plan.target = kPot;
  }

  void DrawLayout(Rng& rng, EpisodePlan& plan) const override {
    const double side = rng.Int(2) == 0 ? 1.0 : -1.0;
    PlaceObject(rng, "two_handled_pot", kPotRegion, kYaw, 0, plan.objects);
    for (const char* distractor : {"bread", "sponge"}) {
      if (rng.Uniform() < 0.5) PlaceObject(rng, distractor, kBesideRegion, 0.4, kGap, plan.objects);
    }
    // Laid down where it was put: its middle stays, its base goes to the side away from the opening.
    ObjectPlacement& pot = plan.objects.front();
    pot.yaw += side * kPi / 2;
    pot.tilt = kPi / 2;
    pot.position[0] -= kHalfHeight * std::cos(pot.yaw);
    pot.position[1] -= kHalfHeight * std::sin(pot.yaw);
    pot.position[2] = kHalfWidth;
  }
};

}  // namespace

const Task& FlipPot() {
  static const FlipPotTask task;
  return task;
}

}  // namespace divla
