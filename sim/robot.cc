#include "sim/robot.h"

#include <cstddef>

#include "sim/check.h"

namespace divla {
namespace {

std::vector<std::string> Names(const std::string& prefix, int count) {
  std::vector<std::string> names;
  for (int i = 1; i <= count; ++i) names.push_back(prefix + std::to_string(i));
  return names;
}

RobotSpec Panda() {
  RobotSpec robot;
  robot.name = "panda";
  robot.model_file = "robots/panda/panda.xml";
  robot.bases = {"panda_link0"};
  robot.arms = {{"", Names("panda_joint", 7), "panda_finger_joint1", "panda_gripper", "panda_tool"}};
  robot.cameras = {"left", "right", "wrist"};
  // Tool pointing straight down (joint 6 = joint 2 - joint 4) at x 0.45, z 0.30; fingers along the table's y axis.
  robot.home = {0, -0.2594, 0, -2.4315, 0, 2.1721, 0.7854, 1};
  robot.joint_speed_limit = 2.175;  // the slower of the data sheet's two limits (joints 1 to 4)
  return robot;
}

RobotSpec Agilex() {
  RobotSpec robot;
  robot.name = "agilex";
  robot.model_file = "robots/agilex/agilex.xml";
  robot.bases = {"left_pedestal", "right_pedestal"};
  for (const char* side : {"left_", "right_"}) {
    const std::string prefix(side);
    robot.arms.push_back(
        {prefix, Names(prefix + "joint", 6), prefix + "finger_joint1", prefix + "gripper", prefix + "tool"});
    // Tool pointing straight down at x 0.30, z 0.25 in front of its base; fingers along the table's y axis.
    const std::vector<double> arm = {0, 1.7692, -1.0548, 0, 0.9436, 0, 1};
    robot.home.insert(robot.home.end(), arm.begin(), arm.end());
  }
  robot.cameras = {"cam_high", "cam_left_wrist", "cam_right_wrist"};
  robot.joint_speed_limit = 3.0;
  return robot;
}

// Ids by name, with the robot and the missing element in the error.
class Finder {
 public:
  Finder(const std::string& robot, const mjModel& model) : robot_(robot), model_(model) {}

  int Id(mjtObj type, const char* kind, const std::string& name) const {
    const int id = mj_name2id(&model_, type, name.c_str());
    if (id < 0) throw InputError("robot " + robot_ + ": the model has no " + kind + " named '" + name + "'");
    return id;
  }

  // The joint that an equality constraint couples with `joint`: the other finger's.
  int Coupled(int joint, const std::string& name) const {
    for (int e = 0; e < static_cast<int>(model_.neq); ++e) {
      if (model_.eq_type[e] != mjEQ_JOINT) continue;
      if (model_.eq_obj1id[e] == joint && model_.eq_obj2id[e] >= 0) return model_.eq_obj2id[e];
      if (model_.eq_obj2id[e] == joint) return model_.eq_obj1id[e];
    }
    throw InputError("robot " + robot_ + ": the model couples no second finger with joint '" + name + "'");
  }

  std::vector<int> CollisionGeoms(int body) const {
    std::vector<int> geoms;
    for (int i = 0; i < model_.body_geomnum[body]; ++i) {
      const int geom = model_.body_geomadr[body] + i;
      if (model_.geom_contype[geom] != 0 || model_.geom_conaffinity[geom] != 0) geoms.push_back(geom);
    }
    if (geoms.empty()) throw InputError("robot " + robot_ + ": a finger of the model has no geom that collides");
    return geoms;
  }

 private:
  const std::string& robot_;
  const mjModel& model_;
};

ArmIndex IndexArm(const ArmSpec& arm, const mjModel& model, const Finder& find) {
  ArmIndex index;
  for (const std::string& name : arm.joints) {
    const int joint = find.Id(mjOBJ_JOINT, "joint", name);
    index.joint_ids.push_back(joint);
    index.qpos_addresses.push_back(model.jnt_qposadr[joint]);
    index.dof_addresses.push_back(model.jnt_dofadr[joint]);
    index.actuator_ids.push_back(find.Id(mjOBJ_ACTUATOR, "actuator", name));
    index.joint_low.push_back(model.jnt_range[2 * joint]);
    index.joint_high.push_back(model.jnt_range[2 * joint + 1]);
  }
  const int finger = find.Id(mjOBJ_JOINT, "joint", arm.finger_joint);
  const int other_finger = find.Coupled(finger, arm.finger_joint);
  index.finger_qpos_address = model.jnt_qposadr[finger];
  index.finger_open = model.jnt_range[2 * finger + 1];
  index.gripper_actuator_id = find.Id(mjOBJ_ACTUATOR, "actuator", arm.gripper_actuator);
  index.gripper_ctrl_closed = model.actuator_ctrlrange[2 * index.gripper_actuator_id];
  index.gripper_ctrl_open = model.actuator_ctrlrange[2 * index.gripper_actuator_id + 1];
  index.tool_site_id = find.Id(mjOBJ_SITE, "site", arm.tool_site);
  index.finger_geoms = {find.CollisionGeoms(model.jnt_bodyid[finger]),
                        find.CollisionGeoms(model.jnt_bodyid[other_finger])};
  return index;
}

}  // namespace

const std::vector<RobotSpec>& AllRobots() {
  static const std::vector<RobotSpec> robots = {Panda(), Agilex()};
  return robots;
}

const RobotSpec& FindRobot(const std::string& name) {
  std::string known;
  for (const RobotSpec& robot : AllRobots()) {
    if (robot.name == name) return robot;
    known += (known.empty() ? "" : ", ") + robot.name;
  }
  throw InputError("robot: expected one of " + known + ", found '" + name + "'");
}

Robot Robot::FromModel(const RobotSpec& spec, const mjModel& model) {
  Robot robot;
  robot.spec = spec;
  const Finder find(spec.name, model);
  for (const ArmSpec& arm : spec.arms) robot.arms.push_back(IndexArm(arm, model, find));
  robot.base_height = model.body_pos[3 * find.Id(mjOBJ_BODY, "body", spec.bases.front()) + 2];
  return robot;
}

RobotInterface Robot::Interface() const {
  RobotInterface interface;
  interface.name = spec.name;
  interface.arms = static_cast<int>(arms.size());
  interface.cameras = spec.cameras;
  for (std::size_t a = 0; a < arms.size(); ++a) {
    for (std::size_t j = 0; j < spec.arms[a].joints.size(); ++j) {
      interface.state_names.push_back(spec.arms[a].joints[j]);
      interface.low.push_back(static_cast<float>(arms[a].joint_low[j]));
      interface.high.push_back(static_cast<float>(arms[a].joint_high[j]));
    }
    interface.state_names.push_back(spec.arms[a].gripper_actuator);
    interface.low.push_back(0.0F);
    interface.high.push_back(1.0F);
  }
  interface.home.assign(spec.home.begin(), spec.home.end());
  return interface;
}

}  // namespace divla
