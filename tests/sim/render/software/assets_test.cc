// Meshes and textures of a model in the form the kernels read.
#include "sim/render/software/assets.h"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/sim/render/software/drawing.h"

namespace divla::software {
namespace {

std::string MeshWorld() { return "<geom type='mesh' mesh='cube'/><geom type='mesh' mesh='ball' pos='1 0 0'/>"; }
constexpr const char* kMeshes = R"(<mesh name="cube" smoothnormal="true"
vertex="-1 -1 -1 1 -1 -1 -1 1 -1 1 1 -1 -1 -1 1 1 -1 1 -1 1 1 1 1 1"/><mesh name="ball" builtin="sphere" params="3"/>
<texture name="a" type="2d" builtin="flat" width="4" height="4"/><texture name="b" type="skybox" builtin="gradient" rgb1="1 0 0" rgb2="0 1 0" width="8" height="8"/>)";

Point NormalOf(const Mesh& mesh, std::int32_t corner) {
  const float* n = mesh.normals + 3 * mesh.face_normals[corner];
  return {n[0], n[1], n[2]};
}
Point VertexOf(const Mesh& mesh, std::int32_t corner) {
  const float* v = mesh.vertices + 3 * mesh.faces[corner];
  return {v[0], v[1], v[2]};
}
Point FlatNormal(const Mesh& mesh, std::int32_t triangle) {
  const Point a = VertexOf(mesh, 3 * triangle), b = VertexOf(mesh, 3 * triangle + 1),
              c = VertexOf(mesh, 3 * triangle + 2);
  Point u, v, n;
  mju_sub3(u.data(), b.data(), a.data());
  mju_sub3(v.data(), c.data(), a.data());
  mju_cross(n.data(), u.data(), v.data());
  mju_normalize3(n.data());
  return n;
}

// Smoothed normals survive where faces meet at a small angle and become the face's own at a crease.
TEST(AssetsTest, CreasesAreFlatAndRoundSurfacesSmooth) {
  World world(MeshWorld(), kMeshes);
  const Assets& assets = world.GetAssets();
  const Mesh* cube = assets.FindMesh(0);
  const Mesh* ball = assets.FindMesh(2);
  ASSERT_TRUE(cube != nullptr && ball != nullptr);
  ASSERT_EQ(world.Model().mesh_facenum[0], 12);
  for (std::int32_t corner = 0; corner < 36; ++corner) {
    const Point own = NormalOf(*cube, corner), flat = FlatNormal(*cube, corner / 3);
    EXPECT_NEAR(mju_dot3(own.data(), flat.data()), 1, 1e-5) << corner;
  }
  int smooth = 0;
  for (std::int32_t corner = 0; corner < 3 * world.Model().mesh_facenum[1]; ++corner) {
    const Point own = NormalOf(*ball, corner);
    Point radial = VertexOf(*ball, corner);
    mju_normalize3(radial.data());
    EXPECT_GT(mju_dot3(own.data(), radial.data()), 0.98) << corner;
    const Point flat = FlatNormal(*ball, corner / 3);
    smooth += mju_dot3(own.data(), flat.data()) < 0.9999 ? 1 : 0;
  }
  EXPECT_GT(smooth, world.Model().mesh_facenum[1]);
}

TEST(AssetsTest, VerticesAndFacesAreTheModels) {
  World world(MeshWorld(), kMeshes);
  const mjModel& model = world.Model();
  for (int i = 0; i < 2; ++i) {
    const Mesh* mesh = world.GetAssets().FindMesh(2 * i);
    ASSERT_NE(mesh, nullptr);
    EXPECT_EQ(mesh->node_count, 2 * model.mesh_facenum[i] - 1);  // a binary tree with one triangle a leaf
    EXPECT_EQ(mesh->texcoords, nullptr);
    for (int k = 0; k < 3 * model.mesh_vertnum[i]; ++k) {
      EXPECT_EQ(mesh->vertices[k], model.mesh_vert[3 * model.mesh_vertadr[i] + k]);
    }
    for (int k = 0; k < 3 * model.mesh_facenum[i]; ++k) {
      EXPECT_EQ(mesh->faces[k], model.mesh_face[3 * model.mesh_faceadr[i] + k]);
    }
  }
}

TEST(AssetsTest, WhatIsNotThereIsNull) {
  World world(MeshWorld(), kMeshes);
  const Assets& assets = world.GetAssets();
  EXPECT_EQ(assets.FindMesh(1), assets.FindMesh(0));  // 2 id + 1: the hull of the same mesh
  EXPECT_EQ(assets.FindMesh(-1), nullptr);
  EXPECT_EQ(assets.FindMesh(4), nullptr);
  EXPECT_EQ(assets.FindTexture(-1), nullptr);
  EXPECT_EQ(assets.FindTexture(2), nullptr);
  EXPECT_NE(assets.FindTexture(0), nullptr);
  EXPECT_EQ(assets.Sky(), assets.FindTexture(1));
  World bare("<geom type='sphere' size='1'/>");
  EXPECT_EQ(bare.GetAssets().Sky(), nullptr);
}

}  // namespace
}  // namespace divla::software
