// SceneBuilder: an MjSpec on its way to a Scene. Every problem is an InputError that names the file or element.
#pragma once

#include <filesystem>
#include <string>

#include "sim/mj_ptr.h"
#include "sim/robot.h"
#include "sim/scene.h"

namespace divla {

// The folder of robots/, objects/, scenes/, ...: the environment variable DIVLA_ASSETS, else the one the program was
// built with.
std::filesystem::path AssetsDir();

class SceneBuilder {
 public:
  // Parses a scene's MJCF file together with the robot's; the robot's frame is the world's. Later calls for the same
  // pair copy the parsed spec (thread-safe cache).
  SceneBuilder(const std::filesystem::path& scene_file, const RobotSpec& robot);

  // The spec for further edits through MuJoCo's own mjs_ functions.
  mjSpec* Spec() { return spec_.get(); }
  mjsBody* World();

  // Lifts the robot by `height` m on a plinth of that height under each of its bases: to the robot, the table is lower.
  // Cameras and everything else stay where they are.
  void RaiseRobot(double height);

  // Compiles. Warnings of the compiler are errors. The robot wears the looks in use (sim/looks/menagerie.h).
  Scene Build();

 private:
  std::string name_;
  MjSpecPtr spec_;
  RobotSpec robot_;
};

}  // namespace divla
