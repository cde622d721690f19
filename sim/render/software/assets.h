// What a model brings once: textures with their mip maps and meshes with their hierarchies, in the form the kernels
// read.
#pragma once

#include <mujoco/mujoco.h>

#include <cstdint>
#include <memory>
#include <vector>

#include "sim/looks/robot_looks.h"
#include "sim/render/software/frame_data.h"

namespace divla::software {

// Fixed after construction; keeps nothing of the model. A texture or mesh that the model lacks is an empty entry.
class Assets {
 public:
  // `looks`, where not null, are the assets of what the scene's robot wears: their meshes come after the model's.
  explicit Assets(const mjModel& model, std::shared_ptr<const Assets> looks = nullptr);
  Assets(const Assets&) = delete;
  Assets& operator=(const Assets&) = delete;

  // Null when out of range.
  const Texture* FindTexture(int texture_id) const;
  // `data_id` is mjvGeom's: twice the mesh id, plus 1 for its convex hull. Null when out of range.
  const Mesh* FindMesh(int data_id) const;
  // The skybox: the model's first texture of that type. Null without.
  const Texture* Sky() const { return sky_; }

 private:
  std::vector<std::vector<std::int32_t>> texels_;
  std::vector<Texture> textures_;
  struct MeshData {
    std::vector<float> vertices, normals, texcoords;
    std::vector<std::int32_t> faces, face_normals, face_texcoords;
    std::vector<MeshNode> nodes;
  };
  std::vector<MeshData> mesh_data_;
  std::vector<Mesh> meshes_;
  const Texture* sky_{};
  std::shared_ptr<const Assets> looks_;
};

// The assets of looks, made once for all renderers that draw them (their meshes are large). Any thread.
std::shared_ptr<const Assets> SharedAssets(const std::shared_ptr<const RobotLooks>& looks);

// textures.cc: the mip chain of one texture of the model.
Texture MakeTexture(const mjModel& model, int id, std::vector<std::int32_t>& texels);

// hierarchy.cc: a bounding volume hierarchy over the triangles of `faces` (three vertex indices each), deterministic.
std::vector<MeshNode> BuildHierarchy(const std::vector<float>& vertices, const std::vector<std::int32_t>& faces);

}  // namespace divla::software
