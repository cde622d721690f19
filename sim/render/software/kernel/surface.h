// The point that a pixel shows, in the geom's own frame: position, outward normal, ray, and how far the point moves
// from pixel to pixel (for the choice of mip level).
#pragma once

#include "sim/render/software/kernel/visibility.h"

namespace divla::software::DIVLA_KERNEL {
namespace {

template <class F>
struct Vec {
  F x, y, z;
};
template <class F>
F Dot(const Vec<F>& a, const Vec<F>& b) {
  return a.x * b.x + a.y * b.y + a.z * b.z;
}

template <class F>
struct SurfacePoint {
  Vec<F> p, n, d;  // m; unit; the ray's direction, not unit
  // Of a mesh: the triangle, and edge functions of its corners as vectors, e_i = d . edge[i].
  typename F::Int triangle;
  Vec<F> edge[3];
};

template <class F>
Vec<F> Corner(const Mesh& mesh, typename F::Int index) {
  using I = typename F::Int;
  const I at = index * I(3);
  return {F::Gather(mesh.vertices, at), F::Gather(mesh.vertices, at + I(1)), F::Gather(mesh.vertices, at + I(2))};
}

template <class F>
Vec<F> Normal(const Mesh& mesh, typename F::Int index) {
  using I = typename F::Int;
  const I at = index * I(3);
  return {F::Gather(mesh.normals, at), F::Gather(mesh.normals, at + I(1)), F::Gather(mesh.normals, at + I(2))};
}

// Edge functions and interpolated normal of the lanes' triangles.
template <class F>
void MeshSurface(const Geom& g, SurfacePoint<F>& s) {
  using I = typename F::Int;
  const Mesh& mesh = *g.mesh;
  const I at = s.triangle * I(3);
  Vec<F> corner[3];
  for (int k = 0; k < 3; ++k) {
    corner[k] = Corner<F>(mesh, I::Gather(mesh.faces, at + I(k)));
    corner[k] = {corner[k].x - F(g.o[0]), corner[k].y - F(g.o[1]), corner[k].z - F(g.o[2])};
  }
  for (int k = 0; k < 3; ++k) {
    const Vec<F>&p = corner[(k + 1) % 3], &q = corner[(k + 2) % 3];
    s.edge[k] = {q.y * p.z - q.z * p.y, q.z * p.x - q.x * p.z, q.x * p.y - q.y * p.x};
  }
  const F w0 = Dot(s.d, s.edge[0]), w1 = Dot(s.d, s.edge[1]), w2 = Dot(s.d, s.edge[2]);
  const Vec<F> n0 = Normal<F>(mesh, I::Gather(mesh.face_normals, at));
  const Vec<F> n1 = Normal<F>(mesh, I::Gather(mesh.face_normals, at + I(1)));
  const Vec<F> n2 = Normal<F>(mesh, I::Gather(mesh.face_normals, at + I(2)));
  s.n = {w0 * n0.x + w1 * n1.x + w2 * n2.x, w0 * n0.y + w1 * n1.y + w2 * n2.y, w0 * n0.z + w1 * n1.z + w2 * n2.z};
  const F scale = F(1.0f) / Sqrt(Max(Dot(s.n, s.n), F(1e-30f)));
  s.n = {s.n.x * scale, s.n.y * scale, s.n.z * scale};
}

// `surface` is that of the key; the same for all lanes.
template <class F>
DIVLA_INLINE SurfacePoint<F> SurfaceOf(const Geom& g, std::int32_t surface, F x, F y, F t, typename F::Int triangle) {
  const Ray<F> ray = LocalRay(g, x, y);
  SurfacePoint<F> s;
  s.d = {ray.dx, ray.dy, ray.dz};
  s.p = {ray.ox + t * ray.dx, ray.oy + t * ray.dy, ray.oz + t * ray.dz};
  const F zero = 0.0f;
  switch (g.shape) {
    case Shape::kPlane:
      s.n = {zero, zero, 1.0f};
      break;
    case Shape::kSphere:
      s.n = {s.p.x * g.inverse[0], s.p.y * g.inverse[0], s.p.z * g.inverse[0]};
      break;
    case Shape::kEllipsoid: {
      // The gradient of (x/a)^2 + (y/b)^2 + (z/c)^2.
      s.n = {s.p.x * (g.inverse[0] * g.inverse[0]), s.p.y * (g.inverse[1] * g.inverse[1]),
             s.p.z * (g.inverse[2] * g.inverse[2])};
      const F scale = F(1.0f) / Sqrt(Max(Dot(s.n, s.n), F(1e-30f)));
      s.n = {s.n.x * scale, s.n.y * scale, s.n.z * scale};
      break;
    }
    case Shape::kCapsule: {
      const F half = g.size[2];
      const F z = s.p.z - Min(Max(s.p.z, zero - half), half);
      s.n = {s.p.x * g.inverse[0], s.p.y * g.inverse[0], z * g.inverse[0]};
      break;
    }
    case Shape::kCylinder:
      if (surface == 0) s.n = {s.p.x * g.inverse[0], s.p.y * g.inverse[0], zero};
      if (surface != 0) s.n = {zero, zero, surface == 1 ? 1.0f : -1.0f};
      break;
    case Shape::kBox: {
      const F side = surface % 2 == 0 ? 1.0f : -1.0f;
      s.n = {surface / 2 == 0 ? side : zero, surface / 2 == 1 ? side : zero, surface / 2 == 2 ? side : zero};
      break;
    }
    case Shape::kMesh:
      s.triangle = Max(triangle, typename F::Int(0));
      MeshSurface(g, s);
      break;
  }
  return s;
}

// How far the point moves on its tangent plane when the ray's direction changes by `step`; `grazing` is 1 / (n . d).
template <class F>
Vec<F> Slide(const SurfacePoint<F>& s, F t, F grazing, const Vec<F>& step) {
  const F share = Dot(s.n, step) * grazing;
  return {t * (step.x - s.d.x * share), t * (step.y - s.d.y * share), t * (step.z - s.d.z * share)};
}

}  // namespace
}  // namespace divla::software::DIVLA_KERNEL
