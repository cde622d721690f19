// Rays against primitives, any number of lanes at once. Each function answers where a ray *enters* a shape: MuJoCo's
// OpenGL culls back faces, so a camera inside a shape does not see it. Discriminants are written r^2 a - |o x d|^2,
// which float32 keeps clean at silhouettes (b^2 - a c does not). Tiny denominators are replaced, so that no NaN decides
// anything.
#pragma once

#include "sim/render/software/frame_data.h"

namespace divla::software::DIVLA_KERNEL {
namespace {

template <class F>
struct Ray {
  F ox, oy, oz, dx, dy, dz;
};

template <class F>
struct Hit {
  typename F::Mask hit;
  F t;
  typename F::Int surface;
};

template <class F>
F AwayFromZero(F x) {
  return Select(Abs(x) < F(1e-12f), F(1e-12f), x);
}

template <class F>
DIVLA_INLINE Hit<F> IntersectPlane(const Geom& g, const Ray<F>& r) {
  const F t = F(0.0f) - r.oz / AwayFromZero(r.dz);
  auto hit = (r.dz < F(0.0f)) & (r.oz > F(0.0f));
  if (g.faces_away) hit = (r.dz > F(0.0f)) & (r.oz < F(0.0f));
  if (g.size[0] > 0) hit = hit & (Abs(r.ox + t * r.dx) <= F(g.size[0]));
  if (g.size[1] > 0) hit = hit & (Abs(r.oy + t * r.dy) <= F(g.size[1]));
  return {hit, t, 0};
}

// The ray is in units of the radii.
template <class F>
DIVLA_INLINE Hit<F> IntersectUnitSphere(const Ray<F>& r) {
  const F a = r.dx * r.dx + r.dy * r.dy + r.dz * r.dz;
  const F b = r.ox * r.dx + r.oy * r.dy + r.oz * r.dz;
  const F cx = r.oy * r.dz - r.oz * r.dy, cy = r.oz * r.dx - r.ox * r.dz, cz = r.ox * r.dy - r.oy * r.dx;
  const F disc = a - (cx * cx + cy * cy + cz * cz);
  const F t = (F(0.0f) - b - Sqrt(Max(disc, F(0.0f)))) / AwayFromZero(a);
  return {disc > F(0.0f), t, 0};
}

template <class F>
DIVLA_INLINE Hit<F> IntersectCapsule(const Geom& g, const Ray<F>& r) {
  const F radius2 = g.size[0] * g.size[0], half = g.size[2];
  const F a = Max(r.dx * r.dx + r.dy * r.dy, F(1e-20f));
  const F b = r.ox * r.dx + r.oy * r.dy;
  const F cz = r.ox * r.dy - r.oy * r.dx;
  const F disc = radius2 * a - cz * cz;
  const F t_side = (F(0.0f) - b - Sqrt(Max(disc, F(0.0f)))) / a;
  const F z = r.oz + t_side * r.dz;
  const auto on_side = Abs(z) <= half;
  // Beyond the side the ray can only enter by the half sphere at that end.
  const F oz = r.oz - Select(z > F(0.0f), half, F(0.0f) - half);
  const F a3 = a + r.dz * r.dz;
  const F b3 = b + oz * r.dz;
  const F cx = r.oy * r.dz - oz * r.dy, cy = oz * r.dx - r.ox * r.dz;
  const F disc3 = radius2 * a3 - (cx * cx + cy * cy + cz * cz);
  const F t_cap = (F(0.0f) - b3 - Sqrt(Max(disc3, F(0.0f)))) / a3;
  return {(disc > F(0.0f)) & (on_side | (disc3 > F(0.0f))), Select(on_side, t_side, t_cap), 0};
}

// Surface 0: the side; 1: the upper cap; 2: the lower one.
template <class F>
DIVLA_INLINE Hit<F> IntersectCylinder(const Geom& g, const Ray<F>& r) {
  const F radius2 = g.size[0] * g.size[0], half = g.size[2];
  const F across = r.dx * r.dx + r.dy * r.dy, a = Max(across, F(1e-20f));
  const F b = r.ox * r.dx + r.oy * r.dy;
  const F cz = r.ox * r.dy - r.oy * r.dx;
  // A ray along the axis (a light from straight above) never crosses the side: it is inside for good, or outside.
  const F disc = Select(across < F(1e-20f), radius2 - (r.ox * r.ox + r.oy * r.oy), radius2 * a - cz * cz);
  const F root = Sqrt(Max(disc, F(0.0f)));
  const F side_in = (F(0.0f) - b - root) / a, side_out = (root - b) / a;
  const F inverse = F(1.0f) / AwayFromZero(r.dz);
  const F middle = F(0.0f) - r.oz * inverse, reach = half * Abs(inverse);
  const F cap_in = middle - reach, cap_out = middle + reach;
  const F t = Max(side_in, cap_in);
  const auto hit = (disc > F(0.0f)) & (t < Min(side_out, cap_out));
  using I = typename F::Int;
  const I cap = Select(r.dz < F(0.0f), I(1), I(2));
  return {hit, t, Select(cap_in > side_in, cap, I(0))};
}

// Surfaces 0 to 5: +x -x +y -y +z -z.
template <class F>
DIVLA_INLINE Hit<F> IntersectBox(const Geom& g, const Ray<F>& r) {
  const F ix = F(1.0f) / AwayFromZero(r.dx), iy = F(1.0f) / AwayFromZero(r.dy), iz = F(1.0f) / AwayFromZero(r.dz);
  const F mx = F(0.0f) - r.ox * ix, my = F(0.0f) - r.oy * iy, mz = F(0.0f) - r.oz * iz;
  const F rx = F(g.size[0]) * Abs(ix), ry = F(g.size[1]) * Abs(iy), rz = F(g.size[2]) * Abs(iz);
  const F x_in = mx - rx, y_in = my - ry, z_in = mz - rz;
  const F t = Max(Max(x_in, y_in), z_in);
  const auto hit = t < Min(Min(mx + rx, my + ry), mz + rz);
  using I = typename F::Int;
  const I on_x = Select(r.dx < F(0.0f), I(0), I(1));
  const I on_y = Select(r.dy < F(0.0f), I(2), I(3));
  const I on_z = Select(r.dz < F(0.0f), I(4), I(5));
  const I surface = Select(x_in >= t, on_x, Select(y_in >= t, on_y, on_z));
  return {hit, t, surface};
}

}  // namespace
}  // namespace divla::software::DIVLA_KERNEL
