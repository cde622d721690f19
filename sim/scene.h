// Scene: one compiled MuJoCo model with its data, and the robot in it. Owns both; movable; one thread at a time.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "sim/looks/robot_looks.h"
#include "sim/mj_ptr.h"
#include "sim/robot.h"

namespace divla {

enum class StepStatus {
  kOk,        // the physics went on
  kDiverged,  // MuJoCo warned of bad numbers, or a number is not finite: the episode is over
};

struct Pose {
  std::array<double, 3> position{};            // m, world frame
  std::array<double, 4> rotation{1, 0, 0, 0};  // unit quaternion w x y z
};

class Scene {
 public:
  // Takes the model, makes its data and computes all positions. Throws InputError when the robot is not in the model.
  Scene(MjModelPtr model, const RobotSpec& robot);

  const mjModel& Model() const { return *model_; }
  const mjData& Data() const { return *data_; }
  mjData& MutableData() { return *data_; }
  // For axes and appearance changes that need no recompilation (colours, lights, friction).
  mjModel& MutableModel() { return *model_; }
  const Robot& GetRobot() const { return robot_; }

  // Dresses the robot: pictures show these shapes in place of its own. Model, data and their hashes stay as they are.
  // Throws InputError when a body of the looks is not in the model, or they belong to another robot.
  void Wear(const std::shared_ptr<const RobotLooks>& looks);
  // Null without.
  const SceneLooks* Looks() const { return looks_.get(); }

  // Puts the robot at a joint-position action, at rest, with its targets there. Does not step.
  void SetRobot(const std::vector<double>& action);
  // Places a free body, at rest.
  void SetFreeBody(std::string_view body, const Pose& pose);
  // Recomputes everything that depends on the positions (mj_forward).
  void Forward();
  // `count` physics steps of kPhysicsStep with the controls as they are.
  StepStatus Step(int count);

  // The full integration state (mjSTATE_INTEGRATION): restoring it continues bit for bit. It says nothing about the
  // model.
  std::vector<double> SaveState() const;
  void RestoreState(const std::vector<double>& state);

  // All of the data, also what MuJoCo derived from the state: after a physics step that belongs to the state before it
  // (positions in the world, contacts), so that a restored state alone shows and judges a moment 2 ms later. About 1 MB.
  MjDataPtr CopyData() const;
  // Of this scene or of one that was built from the same plan.
  void RestoreData(const mjData& data);

  // Lookups by name; each throws InputError naming what is missing.
  int BodyId(std::string_view name) const;
  int GeomId(std::string_view name) const;
  int SiteId(std::string_view name) const;
  int CameraId(std::string_view name) const;

  // Body frame, or a site, in the world.
  Pose BodyPose(std::string_view body) const;
  std::array<double, 3> BodyPosition(int body_id) const;
  // Linear speed (m/s) of the body's centre of mass.
  double BodySpeed(int body_id) const;
  Pose ToolPose(int arm) const;
  // 0 closed, 1 fully open, from the finger joint.
  double GripperOpening(int arm) const;
  // True when both fingers of the arm touch a geom of the body (or of its descendants).
  bool IsGrasped(int arm, int body_id) const;
  // True when any finger of the arm touches the body.
  bool IsTouched(int arm, int body_id) const;
  // True when the two bodies (descendants included) touch.
  bool InContact(int body_a, int body_b) const;
  // Hash of what a renderer uploads (textures, materials, meshes, planes, looks): equal for scenes that can share uploads.
  std::uint64_t VisualAssetsHash() const { return visual_assets_hash_; }
  // Number of warnings MuJoCo raised in this scene so far.
  int WarningCount() const;

 private:
  bool InSubtree(int body, int root) const;
  bool TouchesFinger(int arm, int finger, int body_id) const;

  MjModelPtr model_;
  MjDataPtr data_;
  Robot robot_;
  std::uint64_t visual_assets_hash_{};
  std::shared_ptr<const SceneLooks> looks_;
};

// XXH3-128 of the compiled model (names, geometry, masses, appearance: everything MuJoCo stores) and of the state.
std::string HashModel(const mjModel& model);
std::string HashState(const Scene& scene);

}  // namespace divla
