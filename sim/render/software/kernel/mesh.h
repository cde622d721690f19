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

// Edge functions d . (q x p) for the corners p, q seen from the ray's origin. Two triangles that share an edge compute
// the same products with opposite signs, so no ray slips between them.
template <class F>
TriangleTest<F> TestTriangle(const Mesh& mesh, std::int32_t triangle, const Ray<F>& r) {
  const std::int32_t* face = mesh.faces + 3 * triangle;
  const float *p0 = mesh.vertices + 3 * face[0], *p1 = mesh.vertices + 3 * face[1], *p2 = mesh.vertices + 3 * face[2];
  const F ax = F(p0[0]) - r.ox, ay = F(p0[1]) - r.oy, az = F(p0[2]) - r.oz;
  const F bx = F(p1[0]) - r.ox, by = F(p1[1]) - r.oy, bz = F(p1[2]) - r.oz;
  const F cx = F(p2[0]) - r.ox, cy = F(p2[1]) - r.oy, cz = F(p2[2]) - r.oz;
  TriangleTest<F> out;
  out.e0 = r.dx * (cy * bz - cz * by) + r.dy * (cz * bx - cx * bz) + r.dz * (cx * by - cy * bx);
  out.e1 = r.dx * (ay * cz - az * cy) + r.dy * (az * cx - ax * cz) + r.dz * (ax * cy - ay * cx);
  out.e2 = r.dx * (by * az - bz * ay) + r.dy * (bz * ax - bx * az) + r.dz * (bx * ay - by * ax);
  const float ux = p1[0] - p0[0], uy = p1[1] - p0[1], uz = p1[2] - p0[2];
  const float vx = p2[0] - p0[0], vy = p2[1] - p0[1], vz = p2[2] - p0[2];
  const float nx = uy * vz - uz * vy, ny = uz * vx - ux * vz, nz = ux * vy - uy * vx;
  out.t = (F(nx) * ax + F(ny) * ay + F(nz) * az) / AwayFromZero(F(nx) * r.dx + F(ny) * r.dy + F(nz) * r.dz);
  return out;
}

// Nearest entry between `low` and `high`; with `any`, some hit (front or back face) is enough: for shadows.
template <class F>
MeshHit<F> IntersectMesh(const Mesh& mesh, const Ray<F>& r, typename F::Mask lanes, F low, F high, bool any) {
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
    const TriangleTest<F> test = TestTriangle(mesh, node.triangle, r);
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

}  // namespace
}  // namespace divla::software::DIVLA_KERNEL
