// Which geom each pixel shows: primitive by primitive over the pixels that it may touch, against a depth buffer. Geoms
// come in ascending order and replace only what is strictly farther, so the lower index wins a tie.
#pragma once

#include "sim/render/software/kernel/mesh.h"

namespace divla::software::DIVLA_KERNEL {
namespace {

// The ray of the lanes' pixels in a geom's own frame.
template <class F>
Ray<F> LocalRay(const Geom& g, F x, F y) {
  return {g.o[0],
          g.o[1],
          g.o[2],
          F(g.a[0]) + x * g.b[0] + y * g.c[0],
          F(g.a[1]) + x * g.b[1] + y * g.c[1],
          F(g.a[2]) + x * g.b[2] + y * g.c[2]};
}

// The same in units of the radii of a sphere or ellipsoid.
template <class F>
Ray<F> UnitRay(const Geom& g, F x, F y) {
  return {g.so[0],
          g.so[1],
          g.so[2],
          F(g.sa[0]) + x * g.sb[0] + y * g.sc[0],
          F(g.sa[1]) + x * g.sb[1] + y * g.sc[1],
          F(g.sa[2]) + x * g.sb[2] + y * g.sc[2]};
}

// Any shape but a mesh.
template <Shape shape, class F>
Hit<F> IntersectShape(const Geom& g, F x, F y) {
  if constexpr (shape == Shape::kPlane) return IntersectPlane(g, LocalRay(g, x, y));
  if constexpr (shape == Shape::kSphere || shape == Shape::kEllipsoid) return IntersectUnitSphere(UnitRay(g, x, y));
  if constexpr (shape == Shape::kCapsule) return IntersectCapsule(g, LocalRay(g, x, y));
  if constexpr (shape == Shape::kCylinder) return IntersectCylinder(g, LocalRay(g, x, y));
  if constexpr (shape == Shape::kBox) return IntersectBox(g, LocalRay(g, x, y));
}

template <class F>
struct VisibleHit {
  Hit<F> base;
  typename F::Int triangle;
};

// Any shape, entries between `near` and `depth` only.
template <class F>
VisibleHit<F> Intersect(const Geom& g, F x, F y, F near, F depth) {
  Hit<F> hit{};
  switch (g.shape) {
    case Shape::kPlane:
      hit = IntersectShape<Shape::kPlane>(g, x, y);
      break;
    case Shape::kSphere:
    case Shape::kEllipsoid:
      hit = IntersectShape<Shape::kSphere>(g, x, y);
      break;
    case Shape::kCapsule:
      hit = IntersectShape<Shape::kCapsule>(g, x, y);
      break;
    case Shape::kCylinder:
      hit = IntersectShape<Shape::kCylinder>(g, x, y);
      break;
    case Shape::kBox:
      hit = IntersectShape<Shape::kBox>(g, x, y);
      break;
    case Shape::kMesh: {
      const MeshHit<F> mesh = IntersectSeenMesh(g, LocalRay(g, x, y), x, y, near, depth);
      return {{mesh.hit, mesh.t, 0}, mesh.triangle};
    }
  }
  hit.hit = hit.hit & (hit.t >= near) & (hit.t < depth);
  return {hit, -1};
}

template <Shape shape, class F>
void DrawShape(const Frame& frame, std::int32_t index) {
  using I = typename F::Int;
  const Geom& g = frame.geoms[index];
  const I key = index << kSurfaceBits;
  const F near = frame.near;
  const std::int32_t first = g.x0 & ~(F::kLanes - 1);
  for (std::int32_t row = g.y0; row < g.y1; ++row) {
    const F y = frame.y_of[row];
    float* depths = frame.depth + row * frame.stride;
    std::int32_t* keys = frame.key + row * frame.stride;
    for (std::int32_t column = first; column < g.x1; column += F::kLanes) {
      const F x = F::Load(frame.x_of + column);
      const F depth = F::Load(depths + column);
      if constexpr (shape == Shape::kMesh) {
        const MeshHit<F> mesh = IntersectSeenMesh(g, LocalRay(g, x, y), x, y, near, depth);
        if (mesh.hit.Bits() == 0) continue;
        mesh.t.Store(depths + column);
        Select(mesh.hit, key, I::Load(keys + column)).Store(keys + column);
        std::int32_t* triangles = frame.triangle + row * frame.stride + column;
        Select(mesh.hit, mesh.triangle, I::Load(triangles)).Store(triangles);
      } else {
        const Hit<F> hit = IntersectShape<shape>(g, x, y);
        const auto seen = hit.hit & (hit.t >= near) & (hit.t < depth);
        if (seen.Bits() == 0) continue;
        Select(seen, hit.t, depth).Store(depths + column);
        Select(seen, key | hit.surface, I::Load(keys + column)).Store(keys + column);
      }
    }
  }
}

template <class F>
void DrawGeom(const Frame& frame, std::int32_t index) {
  switch (frame.geoms[index].shape) {
    case Shape::kPlane:
      return DrawShape<Shape::kPlane, F>(frame, index);
    case Shape::kSphere:
    case Shape::kEllipsoid:
      return DrawShape<Shape::kSphere, F>(frame, index);
    case Shape::kCapsule:
      return DrawShape<Shape::kCapsule, F>(frame, index);
    case Shape::kCylinder:
      return DrawShape<Shape::kCylinder, F>(frame, index);
    case Shape::kBox:
      return DrawShape<Shape::kBox, F>(frame, index);
    case Shape::kMesh:
      return DrawShape<Shape::kMesh, F>(frame, index);
  }
}

template <class F>
void DrawOpaque(const Frame& frame) {
  const F far = frame.far;
  const typename F::Int sky = kSkyKey;
  for (std::int32_t i = 0; i < frame.height * frame.stride; i += F::kLanes) {
    far.Store(frame.depth + i);
    sky.Store(frame.key + i);
  }
  for (std::int32_t i = 0; i < frame.opaque_count; ++i) DrawGeom<F>(frame, frame.opaque[i]);
}

}  // namespace
}  // namespace divla::software::DIVLA_KERNEL
