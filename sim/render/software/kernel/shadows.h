// Shadow rays: from the point towards a light, against the casters that the light's grid names for the point's cell. A
// geom never shades itself: all shapes but meshes are convex, so no bias is needed and no acne appears.
#pragma once

#include "sim/render/software/kernel/sampling.h"
#include "sim/render/software/kernel/surface.h"

namespace divla::software::DIVLA_KERNEL {
namespace {

constexpr float kShadowGap = 1e-4f;  // m: nearer casters touch the point and do not shade it

// The lanes' points as a light's grid sees them.
template <class F>
struct GridPoint {
  F t, tx, ty;              // in the camera's frame
  F u, v;                   // in cells
  typename F::Mask inside;  // the grid; nothing casts a shadow outside
  typename F::Int cell;     // of the masks, index of its first word
};

template <class F>
GridPoint<F> FindCell(const Frame& frame, const ShadowGrid& grid, F x, F y, F t) {
  using I = typename F::Int;
  const F tx = t * x, ty = t * y;
  const auto row = [&](int k) {
    const float* m = grid.row[k];
    return F(m[0]) + t * m[1] + tx * m[2] + ty * m[3];
  };
  F u = row(0), v = row(1);
  auto inside = u <= u;
  if (grid.spot) {
    const F w = row(2);
    inside = w > F(1e-6f);
    const F scale = F(1.0f) / Max(w, F(1e-6f));
    u = u * scale;
    v = v * scale;
  }
  const float cells = kGridCells;
  u = (u - grid.low[0]) * grid.scale[0];
  v = (v - grid.low[1]) * grid.scale[1];
  inside = inside & (u >= F(0.0f)) & (u < F(cells)) & (v >= F(0.0f)) & (v < F(cells));
  const F last = cells - 1;
  const I column = Truncate(Min(Max(u, F(0.0f)), last)), line = Truncate(Min(Max(v, F(0.0f)), last));
  return {t, tx, ty, u, v, inside, (line * I(kGridCells) + column) * I(frame.mask_words)};
}

// Of `lanes`, those that the caster may shade.
template <class F>
DIVLA_INLINE typename F::Mask WithinBounds(const CasterBounds& b, const GridPoint<F>& p, typename F::Mask lanes) {
  const auto between = [&](F along, int k) { return (along >= F(b.low[k])) & (along <= F(b.high[k])); };
  const auto near = lanes & between(p.u, 0) & between(p.v, 1) & between(p.u + p.v, 2) & between(p.u - p.v, 3);
  if (near.Bits() == 0) return near;
  return near & (F(b.plane[0]) + p.t * b.plane[1] + p.tx * b.plane[2] + p.ty * b.plane[3] > F(0.0f));
}

// Does the caster stand between the lanes' points and the light?
template <class F>
DIVLA_INLINE typename F::Mask Occludes(const Geom& g, const Light& light, int light_index, F x, F y, F t,
                                       typename F::Mask lanes) {
  const Ray<F> view = LocalRay(g, x, y);
  Ray<F> r{view.ox + t * view.dx, view.oy + t * view.dy, view.oz + t * view.dz, 0.0f, 0.0f, 0.0f};
  const float* towards = g.light[light_index];
  F reach = kFar, gap = kShadowGap;
  if (light.spot) {  // the ray ends at t = 1, at the light
    r.dx = F(towards[0]) - r.ox;
    r.dy = F(towards[1]) - r.oy;
    r.dz = F(towards[2]) - r.oz;
    gap = gap / Sqrt(Max(r.dx * r.dx + r.dy * r.dy + r.dz * r.dz, F(1e-12f)));
    reach = 1.0f;
  } else {
    r.dx = towards[0];
    r.dy = towards[1];
    r.dz = towards[2];
  }
  Hit<F> hit{};
  switch (g.shape) {
    case Shape::kPlane:
      hit = IntersectPlane(g, r);
      break;
    case Shape::kSphere:
    case Shape::kEllipsoid: {
      const float* s = g.inverse;
      hit = IntersectUnitSphere(Ray<F>{r.ox * s[0], r.oy * s[1], r.oz * s[2], r.dx * s[0], r.dy * s[1], r.dz * s[2]});
      break;
    }
    case Shape::kCapsule:
      hit = IntersectCapsule(g, r);
      break;
    case Shape::kCylinder:
      hit = IntersectCylinder(g, r);
      break;
    case Shape::kBox:
      hit = IntersectBox(g, r);
      break;
    case Shape::kMesh:
      return MeetsMesh(*g.mesh, r, lanes, gap, reach);
  }
  return hit.hit & (hit.t > gap) & (hit.t < reach);
}

// Of `lanes`, those whose points on geom `receiver` the light does not reach.
template <class F>
DIVLA_INLINE typename F::Mask Shadowed(const Frame& frame, int light_index, std::int32_t receiver, F x, F y, F t,
                                       typename F::Mask lanes) {
  using I = typename F::Int;
  const ShadowGrid& grid = frame.grids[frame.lights[light_index].shadow];
  const GridPoint<F> point = FindCell(frame, grid, x, y, t);
  auto open = lanes & point.inside;
  auto dark = AndNot(open, open);
  // The cells that the lanes are in.
  std::int32_t of_lane[F::kLanes], cells[F::kLanes];
  point.cell.Store(of_lane);
  int count = 0;
  for (unsigned left = open.Bits(); left != 0;) {
    const std::int32_t cell = of_lane[LowestBit(left)];
    cells[count++] = cell;
    left &= ~(point.cell == I(cell)).Bits();
  }
  for (std::int32_t word = 0; word < frame.mask_words && open.Bits() != 0; ++word) {
    std::uint64_t any = 0;
    for (int i = 0; i < count; ++i) any |= grid.masks[cells[i] + word];
    for (; any != 0 && open.Bits() != 0; any &= any - 1) {
      const std::int32_t index = word * 64 + __builtin_ctzll(any);
      const std::int32_t caster = frame.casters[index];
      if (caster == receiver) continue;
      // The bounds decide for each lane by itself: what a neighbour's cell names must not change a lane.
      const auto asking = WithinBounds(grid.bounds[index], point, open);
      if (asking.Bits() == 0) continue;
      const auto hit = asking & Occludes(frame.geoms[caster], frame.lights[light_index], light_index, x, y, t, asking);
      dark = dark | hit;
      open = AndNot(open, hit);
    }
  }
  return dark;
}

}  // namespace
}  // namespace divla::software::DIVLA_KERNEL
