// The robots of the suite: where their model is, which joints and actuators they have, and the ids of these in a
// compiled model. Numbers come from the MJCF files under assets/robots; each has a README with the source of its
// kinematics and gains.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "sim/action.h"
#include "sim/mj_ptr.h"

namespace divla {

// Names of one arm inside the compiled model. Joint-position actuators carry their joint's name.
struct ArmSpec {
  std::string prefix;               // "" for panda, "left_" and "right_" for agilex
  std::vector<std::string> joints;  // from base to wrist
  std::string finger_joint;         // its position is half the opening; the other finger follows
  std::string gripper_actuator;
  std::string tool_site;  // tool centre point: z points out of the gripper, y is the direction the fingers move in
};

struct RobotSpec {
  std::string name;                  // "panda", "agilex"
  std::string model_file;            // under the assets folder
  std::vector<std::string> bases;    // its root bodies; standing on the table top at z = 0 unless it is raised
  std::vector<ArmSpec> arms;         // one, or left then right
  std::vector<std::string> cameras;  // in the order a policy gets them
  std::vector<double> home;          // joint-position action at rest (rad, gripper 0 to 1), arm after arm
  double joint_speed_limit{};        // rad/s, the fastest the controller moves a joint target
};

// All robots, and one by name (InputError with the known names).
const std::vector<RobotSpec>& AllRobots();
const RobotSpec& FindRobot(const std::string& name);

// Ids of one arm, resolved once per model.
struct ArmIndex {
  std::vector<int> joint_ids;
  std::vector<int> qpos_addresses;
  std::vector<int> dof_addresses;
  std::vector<int> actuator_ids;
  int finger_qpos_address{};
  double finger_open{};  // m, finger joint position when fully open
  int gripper_actuator_id{};
  double gripper_ctrl_closed{};  // ctrl value for gripper 0
  double gripper_ctrl_open{};    // ctrl value for gripper 1
  int tool_site_id{};
  std::vector<double> joint_low, joint_high;     // rad
  std::array<std::vector<int>, 2> finger_geoms;  // collision geoms of the two fingers
};

struct Robot {
  RobotSpec spec;
  std::vector<ArmIndex> arms;
  double base_height{};  // m, of the robot's frame over the world's (SceneBuilder::RaiseRobot)

  // Throws InputError naming the element that the model lacks.
  static Robot FromModel(const RobotSpec& spec, const mjModel& model);
  // The robot as a policy knows it.
  RobotInterface Interface() const;
};

}  // namespace divla
