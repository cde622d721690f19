// A test fixture for scenes: any warning of MuJoCo (diverging, full buffers, bad numbers) fails the test that raised
// it. And small scenes to test robots in: a table top at z = 0, the robot, and what the test adds.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "sim/robot.h"
#include "sim/scene.h"
#include "sim/scene_builder.h"
#include "tests/support/mujoco_warning_guard.h"

namespace divla {

class MujocoTest : public ::testing::Test {
 protected:
  // `bodies` is MJCF that goes into the world of a table-top scene.
  static Scene TableTop(const std::string& robot, const std::string& bodies = "") {
    static int count = 0;
    const std::filesystem::path file =
        std::filesystem::path(::testing::TempDir()) /
        ("divla_scene_" + std::to_string(getpid()) + "_" + std::to_string(count++) + ".xml");
    std::ofstream(file)
        << R"(<mujoco><option timestep="0.002" integrator="implicitfast" cone="elliptic" impratio="10"/><worldbody>
      <geom name="table" type="box" size="0.6 0.8 0.02" pos="0.4 0 -0.02"/>)"
        << bodies << "</worldbody></mujoco>";
    Scene scene = SceneBuilder(file, FindRobot(robot)).Build();
    std::filesystem::remove(file);
    scene.SetRobot(scene.GetRobot().spec.home);
    scene.Forward();
    return scene;
  }

 private:
  MujocoWarningGuard guard_;
};

// The same test for every robot; the parameter is its name.
class RobotTest : public MujocoTest, public ::testing::WithParamInterface<std::string> {};

}  // namespace divla
