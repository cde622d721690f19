#include "sim/render/software/assets.h"

#include <mutex>
#include <utility>

#include "sim/render/software/vector3.h"

namespace divla::software {
namespace {

// A corner keeps its smooth normal only where that is close to its face's: otherwise the face has a crease there.
// MuJoCo's OpenGL draws the same line (measured: 36 degrees are smooth, 38 are not; cosine 0.8).
constexpr float kCreaseCosine = 0.8f;

void CutCreases(const std::vector<float>& vertices, const std::vector<std::int32_t>& faces, std::vector<float>& normals,
                std::vector<std::int32_t>& face_normals) {
  for (std::size_t face = 0; face < faces.size(); face += 3) {
    const auto corner = [&](std::size_t k) {
      return FromArray(vertices.data() + 3 * static_cast<std::ptrdiff_t>(faces[face + k]));
    };
    const Vector3 flat = Normalized(Cross(corner(1) - corner(0), corner(2) - corner(0)), {0, 0, 1});
    std::int32_t own = -1;
    for (std::size_t k = 0; k < 3; ++k) {
      std::int32_t& index = face_normals[face + k];
      if (Dot(flat, FromArray(normals.data() + 3 * static_cast<std::ptrdiff_t>(index))) >= kCreaseCosine) continue;
      if (own < 0) {
        own = static_cast<std::int32_t>(normals.size() / 3);
        normals.insert(normals.end(), {flat.x, flat.y, flat.z});
      }
      index = own;
    }
  }
}

}  // namespace

Assets::Assets(const mjModel& model, std::shared_ptr<const Assets> looks) : looks_(std::move(looks)) {
  const auto texture_count = static_cast<std::size_t>(model.ntex);
  texels_.resize(texture_count);
  textures_.resize(texture_count);
  for (std::size_t i = 0; i < texture_count; ++i) {
    textures_[i] = MakeTexture(model, static_cast<int>(i), texels_[i]);
    if (sky_ == nullptr && model.tex_type[i] == mjTEXTURE_SKYBOX) sky_ = &textures_[i];
  }
  const auto mesh_count = static_cast<std::size_t>(model.nmesh);
  mesh_data_.resize(mesh_count);
  meshes_.resize(mesh_count);
  for (std::size_t i = 0; i < mesh_count; ++i) {
    MeshData& data = mesh_data_[i];
    const float* vertices = model.mesh_vert + 3 * static_cast<std::ptrdiff_t>(model.mesh_vertadr[i]);
    const float* normals = model.mesh_normal + 3 * static_cast<std::ptrdiff_t>(model.mesh_normaladr[i]);
    const auto faces = 3 * static_cast<std::ptrdiff_t>(model.mesh_faceadr[i]);
    const auto face_count = 3 * static_cast<std::ptrdiff_t>(model.mesh_facenum[i]);
    data.vertices.assign(vertices, vertices + 3 * static_cast<std::ptrdiff_t>(model.mesh_vertnum[i]));
    data.normals.assign(normals, normals + 3 * static_cast<std::ptrdiff_t>(model.mesh_normalnum[i]));
    data.faces.assign(model.mesh_face + faces, model.mesh_face + faces + face_count);
    data.face_normals.assign(model.mesh_facenormal + faces, model.mesh_facenormal + faces + face_count);
    if (model.mesh_texcoordadr[i] >= 0) {
      const float* texcoords = model.mesh_texcoord + 2 * static_cast<std::ptrdiff_t>(model.mesh_texcoordadr[i]);
      data.texcoords.assign(texcoords, texcoords + 2 * static_cast<std::ptrdiff_t>(model.mesh_texcoordnum[i]));
      data.face_texcoords.assign(model.mesh_facetexcoord + faces, model.mesh_facetexcoord + faces + face_count);
    }
    CutCreases(data.vertices, data.faces, data.normals, data.face_normals);
    data.nodes = BuildHierarchy(data.vertices, data.faces);
    meshes_[i] = {.vertices = data.vertices.data(),
                  .normals = data.normals.data(),
                  .texcoords = data.texcoords.empty() ? nullptr : data.texcoords.data(),
                  .faces = data.faces.data(),
                  .face_normals = data.face_normals.data(),
                  .face_texcoords = data.face_texcoords.data(),
                  .nodes = data.nodes.data(),
                  .node_count = static_cast<std::int32_t>(data.nodes.size())};
  }
}

const Texture* Assets::FindTexture(int texture_id) const {
  if (texture_id < 0 || static_cast<std::size_t>(texture_id) >= textures_.size()) return nullptr;
  return &textures_[static_cast<std::size_t>(texture_id)];
}

const Mesh* Assets::FindMesh(int data_id) const {
  const auto mesh = static_cast<std::size_t>(data_id / 2);
  if (data_id < 0) return nullptr;
  if (mesh >= meshes_.size() && looks_) return looks_->FindMesh(data_id - 2 * static_cast<int>(meshes_.size()));
  if (mesh >= meshes_.size() || meshes_[mesh].node_count == 0) return nullptr;
  return &meshes_[mesh];
}

std::shared_ptr<const Assets> SharedAssets(const std::shared_ptr<const RobotLooks>& looks) {
  // Both ends are kept: of looks that no scene wears any more, another one could get the address.
  struct Made {
    std::weak_ptr<const RobotLooks> of;
    std::shared_ptr<const Assets> assets;
  };
  static std::mutex mutex;
  static std::vector<Made> made;
  const std::lock_guard lock(mutex);
  std::erase_if(made, [](const Made& one) { return one.of.expired(); });
  for (const Made& one : made) {
    if (one.of.lock() == looks) return one.assets;
  }
  made.push_back({looks, std::make_shared<const Assets>(*looks->model)});
  return made.back().assets;
}

}  // namespace divla::software
