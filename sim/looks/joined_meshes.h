// JoinedMeshes: what MuJoCo's OpenGL uploads for a scene whose robot wears looks. MuJoCo takes meshes from one model only,
// so this is a shallow copy of the scene's model with the meshes of the looks behind its own.
#pragma once

#include <mujoco/mujoco.h>

#include <vector>

#include "sim/scene.h"

namespace divla {

class JoinedMeshes {
 public:
  // Points into the scene's model, which must outlive it. Without looks it is that model.
  explicit JoinedMeshes(const Scene& scene);
  JoinedMeshes(const JoinedMeshes&) = delete;
  JoinedMeshes& operator=(const JoinedMeshes&) = delete;

  // Good for mjr_makeContext and for nothing else: it must not be compiled, stepped, saved or freed. The caller may change
  // its plain numbers.
  mjModel& Model() { return model_; }

 private:
  void Append(const mjModel& own, const mjModel& looks);

  mjModel model_;
  std::vector<std::vector<int>> numbers_;
  std::vector<std::vector<float>> coordinates_;
};

}  // namespace divla
