#include "tasks/cube_to_coloured_box/cube_to_coloured_box.h"

#include <fmt/format.h>

#include "sim/check.h"
#include "tasks/pick_place.h"
#include "tasks/table_top.h"
#include "tasks/table_top_task.h"
#include "tasks/wordings.h"

namespace divla {
namespace {

constexpr const char* kCube = "object_purple_cube";
constexpr Region kCubeRegion{0.40, 0.58, -0.12, 0.12};           // m
constexpr double kBoxX = 0.50, kBoxY = 0.27, kBoxJitter = 0.02;  // m
constexpr double kReleaseHeight = 0.062;                         // m, tool over the table when it lets go
constexpr double kLiftedHeight = 0.05;                           // m, of the cube's base

const std::vector<std::string> kSeenTemplates{
    "Pick purple cube to {} box.",
    "Put the purple cube into the {} box.",
    "Place the cube in the {} box.",
    "Move the purple cube to the {} box.",
};
const std::vector<std::string> kUnseenTemplates{
    "Drop the violet block inside the {} container.",
    "The purple block belongs in the {} crate, please take it there.",
    "Could you get the cube over to the {} bin?",
    "Transfer the violet cube so that it ends up in the {} box.",
    "I would like to see that violet block lying in the {} container.",
    "Find the violet cube and let it fall into the {} crate.",
};
const std::vector<std::string> kIntents{
    "The {} box is still empty, what could go in there?",
    "Everything square belongs with {}, please tidy up.",
    "I am going to carry the {} container to my child, who plays with blocks.",
    "My daughter builds a tower out of what she finds in the {} crate.",
    "Could you clear the table for me? I look for toys where it is {}.",
};
const std::vector<std::string> kColours{"blue", "yellow"};

std::string Fill(const std::string& pattern, const std::string& colour) {
  return fmt::format(fmt::runtime(pattern), colour);
}

std::vector<std::string> FillAll(const std::vector<std::string>& patterns, const std::string& colour) {
  std::vector<std::string> texts;
  for (const std::string& pattern : patterns) texts.push_back(Fill(pattern, colour));
  return texts;
}

std::vector<std::string> FillAll(const std::vector<std::string>& patterns) {
  std::vector<std::string> texts;
  for (const std::string& pattern : patterns) {
    for (const std::string& colour : kColours) texts.push_back(Fill(pattern, colour));
  }
  return texts;
}

std::string BoxBody(const std::string& colour) { return "object_" + colour + "_box"; }

std::string ColourOf(const std::string& box_body) {
  for (const std::string& colour : kColours) {
    if (box_body == BoxBody(colour)) return colour;
  }
  throw InputError("cube_to_coloured_box: destination '" + box_body + "' is none of its boxes");
}

TaskSpec MakeSpec() {
  TaskSpec spec;
  spec.name = "cube_to_coloured_box";
  spec.summary = "Panda: put the purple cube into the blue or the yellow box, as told";
  spec.robot = "panda";
  spec.horizon = 240;
  spec.instructions_seen = FillAll(kSeenTemplates);
  spec.instructions_unseen = FillAll(kUnseenTemplates);
  return spec;
}

class CubeToColouredBoxTask final : public TableTopTask {
 public:
  CubeToColouredBoxTask() : TableTopTask(MakeSpec(), {"left", "right"}, 0) {}

  TaskStatus Status(const Scene& scene, const EpisodePlan& plan) const override {
    return PickPlaceStatus(scene, plan, 0, kLiftedHeight);
  }

  GroundTruth Truth(const Scene& scene, const EpisodePlan& plan) const override {
    return TruthFor(scene, plan, ColourOf(plan.destination));
  }

  std::vector<Alternative> Alternatives(const Scene& scene, const EpisodePlan& plan) const override {
    const std::string colour = ColourOf(plan.destination) == "blue" ? "yellow" : "blue";
    std::vector<Alternative> others;
    for (const std::string& pattern : kSeenTemplates)
      others.push_back({Fill(pattern, colour), TruthFor(scene, plan, colour)});
    return others;
  }

  std::unique_ptr<Expert> MakeExpert(const EpisodePlan& plan) const override {
    std::array<double, 3> place{};
    for (const ObjectPlacement& placement : plan.objects) {
      if (placement.body == plan.destination) place = {placement.position[0], placement.position[1], kReleaseHeight};
    }
    return MakePickPlaceExpert(plan, place);
  }

  bool HasIntervention(InterventionKind kind) const override { return kind == InterventionKind::kInstruction; }
  std::optional<EpisodePlan> Intervene(const Scene&, const EpisodePlan& plan, InterventionKind kind, const std::string&,
                                       Rng& rng) const override {
    if (!HasIntervention(kind)) return std::nullopt;
    const std::string colour = ColourOf(plan.destination) == "blue" ? "yellow" : "blue";
    EpisodePlan next = plan;
    next.instruction =
        Fill(kSeenTemplates[static_cast<std::size_t>(rng.Int(static_cast<int>(kSeenTemplates.size())))], colour);
    next.destination = BoxBody(colour);
    return next;
  }

  Wordings Words(const EpisodePlan& plan) const override {
    const std::string colour = ColourOf(plan.destination);
    const std::string box = "the " + colour + " box";
    return {FillAll(kUnseenTemplates, colour), FillAll(kIntents, colour),
            PickPlaceSteps("the purple cube", "put it into " + box, box)};
  }

 private:
  void DrawInstruction(Rng& rng, EpisodePlan& plan) const override {
    const std::string& colour = kColours[static_cast<std::size_t>(rng.Int(2))];
    plan.instruction =
        Fill(kSeenTemplates[static_cast<std::size_t>(rng.Int(static_cast<int>(kSeenTemplates.size())))], colour);
    plan.target = kCube;
    plan.destination = BoxBody(colour);
  }

  void DrawLayout(Rng& rng, EpisodePlan& plan) const override {
    const double blue_side = rng.Int(2) == 0 ? 1.0 : -1.0;
    for (const std::string& box : kColours) {
      const double side = box == "blue" ? blue_side : -blue_side;
      ObjectPlacement placement{box + "_box", BoxBody(box), {}, 0};
      placement.position = {kBoxX + rng.Uniform(-kBoxJitter, kBoxJitter),
                            side * kBoxY + rng.Uniform(-kBoxJitter, kBoxJitter), 0};
      plan.objects.push_back(placement);
    }
    PlaceObject(rng, "purple_cube", kCubeRegion, 0.4, 0.03, plan.objects);
    for (const char* distractor : {"red_pepper", "green_ball"}) {
      if (rng.Uniform() < 0.5) PlaceObject(rng, distractor, kCubeRegion, 0, 0.03, plan.objects);
    }
  }

  static GroundTruth TruthFor(const Scene& scene, const EpisodePlan& plan, const std::string& colour) {
    const int box = scene.BodyId(BoxBody(colour));
    GroundTruth truth;
    truth.object_body = kCube;
    truth.destination_body = BoxBody(colour);
    truth.object_position = scene.BodyPosition(scene.BodyId(kCube));
    truth.object_position[2] += PlacedObject(plan, kCube).grasps.front().position[2];
    truth.destination_position = scene.BodyPosition(box);
    const std::string side = truth.destination_position[1] < 0 ? "left" : "right";  // the outer cameras face the robot
    truth.text = "The " + colour + " box is on the " + side + ".";
    truth.required = {colour + " box", side};
    return truth;
  }
};

}  // namespace

const Task& CubeToColouredBox() {
  static const CubeToColouredBoxTask task;
  return task;
}

}  // namespace divla
