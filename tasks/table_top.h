// What table-top tasks share: drawing a layout, building it, and the facts that must hold at its start.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "tasks/catalogue.h"
#include "tasks/task.h"

namespace divla {

// The folder of the tasks' scene.xml files: the environment variable DIVLA_TASKS, else the one the program was built
// with.
std::filesystem::path TasksDir();

// A rectangle on the table top, m, world frame.
struct Region {
  double x_low{}, x_high{}, y_low{}, y_high{};
};

// Draws a placement of `object_id` inside the region, at least `gap` m (footprint to footprint) from those already in
// `placed`, with a yaw in [-yaw_range, yaw_range], and appends it. After 200 draws without room it takes the one with
// the most room: crowded layouts stay valid because premises check them.
void PlaceObject(Rng& rng, const std::string& object_id, const Region& region, double yaw_range, double gap,
                 std::vector<ObjectPlacement>& placed);

// A joint-position action near the robot's home: each arm joint moved by up to `range` rad; grippers open.
std::vector<double> DrawRobotStart(Rng& rng, const RobotSpec& robot, double range);

// The scene of the task's folder (TaskSpec::folder) with the robot and the plan's objects, settled for 0.2 s with the
// robot held at its start.
Scene BuildTableTop(const EpisodePlan& plan, const TaskSpec& spec);

// True when the object's centre of mass is between the container's walls and no more than 12 mm above where it would be
// if the object stood upright on the container's floor.
bool IsInside(const Scene& scene, int object_body, const ObjectInfo& object, int container_body,
              const ObjectContainer& container);

// For wide containers, in which things lie as they fall, one on another too: the object's centre of mass is between the
// walls, above the floor and below the rim. What lies across a rim or a divider has it above the rim.
bool LiesIn(const Scene& scene, int object_body, int container_body, const ObjectContainer& container);

// Share of the object's sample points that the camera sees with nothing in between, 0 to 1.
double VisibleShare(const Scene& scene, const std::string& camera, int body);

// The premises of every table-top task: target and destination visible from an outer camera, target reachable, scene at
// rest, not solved. Of a task scored per object, every assigned object is a target. `arm` says which arm must reach a
// target.
std::vector<Premise> TableTopPremises(const Task& task, const Scene& scene, const EpisodePlan& plan,
                                      const std::vector<std::string>& cameras,
                                      const std::function<int(const std::string&)>& arm);

// The parts of the above that a task with a second arm or more objects adds by itself. `name`: what is reached, seen.
Premise ReachablePremise(const Scene& scene, const std::string& name, int arm, const Pose& tool);
Premise VisiblePremise(const Scene& scene, const std::string& body, const std::vector<std::string>& cameras);

// Success and stages (reached, grasped, placed) of a task that puts plan.target into the container plan.destination
// with one arm. `lifted` is the height of the target's base that counts as grasped, m.
TaskStatus PickPlaceStatus(const Scene& scene, const EpisodePlan& plan, int arm, double lifted);

// Where the tool centre point grasps the object (first grasp of the catalogue), gripper pointing down, fingers along
// world y.
Pose GraspPose(const Scene& scene, const std::string& body, const ObjectInfo& object);

// The catalogue entry of a placed body.
const ObjectInfo& PlacedObject(const EpisodePlan& plan, const std::string& body);

// What a text calls a placed object: `usual` while it is the one that the body is named after ("object_<id>"), else the
// first phrase of the object that took its place.
std::string NounOf(const EpisodePlan& plan, const std::string& body, const std::string& usual);

// Gripper pointing straight down with the fingers moving along world y, turned by `yaw` about world z.
std::array<double, 4> DownRotation(double yaw = 0);
// The turn about world z of a gripper that points down, as in DownRotation.
double GripperYaw(const Pose& tool);

}  // namespace divla
