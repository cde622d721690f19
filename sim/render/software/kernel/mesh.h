// Rays against a mesh: its bounding volume hierarchy is walked by all lanes together. A lane only takes part below
// nodes that its own ray enters, and nodes are visited in one fixed order, so a lane's answer does not depend on its
// neighbours.
#pragma once

#include "sim/render/software/kernel/intersect.h"

namespace divla::software::DIVLA_KERNEL {
namespace {

template <class F>
struct MeshHit {
  typename F::Mask hit;
  F t;
  typename F::Int triangle;
};

template <class F>
struct TriangleTest {
  F e0, e1, e2, t;  // weights of the corners, not normalised; parameter along the ray
};

// A corner of a triangle seen from the camera, in m along the camera's axes: the same for all lanes.
struct SeenCorner {
  float right, up, depth;
};
inline SeenCorner SeeCorner(const Geom& g, const float* vertex) {
  const float x = vertex[0] - g.o[0], y = vertex[1] - g.o[1], z = vertex[2] - g.o[2];
  return {x * g.b[0] + y * g.b[1] + z * g.b[2], x * g.c[0] + y * g.c[1] + z * g.c[2],
          x * g.a[0] + y * g.a[1] + z * g.a[2]};
}

// (n . a) / (n . d) for the face's normal n and a corner a seen from the ray's origin.
template <class F>
F DistanceToFace(const float* p0, const float* p1, const float* p2, const Ray<F>& r) {
  const float ux = p1[0] - p0[0], uy = p1[1] - p0[1], uz = p1[2] - p0[2];
  const float vx = p2[0] - p0[0], vy = p2[1] - p0[1], vz = p2[2] - p0[2];
  const float nx = uy * vz - uz * vy, ny = uz * vx - ux * vz, nz = ux * vy - uy * vx;
  const F ax = F(p0[0]) - r.ox, ay = F(p0[1]) - r.oy, az = F(p0[2]) - r.oz;
  return (F(nx) * ax + F(ny) * ay + F(nz) * az) / AwayFromZero(F(nx) * r.dx + F(ny) * r.dy + F(nz) * r.dz);
}

// For the camera's rays a + x b + y c. Each corner becomes a point of the plane across the ray, whose origin is the
// ray; the weights are the areas of the triangles that two corners span with that origin. A corner's point does not
// depend on the triangle, and the difference of two rounded products never has the wrong sign, so neither an edge nor a
// corner of a closed mesh lets a ray through (after Woop, Benthin, Wald, "Watertight Ray/Triangle Intersection", JCGT
// 2013).
template <class F>
TriangleTest<F> TestSeenTriangle(const Geom& g, std::int32_t triangle, const Ray<F>& r, F x, F y) {
  const std::int32_t* face = g.mesh->faces + 3 * triangle;
  const float* p[3];
  F u[3], v[3];
  for (int k = 0; k < 3; ++k) {
    p[k] = g.mesh->vertices + 3 * face[k];
    const SeenCorner corner = SeeCorner(g, p[k]);
    u[k] = F(corner.right) - x * corner.depth;
    v[k] = F(corner.up) - y * corner.depth;
  }
  return {u[1] * v[2] - u[2] * v[1], u[2] * v[0] - u[0] * v[2], u[0] * v[1] - u[1] * v[0],
          DistanceToFace(p[0], p[1], p[2], r)};
}

// For any ray: edge functions d . (q x p) for the corners p, q seen from its origin. Two triangles that share an edge
// compute the same products with opposite signs, so no ray slips between them.
template <class F>
TriangleTest<F> TestTriangle(const Mesh& mesh, std::int32_t triangle, const Ray<F>& r) {
  const std::int32_t* face = mesh.faces + 3 * triangle;
  const float *p0 = mesh.vertices + 3 * face[0], *p1 = mesh.vertices + 3 * face[1], *p2 = mesh.vertices + 3 * face[2];
  const F ax = F(p0[0]) - r.ox, ay = F(p0[1]) - r.oy, az = F(p0[2]) - r.oz;
  const F bx = F(p1[0]) - r.ox, by = F(p1[1]) - r.oy, bz = F(p1[2]) - r.oz;
  const F cx = F(p2[0]) - r.ox, cy = F(p2[1]) - r.oy, cz = F(p2[2]) - r.oz;
  return {r.dx * (cy * bz - cz * by) + r.dy * (cz * bx - cx * bz) + r.dz * (cx * by - cy * bx),
          r.dx * (ay * cz - az * cy) + r.dy * (az * cx - ax * cz) + r.dz * (ax * cy - ay * cx),
          r.dx * (by * az - bz * ay) + r.dy * (bz * ax - bx * az) + r.dz * (bx * ay - by * ax),
          DistanceToFace(p0, p1, p2, r)};
}

// Nearest entry between `low` and `high`; with `any`, some hit (front or back face) is enough: for shadows. `test` says
// how a triangle, given by its number, is met.
template <class F, class Test>
MeshHit<F> WalkMesh(const Mesh& mesh, const Ray<F>& r, typename F::Mask lanes, F low, F high, bool any,
                    const Test& test_triangle) {
  using M = typename F::Mask;
  const F ix = F(1.0f) / AwayFromZero(r.dx), iy = F(1.0f) / AwayFromZero(r.dy), iz = F(1.0f) / AwayFromZero(r.dz);
  MeshHit<F> best{F(1.0f) < F(0.0f), high, -1};
  struct Entry {
    std::int32_t node;
    M lanes;
  } stack[64];
  int size = 0;
  if (mesh.node_count > 0) stack[size++] = {0, lanes};
  while (size > 0) {
    const Entry entry = stack[--size];
    const MeshNode& node = mesh.nodes[entry.node];
    const F x0 = (F(node.low[0]) - r.ox) * ix, x1 = (F(node.high[0]) - r.ox) * ix;
    const F y0 = (F(node.low[1]) - r.oy) * iy, y1 = (F(node.high[1]) - r.oy) * iy;
    const F z0 = (F(node.low[2]) - r.oz) * iz, z1 = (F(node.high[2]) - r.oz) * iz;
    const F enter = Max(Max(Min(x0, x1), Min(y0, y1)), Max(Min(z0, z1), low));
    const F leave = Min(Min(Max(x0, x1), Max(y0, y1)), Min(Max(z0, z1), best.t));
    M active = entry.lanes & (enter <= leave);
    if (any) active = AndNot(active, best.hit);
    if (active.Bits() == 0) continue;
    if (node.triangle < 0) {
      if (size + 2 > 64) continue;  // deeper than any hierarchy MuJoCo builds
      stack[size++] = {node.child[1], active};
      stack[size++] = {node.child[0], active};
      continue;
    }
    const TriangleTest<F> test = test_triangle(node.triangle);
    const F zero = 0.0f;
    M inside = (test.e0 >= zero) & (test.e1 >= zero) & (test.e2 >= zero);
    if (any) inside = inside | ((test.e0 <= zero) & (test.e1 <= zero) & (test.e2 <= zero));
    // A triangle seen edge-on has three zero weights.
    const M hit = active & inside & (Abs(test.e0 + test.e1 + test.e2) > zero) & (test.t > low) & (test.t < best.t);
    best.t = Select(hit, test.t, best.t);
    best.triangle = Select(hit, typename F::Int(node.triangle), best.triangle);
    best.hit = best.hit | hit;
  }
  return best;
}

// The camera's ray through pixel (x, y), which is `r` in the geom's frame; nearest front face.
template <class F>
MeshHit<F> IntersectSeenMesh(const Geom& g, const Ray<F>& r, F x, F y, F low, F high) {
  return WalkMesh(*g.mesh, r, low <= low, low, high, false,
                  [&](std::int32_t triangle) { return TestSeenTriangle(g, triangle, r, x, y); });
}

// Does a mesh stand in the way? For shadows.
template <class F>
typename F::Mask MeetsMesh(const Mesh& mesh, const Ray<F>& r, typename F::Mask lanes, F low, F high) {
  return WalkMesh(mesh, r, lanes, low, high, true,
                  [&](std::int32_t triangle) { return TestTriangle(mesh, triangle, r); })
      .hit;
}

}  // namespace
}  // namespace divla::software::DIVLA_KERNEL
