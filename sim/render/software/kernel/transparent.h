// Transparent geoms over the finished opaque picture, as MuJoCo's OpenGL blends them: each one twice, all from near to
// far and then all from far to near, without writing depth, so one layer hides 1 - (1 - alpha)^2 of what is behind it.
// Outlines are smoothed by the share of four points that the geom covers.
#pragma once

#include "sim/render/software/kernel/shading.h"

namespace divla::software::DIVLA_KERNEL {
namespace {

template <class F>
Color<F> UnpackBytes(typename F::Int color) {
  using I = typename F::Int;
  const F scale = 1.0f / 255.0f;
  return {ToFloat(color & I(255)) * scale, ToFloat(ShiftRight(color, 8) & I(255)) * scale,
          ToFloat(ShiftRight(color, 16) & I(255)) * scale};
}

template <class F>
void Blend(const Frame& frame, std::int32_t index) {
  using I = typename F::Int;
  const Geom& g = frame.geoms[index];
  const float alpha = g.faces_away ? g.alpha * 0.3f : g.alpha;
  const F near = frame.near;
  for (std::int32_t row = g.y0; row < g.y1; ++row) {
    const F y = frame.y_of[row];
    for (std::int32_t column = g.x0 & ~(F::kLanes - 1); column < g.x1; column += F::kLanes) {
      const std::int32_t at = row * frame.stride + column;
      const F x = F::Load(frame.x_of + column), depth = F::Load(frame.depth + at);
      VisibleHit<F> hit = Intersect<F>(g, x, y, near, depth);
      F cover = Select(hit.base.hit, F(1.0f), F(0.0f));
      if (frame.antialias) {
        cover = 0.0f;
        for (int k = 0; k < 4; ++k) {
          const VisibleHit<F> point = Intersect<F>(g, x + F(frame.sample_x[k]), y + F(frame.sample_y[k]), near, depth);
          cover = cover + Select(point.base.hit, F(0.25f), F(0.0f));
          // Where only the pixel's rim is covered, the colour is that at the rim.
          const auto better = AndNot(point.base.hit, hit.base.hit);
          hit.base.t = Select(better, point.base.t, hit.base.t);
          hit.base.surface = Select(better, point.base.surface, hit.base.surface);
          hit.triangle = Select(better, point.triangle, hit.triangle);
          hit.base.hit = hit.base.hit | better;
        }
      }
      unsigned left = hit.base.hit.Bits();
      if (left == 0) continue;
      const I before = I::Load(frame.color + at);
      const Color<F> under = UnpackBytes<F>(before);
      I after = before;
      std::int32_t of_lane[F::kLanes];
      hit.base.surface.Store(of_lane);
      while (left != 0) {
        const std::int32_t surface = of_lane[LowestBit(left)];
        const auto lanes = hit.base.hit & (hit.base.surface == I(surface));
        left &= ~lanes.Bits();
        const Color<F> own =
            Shade<F>(frame, index, surface, x, y, hit.base.t, InverseView(x, y), hit.triangle, lanes, false);
        const F share = cover * alpha, one = 1.0f;
        const Color<F> mixed{Mix(under.r, Min(own.r, one), share), Mix(under.g, Min(own.g, one), share),
                             Mix(under.b, Min(own.b, one), share)};
        after = Select(lanes, Pack(mixed), after);
      }
      after.Store(frame.color + at);
    }
  }
}

template <class F>
void BlendTransparent(const Frame& frame) {
  for (std::int32_t i = 0; i < frame.transparent_count; ++i) Blend<F>(frame, frame.transparent[i]);
  for (std::int32_t i = frame.transparent_count; i > 0; --i) Blend<F>(frame, frame.transparent[i - 1]);
}

}  // namespace
}  // namespace divla::software::DIVLA_KERNEL
