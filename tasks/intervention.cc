#include "tasks/intervention.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "sim/check.h"
#include "tasks/put_down.h"
#include "tasks/table_top.h"

namespace divla {
namespace {

constexpr double kWider = 0.006,
                 kNarrower = 0.03;      // m, around the grasp's width: where the fingers look for the object
constexpr double kClearance = 0.01;     // m, of what is put into the hand over the table
constexpr double kFingerStep = 0.0005;  // m, between the fingers

// The free body's object, when it can be held.
const ObjectInfo* Graspable(const Scene& scene, const EpisodePlan& plan, const std::string& body) {
  const mjModel& model = scene.Model();
  const int id = scene.BodyId(body);
  if (model.body_jntnum[id] != 1 || model.jnt_type[model.body_jntadr[id]] != mjJNT_FREE) return nullptr;
  const ObjectInfo& object = PlacedObject(plan, body);
  return object.grasps.empty() ? nullptr : &object;
}

double YawOf(const Pose& pose) {
  const auto& q = pose.rotation;
  return std::atan2(2 * (q[0] * q[3] + q[1] * q[2]), 1 - 2 * (q[2] * q[2] + q[3] * q[3]));
}

// `width`: m, between the fingers.
void SetFingers(Scene& scene, int arm, double width) {
  const mjModel& model = scene.Model();
  mjData& data = scene.MutableData();
  for (const auto& geoms : scene.GetRobot().arms.at(static_cast<std::size_t>(arm)).finger_geoms) {
    const int joint = model.body_jntadr[model.geom_bodyid[geoms.front()]];
    data.qpos[model.jnt_qposadr[joint]] = width / 2;
    data.qvel[model.jnt_dofadr[joint]] = 0;
  }
}

int ArmThatHolds(const Scene& scene, const std::string& body) {
  const int id = scene.BodyId(body);
  for (int arm = 0; arm < static_cast<int>(scene.GetRobot().arms.size()); ++arm) {
    if (scene.IsGrasped(arm, id)) return arm;
  }
  return -1;
}

}  // namespace

const char* ToString(InterventionKind kind) {
  switch (kind) {
    case InterventionKind::kNone:
      return "none";
    case InterventionKind::kObject:
      return "object";
    case InterventionKind::kInstruction:
      return "instruction";
  }
  DIVLA_CHECK(false, "unknown intervention");
}

InterventionKind InterventionOfAxis(const std::string& axis) {
  for (const InterventionKind kind : {InterventionKind::kObject, InterventionKind::kInstruction}) {
    if (axis == std::string("intervention_") + ToString(kind)) return kind;
  }
  return InterventionKind::kNone;
}

bool CanSwap(const Scene& scene, const EpisodePlan& plan, const std::string& held, const std::string& other) {
  if (held == other || Graspable(scene, plan, held) == nullptr) return false;
  const ObjectInfo* object = Graspable(scene, plan, other);
  if (object == nullptr) return false;
  const int holds = ArmThatHolds(scene, held);
  if (holds >= 0 && scene.ToolPose(holds).position[2] - object->grasps.front().position[2] < kClearance) return false;
  const auto& arms = scene.GetRobot().arms;
  return std::all_of(arms.begin(), arms.end(),
                     [&](const ArmIndex& arm) { return object->grasps.front().width < 2 * arm.finger_open; });
}

void SwapHeld(Scene& scene, const EpisodePlan& plan, int arm, const std::string& held, const std::string& other) {
  DIVLA_CHECK(CanSwap(scene, plan, held, other), "SwapHeld of bodies that cannot change places");
  scene.Forward();  // a step leaves the poses of its beginning: the hand has moved on by less than a millimetre
  const ObjectGrasp& grasp = PlacedObject(plan, other).grasps.front();
  const Pose tool = scene.ToolPose(arm);
  const Pose place = scene.BodyPose(other);

  // Upright along the tool: as it stands on the table when the tool points straight down.
  Pose gripped;
  mjtNum down[4];
  mju_negQuat(down, DownRotation().data());
  mju_mulQuat(gripped.rotation.data(), tool.rotation.data(), down);
  mjtNum offset[3];
  mju_rotVecQuat(offset, grasp.position.data(), gripped.rotation.data());
  for (std::size_t i = 0; i < 3; ++i) gripped.position[i] = tool.position[i] - offset[i];

  const double yaw = YawOf(place);
  const Pose standing{place.position, {std::cos(yaw / 2), 0, 0, std::sin(yaw / 2)}};
  scene.SetFreeBody(held, standing);
  scene.SetFreeBody(other, gripped);
  // Catalogue widths are those of the outline; shapes are a little narrower or wider where the fingers come.
  const double open = 2 * scene.GetRobot().arms.at(static_cast<std::size_t>(arm)).finger_open;
  double width = std::min(open, grasp.width + kWider);
  const double least = std::max(0.0, grasp.width - kNarrower);
  do {
    SetFingers(scene, arm, width);
    scene.Forward();
    width -= kFingerStep;
  } while (width > least && !scene.IsGrasped(arm, scene.BodyId(other)));
}

bool Intervene(const Task& task, Scene& scene, EpisodePlan& plan, const std::string& held) {
  const EpisodeKey& key = plan.key;
  Rng rng({plan.seed, key.task, key.axis, key.level, key.index, "intervention"});
  std::optional<EpisodePlan> next = task.Intervene(scene, plan, plan.intervention.kind, held, rng);
  if (!next) return false;
  if (plan.intervention.kind == InterventionKind::kObject) {
    const int arm = ArmThatHolds(scene, held);
    DIVLA_CHECK(arm >= 0, "an object is swapped while it is held");
    SwapHeld(scene, plan, arm, held, next->target);
  }
  plan = *std::move(next);
  return true;
}

std::unique_ptr<Expert> ExpertFromHere(const Task& task, const Scene& scene, const EpisodePlan& plan) {
  std::unique_ptr<Expert> expert = task.MakeExpert(plan);
  if (scene.GetRobot().arms.size() != 1) return expert;
  for (const ObjectPlacement& placement : plan.objects) {
    if (placement.body == plan.target || !scene.IsGrasped(0, scene.BodyId(placement.body))) continue;
    return std::make_unique<PutDownFirst>(plan, placement.body, std::move(expert));
  }
  return expert;
}

}  // namespace divla
