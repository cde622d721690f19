// Colour of what the pixels show: OpenGL's fixed-function lighting as MuJoCo uses it, but per pixel. All lights without
// a shadow are summed and limited to 1, each light with a shadow is a further sum of its own, and each sum is
// multiplied by the texture (renderer study, lighting facts). A shadow takes a light's whole term, its ambient part
// included.
#pragma once

#include "sim/render/software/kernel/mapping.h"
#include "sim/render/software/kernel/shadows.h"

namespace divla::software::DIVLA_KERNEL {
namespace {

// x^n for n >= 0 by repeated squaring.
template <class F>
F Power(F x, std::int32_t n) {
  F result = 1.0f;
  for (; n != 0; n >>= 1) {
    if ((n & 1) != 0) result = result * x;
    x = x * x;
  }
  return result;
}

template <class F>
struct LightTerm {
  Color<F> color;
  typename F::Mask facing;  // the light is on the surface's side
};

// One light's ambient, diffuse and specular part, before the limit and the texture.
template <class F>
DIVLA_INLINE LightTerm<F> TermOf(const Geom& g, const Light& light, int index, const SurfacePoint<F>& s,
                                 F inverse_view) {
  Vec<F> towards{g.light[index][0], g.light[index][1], g.light[index][2]};
  F strength = 1.0f;
  if (light.spot) {
    towards = {towards.x - s.p.x, towards.y - s.p.y, towards.z - s.p.z};
    const F distance = Sqrt(Max(Dot(towards, towards), F(1e-12f)));
    const F inverse = F(1.0f) / distance;
    towards = {towards.x * inverse, towards.y * inverse, towards.z * inverse};
    const float* axis = g.light_axis[index];
    const F cosine = F(0.0f) - (towards.x * axis[0] + towards.y * axis[1] + towards.z * axis[2]);
    const F falloff =
        F(light.attenuation[0]) + distance * light.attenuation[1] + distance * distance * light.attenuation[2];
    strength = Select(cosine >= F(light.cos_cutoff), Power(Max(cosine, F(0.0f)), light.exponent), F(0.0f)) /
               Max(falloff, F(1e-6f));
  }
  const F cosine = Dot(s.n, towards);
  LightTerm<F> out;
  out.facing = cosine > F(0.0f);
  const F diffuse = Max(cosine, F(0.0f));
  F highlight = 0.0f;
  const float shine = g.specular * (light.specular[0] + light.specular[1] + light.specular[2]);
  if (shine > 0) {
    // The half vector, not normalised: the even power takes the squared cosine.
    const Vec<F> half{towards.x - s.d.x * inverse_view, towards.y - s.d.y * inverse_view,
                      towards.z - s.d.z * inverse_view};
    const F along = Max(Dot(s.n, half), F(0.0f));
    const F along2 = along * along, length2 = Max(Dot(half, half), F(1e-12f));
    const auto bright = out.facing & (along2 >= length2 * g.highlight_floor);
    if (bright.Bits() != 0) {
      const F squared = Min(along2 / length2, F(1.0f));
      highlight = Select(bright, Power(squared, g.half_exponent) * g.specular, F(0.0f));
    }
  }
  const auto channel = [&](int k) {
    return strength * (F(g.color[k] * light.ambient[k]) + diffuse * F(g.color[k] * light.diffuse[k]) +
                       highlight * F(light.specular[k]));
  };
  out.color = {channel(0), channel(1), channel(2)};
  return out;
}

template <class F>
void AddLimited(const Color<F>& term, Color<F>& sum) {
  const F one = 1.0f;
  sum = {sum.r + Min(term.r, one), sum.g + Min(term.g, one), sum.b + Min(term.b, one)};
}

// 1 / length of the ray's direction: the camera's axes are unit vectors.
template <class F>
F InverseView(F x, F y) {
  return F(1.0f) / Sqrt(F(1.0f) + x * x + y * y);
}

// 0 to 1 a channel. `shadows` is off for transparent geoms, which receive none.
template <class F>
Color<F> Shade(const Frame& frame, std::int32_t index, std::int32_t surface, F x, F y, F t, F inverse_view,
               typename F::Int triangle, typename F::Mask lanes, bool shadows) {
  const Geom& g = frame.geoms[index];
  const SurfacePoint<F> s = SurfaceOf(g, surface, x, y, t, triangle);
  Color<F> base{g.emission * g.color[0], g.emission * g.color[1], g.emission * g.color[2]};
  Color<F> sum{0.0f, 0.0f, 0.0f};
  for (std::int32_t i = 0; i < frame.light_count; ++i) {
    const Light& light = frame.lights[i];
    const LightTerm<F> term = TermOf(g, light, i, s, inverse_view);
    if (light.shadow < 0 || !shadows) {
      base = {base.r + term.color.r, base.g + term.color.g, base.b + term.color.b};
      continue;
    }
    const auto facing = lanes & term.facing;
    const auto lit = facing.Bits() == 0 ? facing : AndNot(facing, Shadowed(frame, i, index, x, y, t, facing));
    const F zero = 0.0f;
    AddLimited<F>({Select(lit, term.color.r, zero), Select(lit, term.color.g, zero), Select(lit, term.color.b, zero)},
                  sum);
  }
  AddLimited(base, sum);
  if (g.mapping != Mapping::kNone) {
    const Color<F> texture = TextureColor(frame, g, surface, s, t, lanes);
    sum = {sum.r * texture.r, sum.g * texture.g, sum.b * texture.b};
  }
  return sum;
}

// Red, green, blue, 8 bits each, red lowest.
template <class F>
typename F::Int Pack(const Color<F>& color) {
  const auto byte = [](F c) { return Truncate(Min(Max(c, F(0.0f)), F(1.0f)) * F(255.0f) + F(0.5f)); };
  return byte(color.r) | ShiftLeft(byte(color.g), 8) | ShiftLeft(byte(color.b), 16);
}

// Shades the first `count` pixels (1 to F::kLanes) that wait for a surface's colour, wherever they are. Lanes left over
// draw the first pixel again.
template <class F>
void ShadeCollected(const Frame& frame, std::int32_t key, std::int32_t count) {
  using I = typename F::Int;
  std::int32_t* waiting = frame.waiting + key * kLaneMultiple;
  for (std::int32_t i = count; i < F::kLanes; ++i) waiting[i] = waiting[0];
  const I both = I::Load(waiting), row = ShiftRight(both, 16), column = both & I(0xffff);
  const I at = row * I(frame.stride) + column;
  const F x = F::Gather(frame.x_of, column), y = F::Gather(frame.y_of, row), t = F::Gather(frame.depth, at);
  const std::int32_t index = key >> kSurfaceBits;
  const I triangle = frame.geoms[index].shape == Shape::kMesh ? I::Gather(frame.triangle, at) : I(-1);
  const Color<F> color =
      Shade<F>(frame, index, key & ((1 << kSurfaceBits) - 1), x, y, t, InverseView(x, y), triangle, t <= t, true);
  std::int32_t packed[F::kLanes], place[F::kLanes];
  Pack(color).Store(packed);
  at.Store(place);
  for (std::int32_t i = 0; i < count; ++i) frame.color[place[i]] = packed[i];
}

// Puts pixels of one surface aside until they fill the lanes: outlines cut most pixels of a crowded picture into short
// pieces, and a piece costs as much as full lanes.
template <class F>
void Collect(const Frame& frame, std::int32_t key, std::int32_t row, std::int32_t column, unsigned lanes) {
  std::int32_t* waiting = frame.waiting + key * kLaneMultiple;
  std::int32_t count = frame.waiting_count[key];
  for (; lanes != 0; lanes &= lanes - 1) {
    waiting[count++] = row << 16 | (column + static_cast<std::int32_t>(LowestBit(lanes)));
    if (count < F::kLanes) continue;
    ShadeCollected<F>(frame, key, count);
    count = 0;
  }
  frame.waiting_count[key] = count;
}

// Fills Frame::color from depth and key.
template <class F>
void ShadeOpaque(const Frame& frame) {
  using I = typename F::Int;
  constexpr unsigned kAll = (1u << F::kLanes) - 1;
  const std::int32_t keys_end = frame.geom_count << kSurfaceBits;
  for (std::int32_t key = 0; key < keys_end; ++key) frame.waiting_count[key] = 0;
  for (std::int32_t row = 0; row < frame.height; ++row) {
    const F y = frame.y_of[row];
    for (std::int32_t column = 0; column < frame.width; column += F::kLanes) {
      const std::int32_t at = row * frame.stride + column;
      const F x = F::Load(frame.x_of + column), t = F::Load(frame.depth + at);
      const I keys = I::Load(frame.key + at);
      std::int32_t of_lane[F::kLanes];
      keys.Store(of_lane);
      unsigned left = kAll;
      while (left != 0) {
        const std::int32_t key = of_lane[LowestBit(left)];
        const auto lanes = keys == I(key);
        left &= ~lanes.Bits();
        if (key == kSkyKey) {
          const I sky = Pack(SkyColor(frame, x, y, lanes));
          Select(lanes, sky, I::Load(frame.color + at)).Store(frame.color + at);
        } else if (lanes.Bits() != kAll) {
          Collect<F>(frame, key, row, column, lanes.Bits());
        } else {
          const std::int32_t index = key >> kSurfaceBits;
          const I triangle = frame.geoms[index].shape == Shape::kMesh ? I::Load(frame.triangle + at) : I(-1);
          Pack(Shade<F>(frame, index, key & ((1 << kSurfaceBits) - 1), x, y, t, InverseView(x, y), triangle, lanes,
                        true))
              .Store(frame.color + at);
        }
      }
    }
  }
  for (std::int32_t key = 0; key < keys_end; ++key) {
    const std::int32_t count = frame.waiting_count[key];
    if (count > 0) ShadeCollected<F>(frame, key, count);
  }
}

}  // namespace
}  // namespace divla::software::DIVLA_KERNEL
