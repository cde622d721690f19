// RobotLooks: shapes and materials that another model lends a robot. They are only drawn. The scene's own model, and with
// it physics, contacts, hashes and states, knows nothing of them: they enter where MuJoCo's abstract scene is made
// (SceneView), in the place of the robot's own visual geoms, and both renderers draw them like any other geom.
#pragma once

#include <mujoco/mujoco.h>

#include <memory>
#include <string>
#include <vector>

#include "sim/mj_ptr.h"

namespace divla {

struct LooksGeom {
  std::string body;      // of the robot in a scene's model
  mjvGeom shown{};       // as MuJoCo shows it; `dataid` names a mesh of RobotLooks::model; the pose is not used
  mjtNum position[3]{};  // m, in the body's frame
  mjtNum rotation[9]{};  // into the body's frame, row-major
};

struct RobotLooks {
  std::string robot;             // RobotSpec::name
  std::string name;              // for run.json: whose they are, and a hash of their files
  MjModelPtr model;              // holds the meshes
  std::vector<LooksGeom> geoms;  // materials have no textures
};

// Looks fitted to the model of one scene. Fixed after construction.
class SceneLooks {
 public:
  // Throws InputError naming the body that the model lacks. Keeps nothing of the model.
  SceneLooks(std::shared_ptr<const RobotLooks> looks, const mjModel& model);

  const RobotLooks& Robot() const { return *looks_; }
  std::shared_ptr<const RobotLooks> Share() const { return looks_; }
  // Geoms that Dress may add.
  int Room() const { return static_cast<int>(looks_->geoms.size()); }
  // True for a geom of the scene's model that is not drawn: a visual one of a body that has looks. The housing of a
  // camera stays; it is no part of the robot that lends the looks.
  bool Replaces(int geom_id) const { return replaced_[static_cast<std::size_t>(geom_id)] != 0; }

  // Changes a view of the scene that mjv_updateScene has just made: a body's looks for its own geoms, where these are in
  // the view at all. Ids of the picture's pixels are those of the geoms replaced. Needs room for Room() more geoms.
  void Dress(const mjData& data, mjvScene& view) const;

 private:
  std::shared_ptr<const RobotLooks> looks_;
  std::vector<int> bodies_;     // of each of its geoms, in the scene's model
  std::vector<char> replaced_;  // by geom of the scene's model
  std::vector<int> body_of_;    // by geom of the scene's model
  int first_mesh_{};            // what the meshes of the looks are counted from: those of the scene's model come first
};

}  // namespace divla
