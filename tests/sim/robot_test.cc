#include "sim/robot.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <fstream>
#include <iterator>
#include <numbers>
#include <regex>
#include <string>
#include <vector>

#include "sim/check.h"
#include "tests/support/mujoco_fixture.h"

namespace divla {
namespace {

constexpr double kPi = std::numbers::pi;

struct PublishedJoint {
  std::string name;
  double low, high;  // rad
  double kp, kv, force;
  std::string body;
  double mass;  // kg
};

void ExpectPublished(const Scene& scene, const std::vector<PublishedJoint>& joints) {
  const mjModel& model = scene.Model();
  for (const PublishedJoint& published : joints) {
    SCOPED_TRACE(published.name);
    const int joint = mj_name2id(&model, mjOBJ_JOINT, published.name.c_str());
    const int actuator = mj_name2id(&model, mjOBJ_ACTUATOR, published.name.c_str());
    ASSERT_GE(joint, 0);
    ASSERT_GE(actuator, 0);
    EXPECT_EQ(model.jnt_limited[joint], 1);
    EXPECT_DOUBLE_EQ(model.jnt_range[2 * joint], published.low);
    EXPECT_DOUBLE_EQ(model.jnt_range[2 * joint + 1], published.high);
    EXPECT_DOUBLE_EQ(model.actuator_ctrlrange[2 * actuator], published.low);
    EXPECT_DOUBLE_EQ(model.actuator_ctrlrange[2 * actuator + 1], published.high);
    EXPECT_DOUBLE_EQ(model.actuator_gainprm[mjNGAIN * actuator], published.kp);
    EXPECT_DOUBLE_EQ(model.actuator_biasprm[mjNBIAS * actuator + 1], -published.kp);
    EXPECT_DOUBLE_EQ(model.actuator_biasprm[mjNBIAS * actuator + 2], -published.kv);
    EXPECT_DOUBLE_EQ(model.actuator_forcerange[2 * actuator + 1], published.force);
    EXPECT_DOUBLE_EQ(model.dof_armature[model.jnt_dofadr[joint]], 0.1);
    EXPECT_DOUBLE_EQ(model.body_mass[scene.BodyId(published.body)], published.mass);
    EXPECT_EQ(model.jnt_bodyid[joint], scene.BodyId(published.body));
  }
}

using RobotModelTest = MujocoTest;

TEST_F(RobotModelTest, PandaHasThePublishedNumbers) {
  const Scene scene = TableTop("panda");
  ExpectPublished(scene, {{"panda_joint1", -2.8973, 2.8973, 4500, 450, 87, "panda_link1", 4.970684},
                          {"panda_joint2", -1.7628, 1.7628, 4500, 450, 87, "panda_link2", 0.646926},
                          {"panda_joint3", -2.8973, 2.8973, 3500, 350, 87, "panda_link3", 3.228604},
                          {"panda_joint4", -3.0718, -0.0698, 3500, 350, 87, "panda_link4", 3.587895},
                          {"panda_joint5", -2.8973, 2.8973, 2000, 200, 12, "panda_link5", 1.225946},
                          {"panda_joint6", -0.0175, 3.7525, 2000, 200, 12, "panda_link6", 1.666555},
                          {"panda_joint7", -2.8973, 2.8973, 2000, 200, 12, "panda_link7", 0.735522}});
  const mjModel& model = scene.Model();
  EXPECT_DOUBLE_EQ(model.body_mass[scene.BodyId("panda_link0")], 0.629769);
  EXPECT_DOUBLE_EQ(model.body_mass[scene.BodyId("panda_hand")], 0.73);
  EXPECT_DOUBLE_EQ(model.body_mass[scene.BodyId("panda_left_finger")], 0.015);
  // The trace of the inertia does not depend on the frame that MuJoCo stores it in.
  const mjtNum* inertia = model.body_inertia + 3 * scene.BodyId("panda_link4");
  EXPECT_NEAR(inertia[0] + inertia[1] + inertia[2], 0.025853 + 0.019552 + 0.028323, 1e-9);
  const mjtNum* centre = model.body_ipos + 3 * scene.BodyId("panda_link4");
  EXPECT_DOUBLE_EQ(centre[1], 0.104419);
}

TEST_F(RobotModelTest, AgilexHasThePublishedNumbers) {
  const Scene scene = TableTop("agilex");
  for (const std::string side : {"left_", "right_"}) {
    ExpectPublished(scene, {{side + "joint1", -2.618, 2.618, 2000, 200, 100, side + "link1", 0.097868},
                            {side + "joint2", 0, 3.14, 2000, 200, 100, side + "link2", 0.290889},
                            {side + "joint3", -2.697, 0, 2000, 200, 100, side + "link3", 0.290848},
                            {side + "joint4", -1.832, 1.832, 2000, 200, 100, side + "link4", 0.127087},
                            {side + "joint5", -1.22, 1.22, 2000, 200, 100, side + "link5", 0.144711},
                            {side + "joint6", -3.14, 3.14, 2000, 200, 100, side + "link6", 1.2}});
  }
}

// Modified Denavit-Hartenberg row (Craig): turn alpha about x, go a along x, turn theta about z, go d along z.
struct DhRow {
  double a, alpha, d, offset;
};

struct Frame {
  std::array<double, 3> position{};
  std::array<std::array<double, 3>, 3> rotation{{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}};

