#include "tasks/transfer_cube/transfer_cube.h"

#include <algorithm>
#include <cmath>

#include "tasks/table_top.h"
#include "tasks/table_top_task.h"
#include "tasks/transfer_cube/expert.h"
#include "tasks/wordings.h"

namespace divla {
namespace {

constexpr const char* kCube = "object_red_cube";
constexpr const char* kLeftHand = "left_link6";
constexpr int kLeft = 0, kRight = 1;
constexpr Region kCubeRegion{0.22, 0.36, -0.34, -0.12};  // m
constexpr double kCubeYaw = 0.4;                         // rad
constexpr double kReached = 0.03;                        // m, tool to the cube's centre
constexpr double kLifted = 0.03;                         // m, lowest corner over the table: grasped
constexpr double kHeldUp = 0.08;                         // m, lowest corner over the table: success
constexpr double kApart = 0.06;                          // m, right tool to the cube's centre
constexpr double kOpenGripper = 0.8;                     // share of the full opening
constexpr double kSlow = 0.05;                           // m/s
constexpr double kNarrowest = 0.03;                      // m, of what takes the cube's place
constexpr double kMiddle = 0.04;                         // m, |y| below which the cube is on neither side

double ToCube(const Scene& scene, int arm, int cube) {
  const Pose tool = scene.ToolPose(arm);
  const mjtNum* centre = scene.Data().xipos + 3 * cube;
  return std::hypot(tool.position[0] - centre[0], tool.position[1] - centre[1], tool.position[2] - centre[2]);
}

TaskSpec MakeSpec() {
  TaskSpec spec;
  spec.name = "transfer_cube";
  spec.summary = "AgileX: the right arm picks the red cube and hands it over to the left arm";
  spec.robot = "agilex";
  spec.horizon = 300;
  spec.rules = 2;
  spec.instructions_seen = {
      "Transfer the red cube from the right arm to the left arm.",
      "Pick up the red cube with the right arm and hand it over to the left arm.",
      "Pass the cube from the right hand to the left hand.",
      "Hand the red cube over to the left arm.",
  };
  spec.instructions_unseen = {
      "Give the crimson block to your other hand.",
      "The left gripper should end up with the red block, the right one fetches it.",
      "Could you switch the cube over from right to left?",
      "Grab the red block on the right side, then let the left manipulator take it.",
      "The crimson block has to change manipulators, from right to left.",
  };
  return spec;
}

class TransferCubeTask final : public TableTopTask {
 public:
  TransferCubeTask() : TableTopTask(MakeSpec(), {"cam_high"}, kRight) {}

  TaskStatus Status(const Scene& scene, const EpisodePlan& plan) const override {
    const int cube = scene.BodyId(plan.target);
    const double clearance = Clearance(scene, cube);
    const double right_distance = ToCube(scene, kRight, cube);
    const bool left_only = scene.IsGrasped(kLeft, cube) && !scene.IsTouched(kRight, cube);
    const bool grasped = scene.IsGrasped(kRight, cube) && clearance > kLifted;
    TaskStatus status;
    status.goal = left_only && clearance >= kHeldUp && scene.GripperOpening(kRight) > kOpenGripper &&
                  right_distance >= kApart && scene.BodySpeed(cube) < kSlow;
    status.stages = {{"reached", grasped || right_distance < kReached},
                     {"grasped", grasped},
                     {"handed over", left_only && clearance > kLifted},
                     {"placed", status.goal}};
    status.objects_placed = status.goal ? 1 : 0;
    return status;
  }

