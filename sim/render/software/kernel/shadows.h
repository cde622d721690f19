// Shadow rays: from the point towards a light, against the casters that the light's grid names for the point's cell. A
// geom never shades itself: all shapes but meshes are convex, so no bias is needed and no acne appears.
#pragma once

#include "sim/render/software/kernel/sampling.h"
#include "sim/render/software/kernel/surface.h"

namespace divla::software::DIVLA_KERNEL {
namespace {

constexpr float kShadowGap = 1e-4f;  // m: nearer casters touch the point and do not shade it

// Word of caster bits of the lanes' cells; `cell` holds the index of the cell's first word.
template <class F>
struct CellLookup {
  typename F::Mask inside;
  typename F::Int cell;
};

template <class F>
CellLookup<F> FindCell(const Frame& frame, const ShadowGrid& grid, F x, F y, F t) {
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
  return {inside, (line * I(kGridCells) + column) * I(frame.mask_words)};
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

// Takes the casters named by `word` of each lane's mask and moves the lanes that they shade from `open` to `dark`.
template <class F>
DIVLA_INLINE void TestCasters(const Frame& frame, int light_index, std::int32_t receiver, F x, F y, F t,
                              std::int32_t word, typename F::Int bits, typename F::Mask& open, typename F::Mask& dark) {
  using I = typename F::Int;
  std::int32_t of_lane[F::kLanes];
  bits.Store(of_lane);
  unsigned any = 0;
  for (unsigned left = open.Bits(); left != 0; left &= left - 1) {
    any |= static_cast<unsigned>(of_lane[LowestBit(left)]);
  }
  for (; any != 0 && open.Bits() != 0; any &= any - 1) {
    const unsigned bit = LowestBit(any);
    const std::int32_t caster = frame.casters[word * 32 + static_cast<std::int32_t>(bit)];
    if (caster == receiver) continue;
    // Only lanes whose own cell names the caster: a neighbour's list must not change a lane.
    const auto asking = AndNot(open, (bits & I(static_cast<std::int32_t>(1u << bit))) == I(0));
    const auto hit = asking & Occludes(frame.geoms[caster], frame.lights[light_index], light_index, x, y, t, asking);
    dark = dark | hit;
    open = AndNot(open, hit);
  }
}

// Of `lanes`, those whose points on geom `receiver` the light does not reach.
template <class F>
DIVLA_INLINE typename F::Mask Shadowed(const Frame& frame, int light_index, std::int32_t receiver, F x, F y, F t,
                                       typename F::Mask lanes) {
  using I = typename F::Int;
  const ShadowGrid& grid = frame.grids[frame.lights[light_index].shadow];
  const CellLookup<F> lookup = FindCell(frame, grid, x, y, t);
  auto open = lanes & lookup.inside;
  auto dark = AndNot(open, open);
  if (open.Bits() == 0) return dark;
  std::int32_t of_lane[F::kLanes];
  lookup.cell.Store(of_lane);
  const std::int32_t first = of_lane[LowestBit(open.Bits())];
  const bool one_cell = AndNot(open, lookup.cell == I(first)).Bits() == 0;
  for (std::int32_t word = 0; word < frame.mask_words && open.Bits() != 0; ++word) {
    if (one_cell) {
      const std::int32_t bits = grid.masks[first + word];
      if (bits != 0) TestCasters<F>(frame, light_index, receiver, x, y, t, word, bits, open, dark);
    } else {
      TestCasters<F>(frame, light_index, receiver, x, y, t, word, I::Gather(grid.masks, lookup.cell + I(word)), open,
                     dark);
    }
  }
  return dark;
}

}  // namespace
}  // namespace divla::software::DIVLA_KERNEL
