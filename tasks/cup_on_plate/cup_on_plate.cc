#include "tasks/cup_on_plate/cup_on_plate.h"

#include <fmt/format.h>

#include <cmath>
#include <numbers>
#include <tuple>
#include <utility>

#include "sim/check.h"
#include "tasks/pick_place.h"
#include "tasks/table_top.h"
#include "tasks/table_top_task.h"
#include "tasks/wordings.h"

namespace divla {
namespace {

constexpr const char* kCup = "object_blue_cup";
constexpr double kShelfX = 0.52, kShelfY = 0.21;               // m
constexpr double kShelfJitterX = 0.02, kShelfJitterY = 0.015;  // m
constexpr double kPlateJitter = 0.01;                          // m, along y
constexpr double kTopX = -0.078, kTopZ = 0.16;       // m, middle and surface of the top board in the shelf's frame
constexpr double kBottomX = 0.078, kBottomZ = 0.04;  // m, of the open half of the bottom board
constexpr double kPlateSurface = 0.010;              // m above the plate's base
constexpr double kOffCentre = 0.025;                 // m, plate's rim (54 mm inside) less the cup's base (29 mm)
constexpr double kBelow = 0.004, kAbove = 0.006;     // m, of the cup's base from the plate's surface
const double kUpright = std::cos(15.0 * std::numbers::pi / 180.0);
constexpr double kReleaseBelow = 0.004;  // m, the expert aims under the surface and lets go within 12 mm of its aim
constexpr double kCarryHeight = 0.30;    // m, tool over the table: the cup clears the top layer
constexpr double kLiftedHeight = 0.05;   // m, of the cup's base
constexpr double kReached = 0.03;        // m, tool to the grasp point
constexpr double kOpenGripper = 0.8;     // share of the full opening
constexpr double kSlow = 0.05;           // m/s

const std::vector<std::string> kLayers{"top", "bottom"};
// For scenes with one plate, and for scenes with one on each layer.
const std::vector<std::string> kSeenPlain{
    "Place the cup onto the plate.",
    "Put the cup on the plate.",
    "Set the cup down on the plate on the shelf.",
};
const std::vector<std::string> kSeenLayer{
    "Place the cup onto the plate on the {} layer.",
    "Put the cup on the {} layer's plate.",
};
const std::vector<std::string> kUnseenPlain{
    "Park the beaker on the dish.",
    "The beaker wants to stand on the dish in the rack.",
    "Could you find the dish in the rack and stand the beaker on it?",
};
const std::vector<std::string> kUnseenLayer{
    "Could you bring the beaker to the {} dish of the rack?",
    "The dish at the {} is where the beaker belongs.",
    "Stand the beaker on the rack's dish, the one at the {}.",
    "The beaker belongs on a dish, namely the {} one of the rack.",
    "Get the beaker up from the table and park it on the {} dish.",
};
const std::vector<std::string> kIntents{
    "Tea is served at the {} of the rack.",
    "I always take my coffee from the {} board, with something underneath.",
    "The table is needed, and a wet beaker leaves rings, so use what stands at the {}.",
    "Lay the place for my guest on the {} board.",
    "My sister collects her drink from the {} of the rack.",
};

std::string Fill(const std::string& pattern, const std::string& layer) {
  return fmt::format(fmt::runtime(pattern), layer);
}

std::vector<std::string> All(std::vector<std::string> plain, const std::vector<std::string>& by_layer) {
  for (const std::string& pattern : by_layer) {
    for (const std::string& layer : kLayers) plain.push_back(Fill(pattern, layer));
  }
  return plain;
}

std::string PlateBody(const std::string& layer) { return "object_shelf_plate_" + layer; }

std::string LayerOf(const std::string& plate_body) {
  for (const std::string& layer : kLayers) {
    if (plate_body == PlateBody(layer)) return layer;
  }
  throw InputError("cup_on_plate: destination '" + plate_body + "' is none of its plates");
}

std::string OtherLayer(const std::string& layer) { return layer == "top" ? "bottom" : "top"; }

bool StandsOn(const Scene& scene, int cup, const std::array<double, 3>& plate) {
  const std::array<double, 3> base = scene.BodyPosition(cup);
  const double height = base[2] - plate[2] - kPlateSurface;
  return std::hypot(base[0] - plate[0], base[1] - plate[1]) < kOffCentre && height > -kBelow && height < kAbove &&
         scene.Data().xmat[9 * cup + 8] > kUpright;
}

TaskSpec MakeSpec() {
  TaskSpec spec;
  spec.name = "cup_on_plate";
  spec.summary = "Panda: put the cup onto the plate on the top or the bottom layer of a shelf";
  spec.robot = "panda";
  spec.horizon = 240;
  spec.instructions_seen = All(kSeenPlain, kSeenLayer);
  spec.instructions_unseen = All(kUnseenPlain, kUnseenLayer);
  return spec;
}

class CupOnPlateTask final : public TableTopTask {
 public:
  CupOnPlateTask() : TableTopTask(MakeSpec(), {"left", "right"}, 0) {}

