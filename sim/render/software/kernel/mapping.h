// Texture coordinates, as MuJoCo's OpenGL lays a texture on each shape (measured from its pictures; they are not all
// documented): a box and a plane carry the full picture on each face, round shapes wrap it around their z axis, a cube
// map is looked up along the local point in units of the geom's size. A mesh may bring its own.
#pragma once

#include "sim/render/software/kernel/sampling.h"
#include "sim/render/software/kernel/surface.h"

namespace divla::software::DIVLA_KERNEL {
namespace {

// Angle of (x, y) in turns, 0 to 1. The polynomial is ours: atan(a) / (2 pi) on 0 <= a <= 1, at most 4e-8 off.
template <class F>
F Turns(F x, F y) {
  const F ax = Abs(x), ay = Abs(y);
  const F a = Min(ax, ay) / Max(Max(ax, ay), F(1e-20f)), a2 = a * a;
  constexpr float kPolynomial[] = {0.0010841304901987314f, -0.005348277743905783f, 0.012672500684857368f,
                                   -0.021061517298221588f, 0.03152511641383171f,   -0.0530262365937233f,
                                   0.15915432572364807f};
  F turn = 0.0f;
  for (const float c : kPolynomial) turn = turn * a2 + F(c);
  turn = turn * a;
  turn = Select(ay > ax, F(0.25f) - turn, turn);
  turn = Select(x < F(0.0f), F(0.5f) - turn, turn);
  return Select(y < F(0.0f), F(1.0f) - turn, turn);
}

// One texture coordinate that grows linearly along an axis: 0 to 1 from -half size to +half size.
template <class F>
void Along(F p, F dx, F dy, float inverse, float sign, F& u, F& u_x, F& u_y) {
  // A plane without end has a size of 0 and one repetition every two metres.
  const F slope = sign * (inverse > 0 ? 0.5f * inverse : 0.5f);
  u = (inverse > 0 ? F(0.5f) : F(0.0f)) + p * slope;
  u_x = dx * slope;
  u_y = dy * slope;
}

template <class F>
void Around(const Vec<F>& q, const Vec<F>& dx, const Vec<F>& dy, TexturePoint<F>& out) {
  const F scale = F(0.15915494f) / Max(q.x * q.x + q.y * q.y, F(1e-12f));
  out.u = Turns(q.x, q.y);
  out.u_x = (q.x * dx.y - q.y * dx.x) * scale;
  out.u_y = (q.x * dy.y - q.y * dy.x) * scale;
}

// From pole to pole of a unit sphere.
template <class F>
void Downwards(F z, F dx, F dy, TexturePoint<F>& out) {
  const F across = Sqrt(Max(F(1.0f) - z * z, F(1e-12f)));
  const F scale = F(-0.31830989f) / across;
  out.v = F(2.0f) * Turns(z, across);
  out.v_x = dx * scale;
  out.v_y = dy * scale;
}

template <class F>
TexturePoint<F> MeshMapping(const Geom& g, const SurfacePoint<F>& s, const Vec<F>& step_x, const Vec<F>& step_y) {
  using I = typename F::Int;
  F tu[3], tv[3];
  for (int k = 0; k < 3; ++k) {
    const I corner = I::Gather(g.mesh->face_texcoords, s.triangle * I(3) + I(k)) * I(2);
    tu[k] = F::Gather(g.mesh->texcoords, corner);
    tv[k] = F::Gather(g.mesh->texcoords, corner + I(1));
  }
  const auto at = [&](const Vec<F>& d, F& u, F& v) {
    const F w0 = Dot(d, s.edge[0]), w1 = Dot(d, s.edge[1]), w2 = Dot(d, s.edge[2]);
    const F scale = F(1.0f) / AwayFromZero(w0 + w1 + w2);
    u = (w0 * tu[0] + w1 * tu[1] + w2 * tu[2]) * scale;
    v = (w0 * tv[0] + w1 * tv[1] + w2 * tv[2]) * scale;
  };
  TexturePoint<F> out;
  F u, v;
  at(s.d, out.u, out.v);
  at({s.d.x + step_x.x, s.d.y + step_x.y, s.d.z + step_x.z}, u, v);
  out.u_x = u - out.u, out.v_x = v - out.v;
  at({s.d.x + step_y.x, s.d.y + step_y.y, s.d.z + step_y.z}, u, v);
  out.u_y = u - out.u, out.v_y = v - out.v;
  return out;
}

template <class F>
DIVLA_INLINE TexturePoint<F> PictureMapping(const Geom& g, std::int32_t surface, const Vec<F>& p, const Vec<F>& dx,
                                            const Vec<F>& dy) {
  TexturePoint<F> out;
  const auto u_along = [&](F at, F x, F y, int axis) {
    Along(at, x, y, g.inverse[axis], 1.0f, out.u, out.u_x, out.u_y);
  };
  const auto v_along = [&](F at, F x, F y, int axis, float sign) {
    Along(at, x, y, g.inverse[axis], sign, out.v, out.v_x, out.v_y);
  };
  const Vec<F> q{p.x * g.inverse[0], p.y * g.inverse[1], p.z * g.inverse[2]};
  const Vec<F> qx{dx.x * g.inverse[0], dx.y * g.inverse[1], dx.z * g.inverse[2]};
  const Vec<F> qy{dy.x * g.inverse[0], dy.y * g.inverse[1], dy.z * g.inverse[2]};
  switch (g.shape) {
    case Shape::kPlane:
    case Shape::kMesh:
      u_along(p.x, dx.x, dy.x, 0);
      v_along(p.y, dx.y, dy.y, 1, -1.0f);
      break;
    case Shape::kBox:
      if (surface / 2 == 0) u_along(p.y, dx.y, dy.y, 1);
      if (surface / 2 != 0) u_along(p.x, dx.x, dy.x, 0);
      if (surface / 2 == 2) v_along(p.y, dx.y, dy.y, 1, -1.0f);
      if (surface / 2 != 2) v_along(p.z, dx.z, dy.z, 2, -1.0f);
      break;
    case Shape::kCylinder:
      if (surface == 0) {
        Around(p, dx, dy, out);
        v_along(p.z, dx.z, dy.z, 2, -1.0f);
      } else {
        u_along(p.x, dx.x, dy.x, 0);
        v_along(p.y, dx.y, dy.y, 1, 1.0f);
      }
      break;
    case Shape::kSphere:
    case Shape::kEllipsoid:
      Around(q, qx, qy, out);
      Downwards(q.z, qx.z, qy.z, out);
      break;
    case Shape::kCapsule: {
      Around(p, dx, dy, out);
      v_along(p.z, dx.z, dy.z, 2, -1.0f);
      TexturePoint<F> cap = out;
      const F half = g.size[2];
      const F beyond = (p.z - Min(Max(p.z, F(0.0f) - half), half)) * g.inverse[0];
      Downwards(beyond, dx.z * g.inverse[0], dy.z * g.inverse[0], cap);
      const auto on_cap = Abs(p.z) > half;
      // Each half sphere carries the full height once more.
      const F start = Select(p.z > F(0.0f), F(0.0f), F(1.0f));
      out.v = Select(on_cap, F(2.0f) * cap.v - start, out.v);
      out.v_x = Select(on_cap, F(2.0f) * cap.v_x, out.v_x);
      out.v_y = Select(on_cap, F(2.0f) * cap.v_y, out.v_y);
      break;
    }
  }
  return out;
}

// OpenGL's table of cube faces (specification of OpenGL 1.3, section 3.8.6).
template <class F>
TexturePoint<F> CubeMapping(const Vec<F>& q, const Vec<F>& dx, const Vec<F>& dy) {
  using I = typename F::Int;
  const F ax = Abs(q.x), ay = Abs(q.y), az = Abs(q.z), zero = 0.0f;
  const auto on_x = (ax >= ay) & (ax >= az), on_y = ay >= az;
  const auto pick = [&](const F& x, const F& y, const F& z) { return Select(on_x, x, Select(on_y, y, z)); };
  const F major = pick(q.x, q.y, q.z);
  const auto negative = major < zero;
  const F sign = Select(negative, F(-1.0f), F(1.0f));
  const auto coordinates = [&](const Vec<F>& v, F& sc, F& tc, F& ma) {
    sc = pick(zero - sign * v.z, v.x, sign * v.x);
    tc = pick(zero - v.y, sign * v.z, zero - v.y);
    ma = sign * pick(v.x, v.y, v.z);
  };
  F s, t, m;
  coordinates(q, s, t, m);
  const F scale = F(1.0f) / AwayFromZero(m);
  s = s * scale;
  t = t * scale;
  TexturePoint<F> out;
  out.u = F(0.5f) * s + F(0.5f);
  out.v = F(0.5f) * t + F(0.5f);
  F ds, dt, dm;
  coordinates(dx, ds, dt, dm);
  out.u_x = F(0.5f) * scale * (ds - s * dm);
  out.v_x = F(0.5f) * scale * (dt - t * dm);
  coordinates(dy, ds, dt, dm);
  out.u_y = F(0.5f) * scale * (ds - s * dm);
  out.v_y = F(0.5f) * scale * (dt - t * dm);
  const I face = Select(on_x, I(0), Select(on_y, I(2), I(4)));
  out.face = face + Select(negative, I(1), I(0));
  return out;
}

template <class F>
DIVLA_INLINE Color<F> TextureColor(const Frame& frame, const Geom& g, std::int32_t surface, const SurfacePoint<F>& s,
                                   F t, typename F::Mask lanes) {
  const Vec<F> step_x{g.b[0] * frame.pixel_x, g.b[1] * frame.pixel_x, g.b[2] * frame.pixel_x};
  const Vec<F> step_y{g.c[0] * frame.pixel_y, g.c[1] * frame.pixel_y, g.c[2] * frame.pixel_y};
  if (g.mapping == Mapping::k2d && g.shape == Shape::kMesh && g.mesh->texcoords != nullptr) {
    return Sample(*g.texture, MeshMapping(g, s, step_x, step_y), false, lanes);
  }
  const F grazing = F(1.0f) / AwayFromZero(Dot(s.n, s.d));
  const Vec<F> dx = Slide(s, t, grazing, step_x), dy = Slide(s, t, grazing, step_y);
  if (g.mapping == Mapping::kCube) {
    const auto scaled = [&](const Vec<F>& v) {
      return Vec<F>{v.x * g.cube_scale[0], v.y * g.cube_scale[1], v.z * g.cube_scale[2]};
    };
    return Sample(*g.texture, CubeMapping(scaled(s.p), scaled(dx), scaled(dy)), true, lanes);
  }
  TexturePoint<F> p = PictureMapping(g, surface, s.p, dx, dy);
  // Around a mesh's own centre repetitions grow from the middle of the picture.
  const F middle = g.shape == Shape::kMesh ? 0.5f : 0.0f;
  p.u = (p.u - middle) * g.repeat[0] + middle, p.u_x = p.u_x * g.repeat[0], p.u_y = p.u_y * g.repeat[0];
  p.v = (p.v - middle) * g.repeat[1] + middle, p.v_x = p.v_x * g.repeat[1], p.v_y = p.v_y * g.repeat[1];
  return Sample(*g.texture, p, false, lanes);
}

// The sky along the ray: MuJoCo's skybox has z upwards, OpenGL's cube has y.
template <class F>
Color<F> SkyColor(const Frame& frame, F x, F y, typename F::Mask lanes) {
  if (frame.sky == nullptr) return {0.0f, 0.0f, 0.0f};
  const auto turned = [](F wx, F wy, F wz) { return Vec<F>{wx, wz, F(0.0f) - wy}; };
  const auto along = [&](int k) { return F(frame.forward[k]) + x * frame.right[k] + y * frame.up[k]; };
  const float px = frame.pixel_x, py = frame.pixel_y;
  return Sample(*frame.sky,
                CubeMapping(turned(along(0), along(1), along(2)),
                            turned(frame.right[0] * px, frame.right[1] * px, frame.right[2] * px),
                            turned(frame.up[0] * py, frame.up[1] * py, frame.up[2] * py)),
                true, lanes);
}

}  // namespace
}  // namespace divla::software::DIVLA_KERNEL
