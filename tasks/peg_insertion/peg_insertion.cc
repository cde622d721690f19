#include "tasks/peg_insertion/peg_insertion.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

#include "tasks/peg_insertion/expert.h"
#include "tasks/peg_insertion/shapes.h"
#include "tasks/table_top.h"
#include "tasks/table_top_task.h"
#include "tasks/transfer_cube/transfer_cube.h"
#include "tasks/two_arms.h"

namespace divla {
namespace {

constexpr int kThinnest = 80;  // percent of the peg's size that still counts as the same peg
constexpr const char* kPeg = "object_peg";
constexpr const char* kSocket = "object_socket";
constexpr Region kPegRegion{0.22, 0.34, -0.26, -0.13};    // m
constexpr Region kSocketRegion{0.22, 0.34, 0.13, 0.26};   // m
constexpr double kYaw = 0.3;                              // rad, around world y
constexpr double kBehind = 0.015;                         // m, the right hand's grasp from the peg's middle
constexpr double kReached = 0.03;                         // m, tool to its part
constexpr double kHeldUp = 0.05;                          // m, lowest corners over the table
constexpr double kHoleShare = 0.3;                        // half the hole's width, of the socket's height: 15 of 50 mm
constexpr double kDepth = 0.020;                          // m behind the mouth
constexpr double kBeside = 0.004;                         // m, of the peg's end from the hole's axis: aligned
constexpr double kAskew = 10 * std::numbers::pi / 180.0;  // rad between the axes: aligned
constexpr double kSlow = 0.05;                            // m/s

TaskSpec MakeSpec() {
  TaskSpec spec;
  spec.name = "peg_insertion";
  spec.summary = "AgileX: the right hand puts the peg into the socket that the left hand holds";
  spec.robot = "agilex";
  spec.horizon = 400;
  spec.rules = 2;
  spec.instructions_seen = {
      "Put the peg into the socket.",
      "Pick up the peg and the socket, then insert the peg.",
      "Insert the red peg into the blue socket.",
      "Take the peg with the right arm and the socket with the left arm and put them together.",
      "Push the red peg into the hole of the socket.",
  };
  spec.instructions_unseen = {
      "Slide the dowel into the sleeve.",
      "Join the crimson dowel and the azure sleeve in mid air.",
      "Could you plug the opening of the sleeve with that dowel?",
      "Assemble the two parts: the dowel belongs inside the sleeve.",
      "One manipulator steadies the sleeve while the other threads the dowel through it.",
  };
  return spec;
}

const std::string& BodyOf(const EpisodePlan& plan, int arm) { return arm == kLeftArm ? plan.destination : plan.target; }

// A vector of the world in the body's frame.
std::array<double, 3> InFrame(const Scene& scene, int body, const std::array<double, 3>& point) {
  std::array<double, 3> offset{};
  std::array<double, 3> local{};
  const std::array<double, 3> origin = MiddleOf(scene, body);
  mju_sub3(offset.data(), point.data(), origin.data());
  mju_mulMatTVec3(local.data(), scene.Data().xmat + 9 * body, offset.data());
  return local;
}

class PegInsertionTask final : public TableTopTask {
 public:
  PegInsertionTask() : TableTopTask(MakeSpec(), {"cam_high"}, kRightArm) {}

  TaskStatus Status(const Scene& scene, const EpisodePlan& plan) const override {
    bool reached = true;
    bool grasped = true;
    bool slow = true;
    for (const int arm : {kLeftArm, kRightArm}) {
      const int body = scene.BodyId(BodyOf(plan, arm));
      const bool holds = HoldsPart(scene, plan, arm);
      grasped = grasped && holds && Clearance(scene, body) >= kHeldUp;
      slow = slow && scene.BodySpeed(body) < kSlow;
      reached = reached && (holds || Distance(scene.ToolPose(arm).position, PartGrasp(scene, plan, arm)) < kReached);
    }
    const PegFit fit = FitOf(scene, plan);
    const double play = kHoleShare * PlacedObject(plan, plan.destination).size[2];
    TaskStatus status;
    status.goal = grasped && slow && fit.depth >= kDepth && fit.sideways < play && fit.at_mouth < play;
    status.stages = {{"reached", reached},
                     {"grasped", grasped},
                     {"aligned", grasped && fit.sideways < kBeside && fit.angle < kAskew},
                     {"inserted", status.goal}};
    status.objects_placed = status.goal ? 1 : 0;
    return status;
  }