  TaskStatus Status(const Scene& scene, const EpisodePlan& plan) const override {
    const int cup = scene.BodyId(kCup);
    const Pose tool = scene.ToolPose(0);
    const Pose grasp = GraspPose(scene, kCup, PlacedObject(plan, kCup));
    const double reach = std::hypot(tool.position[0] - grasp.position[0], tool.position[1] - grasp.position[1],
                                    tool.position[2] - grasp.position[2]);
    const bool grasped = scene.IsGrasped(0, cup) && scene.BodyPosition(cup)[2] > kLiftedHeight;
    const bool released = !scene.IsTouched(0, cup) && scene.GripperOpening(0) > kOpenGripper;
    TaskStatus status;
    status.goal = StandsOn(scene, cup, scene.BodyPosition(scene.BodyId(plan.destination))) && released &&
                  scene.BodySpeed(cup) < kSlow;
    status.stages = {{"reached", reach < kReached || grasped}, {"grasped", grasped}, {"placed", status.goal}};
    status.objects_placed = status.goal ? 1 : 0;
    return status;
  }

  GroundTruth Truth(const Scene& scene, const EpisodePlan& plan) const override {
    return TruthFor(scene, plan, LayerOf(plan.destination));
  }

  // With a plate on both layers, the texts that name the other one.
  std::vector<Alternative> Alternatives(const Scene& scene, const EpisodePlan& plan) const override {
    const std::string other = OtherLayer(LayerOf(plan.destination));
    std::vector<Alternative> others;
    for (const ObjectPlacement& placement : plan.objects) {
      if (placement.body != PlateBody(other)) continue;
      for (const std::string& pattern : kSeenLayer)
        others.push_back({Fill(pattern, other), TruthFor(scene, plan, other)});
    }
    return others;
  }

  std::unique_ptr<Expert> MakeExpert(const EpisodePlan& plan) const override {
    const ObjectInfo& cup = PlacedObject(plan, kCup);
    std::array<double, 3> plate{};
    for (const ObjectPlacement& placement : plan.objects) {
      if (placement.body == plan.destination) plate = placement.position;
    }
    std::array<double, 3> place = plate;
    place[2] += kPlateSurface + cup.grasps.front().position[2] - kReleaseBelow;
    PickPlaceOptions options;
    options.carry_height = kCarryHeight;
    const auto done = [plate](const Scene& scene) {
      const int body = scene.BodyId(kCup);
      return !scene.IsTouched(0, body) && StandsOn(scene, body, plate);
    };
    return std::make_unique<PickPlaceExpert>(kCup, cup, place, done, options);
  }

