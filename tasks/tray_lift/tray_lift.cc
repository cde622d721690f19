#include "tasks/tray_lift/tray_lift.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

#include "tasks/table_top.h"
#include "tasks/table_top_task.h"
#include "tasks/transfer_cube/transfer_cube.h"
#include "tasks/tray_lift/expert.h"
#include "tasks/two_arms.h"

namespace divla {
namespace {

constexpr const char* kTray = "object_lift_tray";
constexpr std::array<const char*, 5> kLoads{"red_apple", "red_can", "blue_cube", "blue_mug", "juice_box"};
constexpr Region kTrayRegion{0.24, 0.32, -0.03, 0.03};    // m
constexpr double kTrayYaw = 0.15;                         // rad
constexpr double kLoadX = 0.04, kLoadY = 0.03;            // m, from the tray's middle
constexpr double kReached = 0.03;                         // m, tool to its handle
constexpr double kLifted = 0.03;                          // m, lowest point over the table: lifted
constexpr double kHeldUp = 0.08;                          // m, lowest point over the table: success
constexpr double kLevel = 10 * std::numbers::pi / 180.0;  // rad, of tilt
constexpr double kSlow = 0.05;                            // m/s

TaskSpec MakeSpec() {
  TaskSpec spec;
  spec.name = "tray_lift";
  spec.summary = "AgileX: both hands lift a tray by its handles and keep it level";
  spec.robot = "agilex";
  spec.horizon = 300;
  spec.rules = 2;
  spec.instructions_seen = {
      "Lift the tray with both arms.",
      "Pick up the tray by its two handles and keep it level.",
      "Raise the wooden tray with both hands, nothing may fall off.",
      "Take the tray at both handles and lift it up.",
      "Lift the wooden tray without dropping what is on it.",
  };
  spec.instructions_unseen = {
      "Hoist the salver with your two grippers.",
      "Bring the serving board up into the air, balanced.",
      "Could you elevate the salver evenly from either side?",
      "Seize the board at its grips and heave it upwards.",
      "The whole salver should hover over the desk, its cargo undisturbed.",
  };
  return spec;
}

double Tilt(const Scene& scene, int body) { return std::acos(std::min(1.0, scene.Data().xmat[9 * body + 8])); }

Pose Handle(const Scene& scene, const EpisodePlan& plan, int arm) {
  const int tray = scene.BodyId(plan.target);
  const ObjectGrasp& grasp = PlacedObject(plan, plan.target).grasps.at(static_cast<std::size_t>(arm));
  return {PointOn(scene, tray, grasp.position), DownRotation(GraspYaw(Heading(scene, tray)))};
}

bool HoldsHandle(const Scene& scene, const EpisodePlan& plan, int arm) {
  const ObjectGrasp& grasp = PlacedObject(plan, plan.target).grasps.at(static_cast<std::size_t>(arm));
  return Holds(scene, arm, scene.BodyId(plan.target), grasp);
}

// The load is the one object beside the tray.
const std::string& Load(const EpisodePlan& plan) { return plan.destination; }

class TrayLiftTask final : public TableTopTask {
 public:
  TrayLiftTask() : TableTopTask(MakeSpec(), {"cam_high"}, kLeftArm) {}

  TaskStatus Status(const Scene& scene, const EpisodePlan& plan) const override {
    const int tray = scene.BodyId(plan.target);
    bool reached = true;
    bool grasped = true;
    for (const int arm : {kLeftArm, kRightArm}) {
      const bool holds = HoldsHandle(scene, plan, arm);
      grasped = grasped && holds;
      reached =
          reached && (holds || Distance(scene.ToolPose(arm).position, Handle(scene, plan, arm).position) < kReached);
    }
    const double clearance = Clearance(scene, tray);
    const bool kept = RestsOnTray(scene, plan);
    TaskStatus status;
    status.goal =
        grasped && kept && clearance >= kHeldUp && Tilt(scene, tray) < kLevel && scene.BodySpeed(tray) < kSlow;
    status.stages = {{"reached", reached},
                     {"grasped", grasped},
                     {"lifted", grasped && kept && clearance > kLifted},
                     {"placed", status.goal}};
    status.objects_placed = status.goal ? 1 : 0;
    return status;
  }

  GroundTruth Truth(const Scene& scene, const EpisodePlan& plan) const override {
    const int tray = scene.BodyId(plan.target);
    const std::string load = PlacedObject(plan, Load(plan)).phrases_seen.front();
    const std::array<double, 3> base = scene.BodyPosition(tray);
    const double clearance = Clearance(scene, tray);
    GroundTruth truth;
    truth.object_body = plan.target;
    truth.object_position = base;
    truth.destination_body = plan.target;
    truth.destination_position = {base[0], base[1], kHeldUp};
    if (!LoadIsOver(scene, plan)) {
      truth.object_body = Load(plan);
      truth.object_position = scene.BodyPosition(scene.BodyId(Load(plan)));
      truth.destination_position = base;
      truth.text = "The " + load + " is not on the tray. Put it back on the tray.";
      truth.required = {load, "back on the tray"};
    } else if (clearance <= kLifted &&  // a tray in the air is not yet to be grasped, however it sits in the hands
               (!HoldsHandle(scene, plan, kLeftArm) || !HoldsHandle(scene, plan, kRightArm))) {
      truth.text = "The " + load + " is on the tray. Grasp the tray by both handles.";
      truth.required = {"tray", "by both handles"};
    } else if (clearance < kHeldUp) {
      truth.text = "Lift the tray with both arms and keep the " + load + " on it.";
      truth.required = {"tray", "with both arms", load};
    } else {
      truth.text = "Hold the tray level with both arms.";
      truth.required = {"tray", "with both arms"};
    }
    return truth;
  }

