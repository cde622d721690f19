#include "tasks/cube_in_lidded_box/cube_in_lidded_box.h"

#include <algorithm>
#include <cmath>
#include <tuple>
#include <utility>

#include "tasks/pick_place.h"
#include "tasks/table_top.h"
#include "tasks/table_top_task.h"
#include "tasks/wordings.h"

namespace divla {
namespace {

constexpr const char* kCube = "object_light_blue_cube";
constexpr const char* kBox = "object_lidded_box";
constexpr const char* kLid = "object_box_lid";
constexpr double kBoxX = 0.53, kBoxY = 0.20, kBoxJitter = 0.02;  // m
constexpr double kBoxYaw = 0.3;                                  // rad
constexpr double kOuterHalf = 0.066;                             // m, of the box's outer walls
constexpr double kLidOnBox = 0.036;                              // m, the lid's base when its plate lies on the rim
constexpr double kLidMargin = 0.02;                              // m, around the lid where it is laid down
constexpr double kLidBeside = 0.19;                              // m, from the box towards the robot: the expert's spot
constexpr double kLidLow = 0.030;                                // m, of the lid's centre of mass over the table
constexpr double kLidRelease = 0.023;                            // m, tool over the table when it lets the lid go
constexpr double kCubeRelease = 0.062;                           // m, tool over the table when it lets the cube go
constexpr double kLiftedHeight = 0.05;                           // m, of the cube's base
constexpr double kReached = 0.03;                                // m, tool to the grasp point
constexpr double kOpenGripper = 0.8;                             // share of the full opening
constexpr double kSlow = 0.05;                                   // m/s

TaskSpec MakeSpec() {
  TaskSpec spec;
  spec.name = "cube_in_lidded_box";
  spec.summary = "Panda: take the lid off the yellow box, then put the cube into the box";
  spec.robot = "panda";
  spec.horizon = 300;
  spec.instructions_seen = {
      "Put the cube into yellow box.",
      "Place the cube inside the box with the closed lid.",
      "Open the box and put the cube into it.",
      "Take the lid off and place the light blue cube in the box.",
      "Remove the lid, then put the cube into the yellow box.",
  };
  spec.instructions_unseen = {
      "Uncover the container and drop the azure block inside.",
      "The block should end up in the covered crate.",
      "Could you get that block into the closed container?",
      "Stow the block in the yellow case, its top has to come off.",
      "Lift the cover away, the azure block is to lie within the yellow case.",
  };
  return spec;
}

// The lid is neither on the box nor held up nor leaning on the box. The fingers may still be at its knob.
bool LidIsBeside(const Scene& scene) {
  const mjData& data = scene.Data();
  const int lid = scene.BodyId(kLid);
  const int box = scene.BodyId(kBox);
  mjtNum offset[3];
  mjtNum local[3];
  mju_sub3(offset, data.xipos + 3 * lid, data.xpos + 3 * box);
  mju_mulMatTVec3(local, data.xmat + 9 * box, offset);
  const bool outside = std::max(std::abs(local[0]), std::abs(local[1])) > kOuterHalf;
  return outside && data.xipos[3 * lid + 2] < kLidLow && !scene.InContact(lid, box);
}

bool LidIsOff(const Scene& scene) { return LidIsBeside(scene) && !scene.IsTouched(0, scene.BodyId(kLid)); }

std::array<double, 3> LidSpot(const std::array<double, 3>& box, double height) {
  return {box[0] - kLidBeside, box[1], height};
}

double ToolDistance(const Scene& scene, const std::array<double, 3>& point) {
  const std::array<double, 3> tool = scene.ToolPose(0).position;
  return std::hypot(tool[0] - point[0], tool[1] - point[1], tool[2] - point[2]);
}

// Puts the lid beside the box as often as it is not there, and the cube into the box as often as the lid is.
class LidThenCubeExpert final : public Expert {
 public:
  LidThenCubeExpert(const EpisodePlan& plan, const std::array<double, 3>& box)
      : lid_(kLid, PlacedObject(plan, kLid), LidSpot(box, kLidRelease), LidIsOff),
        cube_(MakePickPlaceExpert(plan, {box[0], box[1], kCubeRelease})) {}

  LidThenCubeExpert(const LidThenCubeExpert& other) : lid_(other.lid_), cube_(other.cube_->Clone()) {}

  std::vector<float> Act(const Scene& scene) override { return LidIsOff(scene) ? cube_->Act(scene) : lid_.Act(scene); }
  std::unique_ptr<Expert> Clone() const override { return std::make_unique<LidThenCubeExpert>(*this); }

 private:
  PickPlaceExpert lid_;
  std::unique_ptr<Expert> cube_;
};

class CubeInLiddedBoxTask final : public TableTopTask {
 public:
  CubeInLiddedBoxTask() : TableTopTask(MakeSpec(), {"left", "right"}, 0) {}

