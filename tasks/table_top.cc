#include "tasks/table_top.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "sim/check.h"
#include "sim/controller.h"
#include "sim/ik.h"
#include "sim/observe.h"
#include "tasks/variation/apply.h"

namespace divla {
namespace {

constexpr double kSettleTime = 0.2;       // s
constexpr double kRestSpeed = 0.02;       // m/s
constexpr double kOpenGripper = 0.8;      // share of the full opening
constexpr double kSlow = 0.05;            // m/s
constexpr double kReached = 0.03;         // m, tool to grasp point
constexpr double kMinVisibleShare = 0.3;  // of the sampled points, in the better outer camera

double Room(const ObjectPlacement& candidate, const std::vector<ObjectPlacement>& placed) {
  double room = 1e9;
  const double radius = FindObject(candidate.object_id).radius;
  for (const ObjectPlacement& other : placed) {
    const double distance =
        std::hypot(candidate.position[0] - other.position[0], candidate.position[1] - other.position[1]);
    room = std::min(room, distance - radius - FindObject(other.object_id).radius);
  }
  return room;
}

}  // namespace

std::filesystem::path TasksDir() {
  if (const char* named = std::getenv("DIVLA_TASKS")) return named;
  return DIVLA_TASKS_DIR;
}

void PlaceObject(Rng& rng, const std::string& object_id, const Region& region, double yaw_range, double gap,
                 std::vector<ObjectPlacement>& placed) {
  ObjectPlacement best;
  double best_room = -1e9;
  for (int attempt = 0; attempt < 200 && best_room < gap; ++attempt) {
    ObjectPlacement candidate{object_id, "object_" + object_id, {}, 0};
    candidate.position = {rng.Uniform(region.x_low, region.x_high), rng.Uniform(region.y_low, region.y_high), 0};
    candidate.yaw = rng.Uniform(-yaw_range, yaw_range);
    const double room = Room(candidate, placed);
    if (room > best_room) {
      best = candidate;
      best_room = room;
    }
  }
  placed.push_back(best);
}

std::vector<double> DrawRobotStart(Rng& rng, const RobotSpec& robot, double range) {
  std::vector<double> start = robot.home;
  std::size_t next = 0;
  for (const ArmSpec& arm : robot.arms) {
    for (std::size_t j = 0; j < arm.joints.size(); ++j) start[next++] += rng.Uniform(-range, range);
    start[next++] = 1.0;
  }
  return start;
}

Scene BuildTableTop(const EpisodePlan& plan, const TaskSpec& spec) {
  SceneBuilder builder(TasksDir() / (spec.folder.empty() ? spec.name : spec.folder) / "scene.xml",
                       FindRobot(spec.robot));
  for (const ObjectPlacement& placement : plan.objects) {
    AddObject(builder, SizedObject(placement.object_id, placement.size_percent), placement.body, placement.position,
              placement.yaw);
  }
  ApplyVariation(plan, builder);
  Scene scene = builder.Build();
  for (const ObjectPlacement& placement : plan.objects) {
    if (placement.tilt == 0) continue;  // built upright, as it is to stand
    Pose pose{placement.position, {}};
    const mjtNum yaw[4] = {std::cos(placement.yaw / 2), 0, 0, std::sin(placement.yaw / 2)};
    const mjtNum tilt[4] = {std::cos(placement.tilt / 2), 0, std::sin(placement.tilt / 2), 0};
    mju_mulQuat(pose.rotation.data(), yaw, tilt);
    scene.SetFreeBody(placement.body, pose);
  }
  scene.SetRobot(plan.robot_start);
  scene.Forward();
  if (scene.Step(static_cast<int>(std::lround(kSettleTime / kPhysicsStep))) != StepStatus::kOk) {
    throw InputError("episode " + ToString(plan.key) + ": the scene does not settle");
  }
  scene.MutableData().time = 0;
  scene.Forward();
  return scene;
}

bool IsInside(const Scene& scene, int object_body, const ObjectInfo& object, int container_body,
              const ObjectContainer& container) {
  // The object's centre of mass in the container's frame; containers stand upright, so only yaw matters.
  const mjData& data = scene.Data();
  mjtNum local[3];
  mjtNum offset[3];
  mju_sub3(offset, data.xipos + 3 * object_body, data.xpos + 3 * container_body);
  mju_mulMatTVec3(local, data.xmat + 9 * container_body, offset);
  // On the floor, whichever way up: the centre is at most 12 mm higher than where it stands upright. What lies across
  // the rim or hangs in the air above is higher; what was pushed under the container is lower than its floor.
  const double upright = scene.Model().body_ipos[3 * object_body + 2];
  const double margin = std::min(0.012, object.radius / 3);
  return std::abs(local[0]) < container.half_size[0] - margin && std::abs(local[1]) < container.half_size[1] - margin &&
         local[2] > container.floor && local[2] < container.floor + upright + 0.012;
}

bool LiesIn(const Scene& scene, int object_body, int container_body, const ObjectContainer& container) {
  const mjData& data = scene.Data();
  mjtNum local[3];
  mjtNum offset[3];
  mju_sub3(offset, data.xipos + 3 * object_body, data.xpos + 3 * container_body);
  mju_mulMatTVec3(local, data.xmat + 9 * container_body, offset);
  return std::abs(local[0]) < container.half_size[0] && std::abs(local[1]) < container.half_size[1] &&
         local[2] > container.floor && local[2] < container.rim;
}

double VisibleShare(const Scene& scene, const std::string& camera, int body) {
  const mjModel& model = scene.Model();
  const mjData& data = scene.Data();
  const int camera_id = scene.CameraId(camera);
  const mjtNum* eye = data.cam_xpos + 3 * camera_id;
  int visible = 0;
  int total = 0;
  for (int g = model.body_geomadr[body]; g < model.body_geomadr[body] + model.body_geomnum[body]; ++g) {
    // Centre and the six ends of the geom's bounding box.
    for (int sample = 0; sample < 7; ++sample) {
      mjtNum point[3];
      mjtNum local[3] = {0, 0, 0};
      const mjtNum* box = model.geom_aabb + 6 * g;
      for (int i = 0; i < 3; ++i) local[i] = box[i];
      if (sample > 0) local[(sample - 1) / 2] += (sample % 2 == 0 ? 0.8 : -0.8) * box[3 + (sample - 1) / 2];
      mju_mulMatVec3(point, data.geom_xmat + 9 * g, local);
      mju_addTo3(point, data.geom_xpos + 3 * g);
      ++total;
      if (!ProjectPoint(scene, camera_id, {point[0], point[1], point[2]}, 1.0)) continue;
      mjtNum direction[3];
      mju_sub3(direction, point, eye);
      int hit = -1;
      const mjtNum distance = mj_ray(&model, &data, eye, direction, nullptr, 1, -1, &hit, nullptr);
      // The first thing met is the object itself (its own front hides its back), or nothing before the point.
      if (distance < 0 || distance > 0.999 || (hit >= 0 && model.geom_bodyid[hit] == body)) ++visible;
    }
  }
  return total == 0 ? 0.0 : static_cast<double>(visible) / total;
}

std::vector<Premise> TableTopPremises(const Task& task, const Scene& scene, const EpisodePlan& plan,
                                      const std::vector<std::string>& cameras,
                                      const std::function<int(const std::string&)>& arm) {
  std::vector<Premise> premises;
  std::vector<std::string> shown{plan.target, plan.destination};
  std::vector<std::string> targets{plan.target};
  for (const Assignment& assignment : plan.assignments) {
    for (const std::string& body : {assignment.body, assignment.destination}) {
      if (std::find(shown.begin(), shown.end(), body) == shown.end()) shown.push_back(body);
    }
    if (assignment.body != plan.target) targets.push_back(assignment.body);
  }
  for (const std::string& body : shown) {
    if (body.empty()) continue;
    premises.push_back(VisiblePremise(scene, body, cameras));
  }
  for (const std::string& target : targets) {
    premises.push_back(
        ReachablePremise(scene, target, arm(target), GraspPose(scene, target, PlacedObject(plan, target))));
  }
  double fastest = 0;
  for (const ObjectPlacement& placement : plan.objects)
    fastest = std::max(fastest, scene.BodySpeed(scene.BodyId(placement.body)));
  premises.push_back({"settled", fastest < kRestSpeed,
                      "fastest object " + std::to_string(fastest) + " m/s, below " + std::to_string(kRestSpeed)});
  premises.push_back({"not already solved", !task.Status(scene, plan).goal, "goal is false at the start"});
  return premises;
}

Premise VisiblePremise(const Scene& scene, const std::string& body, const std::vector<std::string>& cameras) {
  double share = 0;
  for (const std::string& camera : cameras) {
    share = std::max(share, VisibleShare(scene, camera, scene.BodyId(body)));
    if (share >= kMinVisibleShare) break;  // one is enough, and rays are dear
  }
  return {"visible: " + body, share >= kMinVisibleShare,
          "share of points seen " + std::to_string(share) + ", at least " + std::to_string(kMinVisibleShare)};
}

Premise ReachablePremise(const Scene& scene, const std::string& name, int arm, const Pose& tool) {
  const ArmIndex& index = scene.GetRobot().arms.at(static_cast<std::size_t>(arm));
  std::vector<double> start;
  for (const int address : index.qpos_addresses) start.push_back(scene.Data().qpos[address]);
  const IkResult reach = SolveIk(scene, arm, tool, start, start);
  return {"reachable: " + name, reach.position_error < 0.005,
          "position error " + std::to_string(reach.position_error) + " m, below 0.005"};
}

TaskStatus PickPlaceStatus(const Scene& scene, const EpisodePlan& plan, int arm, double lifted) {
  const ObjectInfo& object = PlacedObject(plan, plan.target);
  const ObjectInfo& destination = PlacedObject(plan, plan.destination);
  DIVLA_CHECK(destination.container.has_value(), "the destination of a pick-and-place task is a container");
  const int body = scene.BodyId(plan.target);
  const Pose grasp = GraspPose(scene, plan.target, object);
  const Pose tool = scene.ToolPose(arm);
  const double reach = std::hypot(tool.position[0] - grasp.position[0], tool.position[1] - grasp.position[1],
                                  tool.position[2] - grasp.position[2]);
  const bool inside = IsInside(scene, body, object, scene.BodyId(plan.destination), *destination.container);
  const bool released = !scene.IsTouched(arm, body) && scene.GripperOpening(arm) > kOpenGripper;
  TaskStatus status;
  status.goal = inside && released && scene.BodySpeed(body) < kSlow;
  const bool grasped = scene.IsGrasped(arm, body) && scene.BodyPosition(body)[2] > lifted;
  status.stages = {{"reached", reach < kReached || grasped}, {"grasped", grasped}, {"placed", status.goal}};
  status.objects_placed = status.goal ? 1 : 0;
  return status;
}

Pose GraspPose(const Scene& scene, const std::string& body, const ObjectInfo& object) {
  DIVLA_CHECK(!object.grasps.empty(), "GraspPose of an object without grasps");
  const Pose frame = scene.BodyPose(body);
  Pose grasp;
  mjtNum offset[3];
  mju_rotVecQuat(offset, object.grasps.front().position.data(), frame.rotation.data());
  for (std::size_t i = 0; i < 3; ++i) grasp.position[i] = frame.position[i] + offset[i];
  grasp.rotation = DownRotation();
  return grasp;
}

const ObjectInfo& PlacedObject(const EpisodePlan& plan, const std::string& body) {
  for (const ObjectPlacement& placement : plan.objects) {
    if (placement.body == body) return SizedObject(placement.object_id, placement.size_percent);
  }
  throw InputError("episode " + ToString(plan.key) + ": no object with body '" + body + "'");
}

std::string NounOf(const EpisodePlan& plan, const std::string& body, const std::string& usual) {
  const ObjectInfo& object = PlacedObject(plan, body);
  return body == "object_" + object.id ? usual : object.phrases_seen.front();
}

std::array<double, 4> DownRotation(double yaw) {
  // Half a turn about world x points the tool's z down and keeps its y along the world's (negative) y; then the yaw.
  return {0, std::cos(yaw / 2), std::sin(yaw / 2), 0};
}

double GripperYaw(const Pose& tool) {
  mjtNum x[3];
  const mjtNum along[3] = {1, 0, 0};
  mju_rotVecQuat(x, along, tool.rotation.data());
  return std::atan2(x[1], x[0]);
}

}  // namespace divla