  bool HasIntervention(InterventionKind kind) const override { return kind == InterventionKind::kInstruction; }
  // The other layer, where it has a plate.
  std::optional<EpisodePlan> Intervene(const Scene&, const EpisodePlan& plan, InterventionKind kind, const std::string&,
                                       Rng& rng) const override {
    if (!HasIntervention(kind)) return std::nullopt;
    const std::string other = OtherLayer(LayerOf(plan.destination));
    const std::string& pattern = kSeenLayer[static_cast<std::size_t>(rng.Int(static_cast<int>(kSeenLayer.size())))];
    for (const ObjectPlacement& placement : plan.objects) {
      if (placement.body != PlateBody(other)) continue;
      EpisodePlan next = plan;
      next.instruction = Fill(pattern, other);
      next.destination = PlateBody(other);
      return next;
    }
    return std::nullopt;
  }

  Wordings Words(const EpisodePlan& plan) const override {
    const std::string layer = LayerOf(plan.destination);
    Wordings words;
    for (const std::string& pattern : kUnseenLayer) words.paraphrases.push_back(Fill(pattern, layer));
    for (const std::string& pattern : kIntents) words.intents.push_back(Fill(pattern, layer));
    const std::string plate = "the plate on the " + layer + " layer";
    words.steps = PickPlaceSteps("the cup", "put it on " + plate, plate);
    return words;
  }

 private:
  void DrawInstruction(Rng& rng, EpisodePlan& plan) const override {
    const std::string& layer = kLayers[static_cast<std::size_t>(rng.Int(2))];
    const std::vector<std::string>& patterns = rng.Int(2) == 0 ? kSeenPlain : kSeenLayer;
    plan.instruction = Fill(patterns[static_cast<std::size_t>(rng.Int(static_cast<int>(patterns.size())))], layer);
    plan.target = kCup;
    plan.destination = PlateBody(layer);
  }

  void DrawLayout(Rng& rng, EpisodePlan& plan) const override {
    const double side = rng.Int(2) == 0 ? 1.0 : -1.0;
    ObjectPlacement shelf{"two_tier_shelf", "object_two_tier_shelf", {}, 0};
    shelf.position = {kShelfX + rng.Uniform(-kShelfJitterX, kShelfJitterX),
                      side * kShelfY + rng.Uniform(-kShelfJitterY, kShelfJitterY), 0};
    plan.objects = {shelf};
    // A text that names no layer needs a scene with one plate.
    const std::string meant = LayerOf(plan.destination);
    const bool names_layer = plan.instruction.find(meant + " layer") != std::string::npos;
    for (const std::string& layer : kLayers) {
      const double aside = rng.Uniform(-kPlateJitter, kPlateJitter);
      if (layer != meant && !names_layer) continue;
      const bool top = layer == "top";
      ObjectPlacement plate{"shelf_plate", PlateBody(layer), shelf.position, 0};
      plate.position[0] += top ? kTopX : kBottomX;
      plate.position[1] += aside;
      plate.position[2] = top ? kTopZ : kBottomZ;
      plan.objects.push_back(plate);
    }
    Region region{0.40, 0.58, -0.20, -0.02};  // m, for a shelf on the positive side
    if (side < 0) std::tie(region.y_low, region.y_high) = std::pair(-region.y_high, -region.y_low);
    PlaceObject(rng, "blue_cup", region, 0.4, 0.03, plan.objects);
    for (const char* distractor : {"red_pepper", "green_ball"}) {
      if (rng.Uniform() < 0.5) PlaceObject(rng, distractor, region, 0, 0.03, plan.objects);
    }
  }

  static GroundTruth TruthFor(const Scene& scene, const EpisodePlan& plan, const std::string& layer) {
    GroundTruth truth;
    truth.text = "The plate is on the " + layer + " layer.";
    truth.required = {"plate", layer + " layer"};
    truth.object_body = kCup;
    truth.object_position = GraspPose(scene, kCup, PlacedObject(plan, kCup)).position;
    truth.destination_body = PlateBody(layer);
    truth.destination_position = scene.BodyPosition(scene.BodyId(truth.destination_body));
    return truth;
  }
};

}  // namespace

const Task& CupOnPlate() {
  static const CupOnPlateTask task;
  return task;
}

}  // namespace divla