  void Move(double x, double y, double z) {
    for (std::size_t i = 0; i < 3; ++i) position[i] += rotation[i][0] * x + rotation[i][1] * y + rotation[i][2] * z;
  }
  void TurnX(double angle) { Turn(1, 2, angle); }
  void TurnZ(double angle) { Turn(0, 1, angle); }

 private:
  void Turn(std::size_t first, std::size_t second, double angle) {
    for (auto& row : rotation) {
      const double u = row[first];
      const double v = row[second];
      row[first] = u * std::cos(angle) + v * std::sin(angle);
      row[second] = -u * std::sin(angle) + v * std::cos(angle);
    }
  }
};

void FollowDh(Frame& frame, const std::vector<DhRow>& rows, const std::vector<double>& joints) {
  for (std::size_t i = 0; i < rows.size(); ++i) {
    frame.TurnX(rows[i].alpha);
    frame.Move(rows[i].a, 0, 0);
    frame.TurnZ(joints[i] + rows[i].offset);
    frame.Move(0, 0, rows[i].d);
  }
}

TEST_F(RobotModelTest, PandaForwardKinematicsFollowTheDhTable) {
  Scene scene = TableTop("panda");
  const std::vector<DhRow> table = {{0, 0, 0.333, 0},        {0, -kPi / 2, 0, 0},           {0, kPi / 2, 0.316, 0},
                                    {0.0825, kPi / 2, 0, 0}, {-0.0825, -kPi / 2, 0.384, 0}, {0, kPi / 2, 0, 0},
                                    {0.088, kPi / 2, 0, 0}};
  const std::vector<std::vector<double>> poses = {{0, 0, 0, -1.57079, 0, 1.57079, -0.7853},
                                                  {0.4, -0.6, 0.9, -2.1, -0.8, 1.3, 2.2},
                                                  {-1.7, 0.8, -2.0, -0.4, 1.9, 3.1, -1.1}};
  for (const std::vector<double>& joints : poses) {
    Frame tool;
    FollowDh(tool, table, joints);
    tool.Move(0, 0, 0.107);
    tool.TurnZ(-kPi / 4);
    tool.Move(0, 0, 0.1034);
    std::vector<double> action = joints;
    action.push_back(1);
    scene.SetRobot(action);
    scene.Forward();
    const int site = scene.SiteId("panda_tool");
    for (std::size_t i = 0; i < 3; ++i) {
      EXPECT_NEAR(scene.ToolPose(0).position[i], tool.position[i], 1e-6);
      for (std::size_t k = 0; k < 3; ++k) {
        EXPECT_NEAR(scene.Data().site_xmat[9 * site + static_cast<int>(3 * i + k)], tool.rotation[i][k], 1e-6);
      }
    }
  }
}

TEST_F(RobotModelTest, PiperForwardKinematicsFollowTheDhTable) {
  Scene scene = TableTop("agilex");
  // The maker's table; the model's frames agree with it to 1.5 mm (link 6 sits 1.4 mm off the axis there).
  const double degree = kPi / 180;
  const std::vector<DhRow> table = {{0, 0, 0.123, 0},
                                    {0, -kPi / 2, 0, -174.22 * degree},
                                    {0.28503, 0, 0, -100.78 * degree},
                                    {-0.02198, kPi / 2, 0.25075, 0},
                                    {0, -kPi / 2, 0, 0},
                                    {0, kPi / 2, 0.091, 0}};
  const std::vector<std::vector<double>> poses = {
      {0, 0, 0, 0, 0, 0}, {0, 1.57, -1.3485, 0, 0, 0}, {-0.7, 2.1, -0.9, 0.6, -0.8, 1.5}};
  for (const std::vector<double>& joints : poses) {
    Frame tool;
    tool.Move(0, 0.3, 0.2);  // the left arm's base
    FollowDh(tool, table, joints);
    tool.Move(0, 0, 0.125);
    std::vector<double> action = scene.GetRobot().spec.home;
    std::copy(joints.begin(), joints.end(), action.begin());
    scene.SetRobot(action);
    scene.Forward();
    for (std::size_t i = 0; i < 3; ++i) EXPECT_NEAR(scene.ToolPose(0).position[i], tool.position[i], 2e-3);
  }
}

TEST_P(RobotTest, HomePointsStraightDownAndHoldsStill) {
  Scene scene = TableTop(GetParam());
  const bool panda = GetParam() == "panda";
  for (int arm = 0; arm < static_cast<int>(scene.GetRobot().arms.size()); ++arm) {
    const Pose tool = scene.ToolPose(arm);
    const std::array<double, 3> expected =
        panda ? std::array{0.45, 0.0, 0.3} : std::array{0.3, arm == 0 ? 0.3 : -0.3, 0.25};
    for (std::size_t i = 0; i < 3; ++i) EXPECT_NEAR(tool.position[i], expected[i], 2e-3);
    EXPECT_NEAR(std::abs(tool.rotation[1]), 1.0, 1e-4);  // quaternion (0, 1, 0, 0)
  }
  const std::array<double, 3> before = scene.ToolPose(0).position;
  EXPECT_EQ(scene.Step(1000), StepStatus::kOk);
  for (std::size_t i = 0; i < 3; ++i) EXPECT_NEAR(scene.ToolPose(0).position[i], before[i], 2e-3);
  EXPECT_EQ(scene.WarningCount(), 0);
  EXPECT_EQ(scene.Data().ncon, 0);  // the arm touches neither itself nor the table
}

TEST_P(RobotTest, InterfaceNamesEveryNumber) {
  const Scene scene = TableTop(GetParam());
  const RobotInterface robot = scene.GetRobot().Interface();
  const int expected = GetParam() == "panda" ? 8 : 14;
  EXPECT_EQ(robot.StateDim(), expected);
  EXPECT_EQ(robot.ActionDim(ActionKind::kJointPosition), expected);
  EXPECT_EQ(robot.ActionDim(ActionKind::kEndEffectorPose), 10 * robot.arms);
  EXPECT_EQ(robot.cameras.size(), 3U);
  ASSERT_EQ(robot.home.size(), robot.low.size());
  for (std::size_t i = 0; i < robot.home.size(); ++i) {
    EXPECT_LE(robot.low[i], robot.home[i]) << robot.state_names[i];
    EXPECT_GE(robot.high[i], robot.home[i]) << robot.state_names[i];
  }
}

TEST_P(RobotTest, FingersHaveTheirGeomsAndOpenTogether) {
  Scene scene = TableTop(GetParam());
  for (const ArmIndex& arm : scene.GetRobot().arms) {
    EXPECT_EQ(arm.finger_geoms[0].size(), 2U);
    EXPECT_EQ(arm.finger_geoms[1].size(), 2U);
    EXPECT_NE(arm.finger_geoms[0], arm.finger_geoms[1]);
    for (const auto& geoms : arm.finger_geoms) {
      for (const int geom : geoms) EXPECT_EQ(scene.Model().geom_type[geom], mjGEOM_BOX);
    }
    // Pads apart by twice the finger travel, seen along the tool's y axis.
    const mjtNum* first = scene.Data().geom_xpos + 3 * arm.finger_geoms[0].back();
    const mjtNum* second = scene.Data().geom_xpos + 3 * arm.finger_geoms[1].back();
    EXPECT_NEAR(mju_dist3(first, second), 2 * arm.finger_open + 0.008, 1e-9);
  }
}

TEST(RobotSpecTest, AnUnknownNameListsTheKnownOnes) {
  try {
    FindRobot("pandas");
    FAIL() << "no error";
  } catch (const InputError& error) {
    EXPECT_STREQ(error.what(), "robot: expected one of panda, agilex, found 'pandas'");
  }
}

TEST_F(RobotModelTest, AModelWithoutTheRobotNamesWhatIsMissing) {
  const Scene scene = TableTop("agilex");
  try {
    Robot::FromModel(FindRobot("panda"), scene.Model());
    FAIL() << "no error";
  } catch (const InputError& error) {
    EXPECT_STREQ(error.what(), "robot panda: the model has no joint named 'panda_joint1'");
  }
}

std::string ArmFile(const std::string& side) {
  std::ifstream file(std::string(DIVLA_SOURCE_DIR) + "/assets/robots/agilex/" + side + ".xml");
  const std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  return text.substr(text.find("<worldbody>"));
}

TEST(RobotSpecTest, TheAgilexArmsDifferInTheirSideOnly) {
  std::string mirrored = std::regex_replace(ArmFile("left"), std::regex("left"), "right");
  mirrored = std::regex_replace(mirrored, std::regex("0 0\\.3 0\" childclass"), "0 -0.3 0\" childclass");
  EXPECT_EQ(mirrored, ArmFile("right"));
}

INSTANTIATE_TEST_SUITE_P(Robots, RobotTest, ::testing::Values("panda", "agilex"),
                         [](const auto& instance) { return instance.param; });

}  // namespace
}  // namespace divla