  TaskStatus Status(const Scene& scene, const EpisodePlan& plan) const override {
    const ObjectInfo& cube = PlacedObject(plan, kCube);
    const int body = scene.BodyId(kCube);
    const int lid = scene.BodyId(kLid);
    const bool lid_off = LidIsOff(scene);
    const bool inside = IsInside(scene, body, cube, scene.BodyId(kBox), *PlacedObject(plan, kBox).container);
    const bool released = !scene.IsTouched(0, body) && scene.GripperOpening(0) > kOpenGripper;
    const bool still = scene.BodySpeed(body) < kSlow && scene.BodySpeed(lid) < kSlow;
    const double reach = ToolDistance(scene, GraspPose(scene, kLid, PlacedObject(plan, kLid)).position);
    TaskStatus status;
    status.goal = inside && lid_off && released && still;
    status.stages = {{"reached", reach < kReached || lid_off},
                     {"lid off", lid_off},
                     {"grasped", scene.IsGrasped(0, body) && scene.BodyPosition(body)[2] > kLiftedHeight},
                     {"placed", status.goal}};
    status.objects_placed = status.goal ? 1 : 0;
    return status;
  }

  GroundTruth Truth(const Scene& scene, const EpisodePlan& plan) const override {
    const std::array<double, 3> box = scene.BodyPosition(scene.BodyId(kBox));
    const bool lid_off = LidIsOff(scene);
    GroundTruth truth;
    truth.object_body = lid_off ? kCube : kLid;
    truth.object_position = GraspPose(scene, truth.object_body, PlacedObject(plan, truth.object_body)).position;
    truth.destination_body = kBox;
    truth.destination_position = lid_off ? box : LidSpot(box, 0);
    if (lid_off) {
      const std::string cube = NounOf(plan, kCube, "cube");
      truth.text = "And place the " + cube + " into it.";
      truth.required = {cube, "into it"};
    } else {
      truth.text = "The box is closed. Remove the lid first.";
      truth.required = {"lid", "closed"};
    }
    return truth;
  }

  // One box, one cube: no other instruction fits the scene.
  std::vector<Alternative> Alternatives(const Scene&, const EpisodePlan&) const override { return {}; }

  std::unique_ptr<Expert> MakeExpert(const EpisodePlan& plan) const override {
    std::array<double, 3> box{};
    for (const ObjectPlacement& placement : plan.objects) {
      if (placement.body == kBox) box = placement.position;
    }
    return std::make_unique<LidThenCubeExpert>(plan, box);
  }

  // Where the lid is laid down.
  std::vector<Clearing> KeepClear(const EpisodePlan& plan) const override {
    for (const ObjectPlacement& placement : plan.objects) {
      if (placement.body != kBox) continue;
      const std::array<double, 3> spot = LidSpot(placement.position, 0);
      return {{spot[0], spot[1], PlacedObject(plan, kLid).radius + kLidMargin}};
    }
    return {};
  }

  Wordings Words(const EpisodePlan&) const override {
    return {Spec().instructions_unseen,
            {"Something is lying outside that should be put away and kept from the dust.",
             "Nobody must see the azure toy before the party, hide it.",
             "The table has to be clear, and what is shut can be opened.",
             "This block is lost so easily, keep it safe for me.",
             "I want to carry everything away in one yellow package."},
            {{2, "look at the yellow box"},
             {1, "take the lid off the yellow box"},
             {3, "lay the lid down beside the box"},
             {4, "pick up the cube"},
             {1, "put the cube into the yellow box"},
             {5, "open the gripper and move away"}}};
  }

 private:
  void DrawInstruction(Rng& rng, EpisodePlan& plan) const override {
    const std::vector<std::string>& seen = Spec().instructions_seen;
    plan.instruction = seen[static_cast<std::size_t>(rng.Int(static_cast<int>(seen.size())))];
    plan.target = kCube;
    plan.destination = kBox;
  }

  void DrawLayout(Rng& rng, EpisodePlan& plan) const override {
    const double side = rng.Int(2) == 0 ? 1.0 : -1.0;
    ObjectPlacement box{"lidded_box", kBox, {}, rng.Uniform(-kBoxYaw, kBoxYaw)};
    box.position = {kBoxX + rng.Uniform(-kBoxJitter, kBoxJitter), side * kBoxY + rng.Uniform(-kBoxJitter, kBoxJitter),
                    0};
    ObjectPlacement lid{"box_lid", kLid, box.position, box.yaw};
    lid.position[2] = kLidOnBox;
    plan.objects = {box, lid};
    Region region{0.40, 0.58, -0.18, 0.02};  // m, for a box on the positive side
    if (side < 0) std::tie(region.y_low, region.y_high) = std::pair(-region.y_high, -region.y_low);
    PlaceObject(rng, "light_blue_cube", region, 0.4, 0.03, plan.objects);
    for (const char* distractor : {"red_pepper", "green_ball"}) {
      if (rng.Uniform() < 0.5) PlaceObject(rng, distractor, region, 0, 0.03, plan.objects);
    }
  }
};

}  // namespace

const Task& CubeInLiddedBox() {
  static const CubeInLiddedBoxTask task;
  return task;
}

}  // namespace divla
