#include "sim/looks/joined_meshes.h"

#include <gtest/gtest.h>

#include "sim/looks/menagerie.h"
#include "tests/support/fake_menagerie.h"
#include "tests/support/mujoco_fixture.h"

namespace divla {
namespace {

constexpr const char* kMesh =
    R"(</worldbody><asset><mesh name="wedge" vertex="0 0 0 0.1 0 0 0 0.1 0 0 0 0.1"/></asset><worldbody>
  <body name="wedge" pos="0.4 0.35 0.05"><geom type="mesh" mesh="wedge"/></body>)";

using JoinedMeshesTest = MujocoTest;

// Corner by corner, through the addresses.
void ExpectSameMesh(const mjModel& joined, int mesh, const mjModel& source, int of) {
  ASSERT_EQ(joined.mesh_facenum[mesh], source.mesh_facenum[of]);
  ASSERT_EQ(joined.mesh_vertnum[mesh], source.mesh_vertnum[of]);
  ASSERT_EQ(joined.mesh_normalnum[mesh], source.mesh_normalnum[of]);
  const auto corner = [](const mjModel& model, int m, int i, float out[6]) {
    const int face = 3 * model.mesh_faceadr[m] + i;
    for (int k = 0; k < 3; ++k) {
      out[k] = model.mesh_vert[3 * (model.mesh_vertadr[m] + model.mesh_face[face]) + k];
      out[3 + k] = model.mesh_normal[3 * (model.mesh_normaladr[m] + model.mesh_facenormal[face]) + k];
    }
  };
  for (int i = 0; i < 3 * source.mesh_facenum[of]; ++i) {
    float one[6], two[6];
    corner(joined, mesh, i, one), corner(source, of, i, two);
    for (int k = 0; k < 6; ++k) ASSERT_EQ(one[k], two[k]) << mesh << " corner " << i;
  }
  ASSERT_EQ(joined.mesh_graphadr[mesh] < 0, source.mesh_graphadr[of] < 0);
  if (source.mesh_graphadr[of] < 0) return;
  for (int i = 0; i < 2; ++i) {  // vertices and faces of the hull
    EXPECT_EQ(joined.mesh_graph[joined.mesh_graphadr[mesh] + i], source.mesh_graph[source.mesh_graphadr[of] + i]);
  }
}

TEST_F(JoinedMeshesTest, TheSceneComesFirstThenTheLooks) {
  const FakeMenagerie folder;
  Scene scene = TableTop("panda", kMesh);
  const auto looks = LoadMenagerie(folder.Folder());
  scene.Wear(looks);
  JoinedMeshes joined(scene);
  const mjModel &own = scene.Model(), &theirs = *looks->model, &both = joined.Model();
  ASSERT_EQ(own.nmesh, 1);
  ASSERT_EQ(both.nmesh, own.nmesh + theirs.nmesh);
  EXPECT_EQ(both.nmeshface, own.nmeshface + theirs.nmeshface);
  ExpectSameMesh(both, 0, own, 0);
  for (int mesh = 0; mesh < static_cast<int>(theirs.nmesh); ++mesh) ExpectSameMesh(both, 1 + mesh, theirs, mesh);
  EXPECT_EQ(own.nmesh, 1);  // the scene's model is as it was
}

TEST_F(JoinedMeshesTest, WithoutLooksItIsTheScenesModel) {
  const Scene scene = TableTop("panda", kMesh);
  JoinedMeshes joined(scene);
  EXPECT_EQ(joined.Model().nmesh, 1);
  EXPECT_EQ(joined.Model().mesh_vert, scene.Model().mesh_vert);
}

}  // namespace
}  // namespace divla