  GroundTruth Truth(const Scene& scene, const EpisodePlan& plan) const override {
    const std::string peg = PlacedObject(plan, plan.target).phrases_seen.front();
    const std::string socket = PlacedObject(plan, plan.destination).phrases_seen.front();
    const TaskStatus status = Status(scene, plan);
    const bool grasped = status.stages[1].done;
    const PegFit fit = FitOf(scene, plan);
    GroundTruth truth;
    truth.object_body = plan.target;
    truth.object_position = MiddleOf(scene, scene.BodyId(plan.target));
    truth.destination_body = plan.destination;
    truth.destination_position = MiddleOf(scene, scene.BodyId(plan.destination));
    if (status.goal) {
      truth.text = "Hold the " + peg + " in the " + socket + ".";
      truth.required = {peg, "in the " + socket};
    } else if (grasped && fit.sideways < kBeside && fit.angle < kAskew) {
      truth.text = "Push the " + peg + " into the " + socket + ".";
      truth.required = {peg, "into the " + socket};
    } else if (grasped) {
      truth.text = "Line the " + peg + " up with the hole of the " + socket + ".";
      truth.required = {peg, "hole of the " + socket};
    } else if (HoldsPart(scene, plan, kRightArm)) {
      truth.text = "The right arm has the " + peg + ". Pick up the " + socket + " with the left arm.";
      truth.required = {peg, socket, "with the left arm"};
      if (HoldsPart(scene, plan, kLeftArm)) {
        truth.text = "Lift the " + peg + " and the " + socket + " off the table.";
        truth.required = {peg, socket, "off the table"};
      }
    } else if (HoldsPart(scene, plan, kLeftArm)) {
      truth.text = "The left arm has the " + socket + ". Pick up the " + peg + " with the right arm.";
      truth.required = {peg, socket, "with the right arm"};
    } else {
      truth.text = "Pick up the " + peg + " with the right arm and the " + socket + " with the left arm.";
      truth.required = {peg, socket, "with the right arm"};
    }
    return truth;
  }

  // One peg, one socket: no other instruction fits.
  std::vector<Alternative> Alternatives(const Scene&, const EpisodePlan&) const override { return {}; }

  std::unique_ptr<Expert> MakeExpert(const EpisodePlan& plan) const override {
    return std::make_unique<PegInsertionExpert>(plan);
  }

  // A thicker peg does not go in, and a thing that is no peg has nothing to do with the hole.
  std::array<int, 2> SizeRange(const EpisodePlan&, const std::string&) const override { return {kThinnest, 100}; }
  std::string Without(const std::string& axis) const override {
    return axis == "object_instance" || axis == "object_category" ? "only the peg fits the hole" : "";
  }

  Wordings Words(const EpisodePlan&) const override {
    return {
        Spec().instructions_unseen,
        {"These two loose parts should be one piece.", "I do not want to be able to look through the sleeve any more.",
         "The crimson part keeps rolling away, the azure one could keep it.",
         "My child shows how a dowel joint works, please do the same without the desk.",
         "Somebody took this joint apart, restore it."},
        {{2, "look for the dowel and the sleeve"},
         {1, "take the dowel with the right gripper and the sleeve with the left one"},
         {3, "bring both up to the middle"},
         {4, "point the dowel at the opening"},
         {1, "slide the dowel into the sleeve"},
         {5, "keep both still in the air"}}};
  }