  // One tray and one way to lift it: no other instruction fits.
  std::vector<Alternative> Alternatives(const Scene&, const EpisodePlan&) const override { return {}; }

  std::unique_ptr<Expert> MakeExpert(const EpisodePlan& plan) const override {
    return std::make_unique<TrayLiftExpert>(plan);
  }

  // Another load: there is one tray that has two handles.
  std::vector<std::string> Exchangeable(const EpisodePlan& plan) const override { return {Load(plan)}; }

  Wordings Words(const EpisodePlan&) const override {
    return {Spec().instructions_unseen,
            {"I want to wipe the desk where the salver stands.",
             "The waiter is about to leave with the order, get it ready for him.",
             "Somebody will push a cloth under the salver in a moment.",
             "My coffee table should be free for a second, and please spill nothing.",
             "It is too heavy for one side alone, and I would like to see it from below."},
            {{2, "look for the handles of the salver"},
             {1, "close each gripper on one handle"},
             {3, "wait until either side is held firmly"},
             {1, "raise the salver off the desk"},
             {4, "move up equally fast at the left and the right"},
             {5, "stop in the air and stay balanced"}}};
  }

 private:
  void DrawInstruction(Rng& rng, EpisodePlan& plan) const override {
    const std::vector<std::string>& seen = Spec().instructions_seen;
    plan.instruction = seen[static_cast<std::size_t>(rng.Int(static_cast<int>(seen.size())))];
    plan.target = kTray;
  }

  void DrawLayout(Rng& rng, EpisodePlan& plan) const override {
    PlaceObject(rng, "lift_tray", kTrayRegion, kTrayYaw, 0, plan.objects);
    const ObjectPlacement tray = plan.objects.front();
    const std::string id = kLoads[static_cast<std::size_t>(rng.Int(static_cast<int>(kLoads.size())))];
    ObjectPlacement load{id, "object_" + id, {}, 0};
    const double x = rng.Uniform(-kLoadX, kLoadX);
    const double y = rng.Uniform(-kLoadY, kLoadY);
    load.position = {tray.position[0] + x * std::cos(tray.yaw) - y * std::sin(tray.yaw),
                     tray.position[1] + x * std::sin(tray.yaw) + y * std::cos(tray.yaw),
                     FindObject("lift_tray").container->floor};
    load.yaw = rng.Uniform(-std::numbers::pi, std::numbers::pi);
    plan.destination = load.body;
    plan.objects.push_back(load);
  }

  std::vector<Premise> MorePremises(const Scene& scene, const EpisodePlan& plan) const override {
    return {ReachablePremise(scene, plan.target + ", right handle", kRightArm, Handle(scene, plan, kRightArm)),
            {"loaded", RestsOnTray(scene, plan), "the load rests on the tray"}};
  }
};

}  // namespace

bool LoadIsOver(const Scene& scene, const EpisodePlan& plan) {
  const ObjectContainer& inside = *PlacedObject(plan, plan.target).container;
  const mjData& data = scene.Data();
  const int tray = scene.BodyId(plan.target);
  mjtNum offset[3];
  mjtNum local[3];
  mju_sub3(offset, data.xipos + 3 * scene.BodyId(Load(plan)), data.xpos + 3 * tray);
  mju_mulMatTVec3(local, data.xmat + 9 * tray, offset);
  return std::abs(local[0]) < inside.half_size[0] && std::abs(local[1]) < inside.half_size[1] &&
         local[2] > inside.floor;
}

bool RestsOnTray(const Scene& scene, const EpisodePlan& plan) {
  const int load_body = scene.BodyId(Load(plan));
  const int tray_body = scene.BodyId(plan.target);
  if (!LoadIsOver(scene, plan) || !scene.InContact(load_body, tray_body)) return false;
  if (scene.InContact(load_body, scene.BodyId("table"))) return false;
  if (scene.IsTouched(kLeftArm, load_body) || scene.IsTouched(kRightArm, load_body)) return false;
  // The tray's velocity where the load is, so that a load that turns with the tray is at rest.
  mjtNum of_load[6];
  mjtNum of_tray[6];
  mjtNum arm[3];
  mjtNum turning[3];
  mj_objectVelocity(&scene.Model(), &scene.Data(), mjOBJ_BODY, load_body, of_load, 0);
  mj_objectVelocity(&scene.Model(), &scene.Data(), mjOBJ_BODY, tray_body, of_tray, 0);
  mju_sub3(arm, scene.Data().xipos + 3 * load_body, scene.Data().xipos + 3 * tray_body);
  mju_cross(turning, of_tray, arm);
  mjtNum relative[3];
  for (int i = 0; i < 3; ++i) relative[i] = of_load[3 + i] - of_tray[3 + i] - turning[i];
  return mju_norm3(relative) < kSlow;
}

const Task& TrayLift() {
  static const TrayLiftTask task;
  return task;
}

}  // namespace divla
