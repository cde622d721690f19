#include "sim/looks/joined_meshes.h"

#include <cstddef>

#include "sim/looks/robot_looks.h"

namespace divla {
namespace {

template <class Number>
Number* Join(const Number* first, mjtSize first_count, const Number* second, mjtSize second_count,
             std::vector<std::vector<Number>>& kept) {
  std::vector<Number>& joined = kept.emplace_back();
  joined.reserve(static_cast<std::size_t>(first_count + second_count));
  joined.assign(first, first + first_count);
  joined.insert(joined.end(), second, second + second_count);
  return joined.data();
}

}  // namespace

JoinedMeshes::JoinedMeshes(const Scene& scene) : model_(scene.Model()) {
  if (scene.Looks() != nullptr) Append(scene.Model(), *scene.Looks()->Robot().model);
}

void JoinedMeshes::Append(const mjModel& own, const mjModel& looks) {
  const auto per_mesh = [&](int* const mjModel::*field, mjtSize moved) {
    int* joined = Join<int>(own.*field, own.nmesh, looks.*field, looks.nmesh, numbers_);
    for (mjtSize i = own.nmesh; i < own.nmesh + looks.nmesh; ++i) {
      if (joined[i] >= 0) joined[i] += static_cast<int>(moved);  // -1: has none
    }
    return joined;
  };
  model_.mesh_vertadr = per_mesh(&mjModel::mesh_vertadr, own.nmeshvert);
  model_.mesh_vertnum = per_mesh(&mjModel::mesh_vertnum, 0);
  model_.mesh_faceadr = per_mesh(&mjModel::mesh_faceadr, own.nmeshface);
  model_.mesh_facenum = per_mesh(&mjModel::mesh_facenum, 0);
  model_.mesh_normaladr = per_mesh(&mjModel::mesh_normaladr, own.nmeshnormal);
  model_.mesh_normalnum = per_mesh(&mjModel::mesh_normalnum, 0);
  model_.mesh_texcoordadr = per_mesh(&mjModel::mesh_texcoordadr, own.nmeshtexcoord);
  model_.mesh_texcoordnum = per_mesh(&mjModel::mesh_texcoordnum, 0);
  model_.mesh_graphadr = per_mesh(&mjModel::mesh_graphadr, own.nmeshgraph);
  model_.mesh_pathadr = per_mesh(&mjModel::mesh_pathadr, 0);
  for (mjtSize i = own.nmesh; i < own.nmesh + looks.nmesh; ++i) model_.mesh_pathadr[i] = -1;
  model_.mesh_graph = Join(own.mesh_graph, own.nmeshgraph, looks.mesh_graph, looks.nmeshgraph, numbers_);
  model_.mesh_face = Join(own.mesh_face, 3 * own.nmeshface, looks.mesh_face, 3 * looks.nmeshface, numbers_);
  model_.mesh_facenormal =
      Join(own.mesh_facenormal, 3 * own.nmeshface, looks.mesh_facenormal, 3 * looks.nmeshface, numbers_);
  model_.mesh_facetexcoord =
      Join(own.mesh_facetexcoord, 3 * own.nmeshface, looks.mesh_facetexcoord, 3 * looks.nmeshface, numbers_);
  model_.mesh_vert = Join(own.mesh_vert, 3 * own.nmeshvert, looks.mesh_vert, 3 * looks.nmeshvert, coordinates_);
  model_.mesh_normal =
      Join(own.mesh_normal, 3 * own.nmeshnormal, looks.mesh_normal, 3 * looks.nmeshnormal, coordinates_);
  model_.mesh_texcoord =
      Join(own.mesh_texcoord, 2 * own.nmeshtexcoord, looks.mesh_texcoord, 2 * looks.nmeshtexcoord, coordinates_);
  model_.nmesh += looks.nmesh;
  model_.nmeshvert += looks.nmeshvert;
  model_.nmeshface += looks.nmeshface;
  model_.nmeshnormal += looks.nmeshnormal;
  model_.nmeshtexcoord += looks.nmeshtexcoord;
  model_.nmeshgraph += looks.nmeshgraph;
}

}  // namespace divla