 private:
  void DrawInstruction(Rng& rng, EpisodePlan& plan) const override {
    const std::vector<std::string>& seen = Spec().instructions_seen;
    plan.instruction = seen[static_cast<std::size_t>(rng.Int(static_cast<int>(seen.size())))];
    plan.target = kPeg;
    plan.destination = kSocket;
  }

  void DrawLayout(Rng& rng, EpisodePlan& plan) const override {
    PlaceObject(rng, "peg", kPegRegion, kYaw, 0, plan.objects);
    PlaceObject(rng, "socket", kSocketRegion, kYaw, 0, plan.objects);
    for (ObjectPlacement& placement : plan.objects) placement.yaw += std::numbers::pi / 2;
  }

  std::vector<Premise> MorePremises(const Scene& scene, const EpisodePlan& plan) const override {
    const Pose grasp{PartGrasp(scene, plan, kLeftArm), DownRotation()};
    return {ReachablePremise(scene, plan.destination, kLeftArm, grasp)};
  }
};

}  // namespace

std::array<double, 3> MiddleOf(const Scene& scene, int body) {
  const mjtNum* centre = scene.Data().xipos + 3 * body;
  return {centre[0], centre[1], centre[2]};
}

double HalfLength(const EpisodePlan& plan, const std::string& body) { return 0.5 * PlacedObject(plan, body).size[0]; }

std::array<double, 3> PartGrasp(const Scene& scene, const EpisodePlan& plan, int arm) {
  const int body = scene.BodyId(BodyOf(plan, arm));
  std::array<double, 3> point = PlacedObject(plan, BodyOf(plan, arm)).grasps.front().position;
  // Behind the middle of a peg that points to the left: towards the right, at whichever end that is.
  if (arm == kRightArm) point[0] += std::sin(Heading(scene, body)) > 0 ? -kBehind : kBehind;
  return PointOn(scene, body, point);
}

bool HoldsPart(const Scene& scene, const EpisodePlan& plan, int arm) {
  const std::string& body = BodyOf(plan, arm);
  return Holds(scene, arm, scene.BodyId(body), PlacedObject(plan, body).grasps.front());
}

PegFit FitOf(const Scene& scene, const EpisodePlan& plan) {
  const int peg = scene.BodyId(plan.target);
  const int socket = scene.BodyId(plan.destination);
  const std::array<double, 3> middle = InFrame(scene, socket, MiddleOf(scene, peg));
  const mjtNum* rotation = scene.Data().xmat + 9 * peg;
  std::array<double, 3> axis{};
  const mjtNum peg_axis[3] = {rotation[0], rotation[3], rotation[6]};
  mju_mulMatTVec3(axis.data(), scene.Data().xmat + 9 * socket, peg_axis);
  // The axis from the peg's middle towards the hole's.
  if (mju_dot3(axis.data(), middle.data()) > 0) mju_scl3(axis.data(), axis.data(), -1);
  const double half = HalfLength(plan, plan.target);
  const double mouth = (axis[0] > 0 ? -1 : 1) * HalfLength(plan, plan.destination);
  std::array<double, 3> end{};
  mju_addScl3(end.data(), middle.data(), axis.data(), half);
  PegFit fit;
  fit.depth = (axis[0] > 0 ? 1 : -1) * (end[0] - mouth);
  fit.sideways = std::max(std::abs(end[1]), std::abs(end[2]));
  fit.angle = std::acos(std::min(1.0, std::abs(axis[0])));
  const double to_mouth = std::abs(axis[0]) > 1e-6 ? (mouth - middle[0]) / axis[0] : 1e9;
  fit.at_mouth = std::max(std::abs(middle[1] + to_mouth * axis[1]), std::abs(middle[2] + to_mouth * axis[2]));
  return fit;
}

const Task& PegInsertion() {
  static const PegInsertionTask task;
  return task;
}

}  // namespace divla