  GroundTruth Truth(const Scene& scene, const EpisodePlan& plan) const override {
    const int cube = scene.BodyId(plan.target);
    const mjtNum* centre = scene.Data().xipos + 3 * cube;
    GroundTruth truth;
    truth.object_body = plan.target;
    truth.object_position = {centre[0], centre[1], centre[2]};
    truth.destination_body = plan.destination;
    truth.destination_position = scene.ToolPose(kLeft).position;
    const std::string name = NounOf(plan, kCube, "red cube");
    bool right_holds = scene.IsGrasped(kRight, cube);
    bool left_holds = scene.IsGrasped(kLeft, cube);
    // Contacts flicker while two hands pull at one cube, and a cube in the air is not to be picked up: there one finger
    // is enough when no hand has two.
    if (!right_holds && !left_holds && Clearance(scene, cube) > kLifted) {
      right_holds = scene.IsTouched(kRight, cube);
      left_holds = scene.IsTouched(kLeft, cube);
    }
    if (left_holds && !right_holds) {
      truth.text = "Hold the " + name + " with the left arm.";
      truth.required = {name, "with the left arm"};
    } else if (right_holds) {
      truth.text = "Hand the " + name + " over to the left arm.";
      truth.required = {name, "over to the left arm"};
    } else {
      const double y = centre[1];
      const std::string side = y < -kMiddle ? "on the right" : y > kMiddle ? "on the left" : "in the middle";
      truth.text = "The " + name + " is " + side + ". Pick it up with the right arm.";
      truth.required = {name, side, "with the right arm"};
    }
    return truth;
  }

  // The scene has one cube and one way to pass it: no other instruction fits.
  std::vector<Alternative> Alternatives(const Scene&, const EpisodePlan&) const override { return {}; }

  std::unique_ptr<Expert> MakeExpert(const EpisodePlan& plan) const override {
    return std::make_unique<TransferExpert>(plan.target);
  }

  // What two hands can hold at once: broad enough for both, and nothing that spins between the fingers.
  std::vector<std::string> Substitutes(const EpisodePlan& plan, const std::string& body,
                                       Novelty novelty) const override {
    std::vector<std::string> ids = Task::Substitutes(plan, body, novelty);
    std::erase_if(ids, [](const std::string& id) {
      return FindObject(id).grasps.front().width < kNarrowest || FindObject(id).category == "spinning top";
    });
    return ids;
  }

  Wordings Words(const EpisodePlan&) const override {
    return {Spec().instructions_unseen,
            {"What I need must be within reach of your left side.",
             "Your right side will be busy soon, it should not be holding toys.",
             "My friend at the left would like to have the crimson one.",
             "Do what relay runners do, starting at the right.",
             "The right one can fetch it, yet only the other one can show it to me."},
            {{2, "look for the red cube"},
             {1, "pick up the red cube with the right arm"},
             {3, "lift it up between the arms"},
             {4, "close the left gripper on it"},
             {1, "let the left arm take it over"},
             {5, "move the right arm away"}}};
  }

 private:
  void DrawInstruction(Rng& rng, EpisodePlan& plan) const override {
    const std::vector<std::string>& seen = Spec().instructions_seen;
    plan.instruction = seen[static_cast<std::size_t>(rng.Int(static_cast<int>(seen.size())))];
    plan.target = kCube;
    plan.destination = kLeftHand;
  }

  void DrawLayout(Rng& rng, EpisodePlan& plan) const override {
    PlaceObject(rng, "red_cube", kCubeRegion, kCubeYaw, 0, plan.objects);
  }
};

}  // namespace

double Clearance(const Scene& scene, int body) {
  const mjModel& model = scene.Model();
  const mjData& data = scene.Data();
  double lowest = 1e9;
  for (int g = model.body_geomadr[body]; g < model.body_geomadr[body] + model.body_geomnum[body]; ++g) {
    // The bounding box in the geom's frame: its centre's height less what each half edge reaches down.
    const mjtNum* up = data.geom_xmat + 9 * g + 6;
    const mjtNum* box = model.geom_aabb + 6 * g;
    double height = data.geom_xpos[3 * g + 2];
    for (int i = 0; i < 3; ++i) height += up[i] * box[i] - std::abs(up[i]) * box[3 + i];
    lowest = std::min(lowest, height);
  }
  return lowest;
}

const Task& TransferCube() {
  static const TransferCubeTask task;
  return task;
}

}  // namespace divla
