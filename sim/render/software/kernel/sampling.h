// Colour of a texture at texture coordinates: repeat, trilinear. Mip levels come from the size of a pixel on the
// texture, by the exponent and mantissa of its square (no logarithm).
#pragma once

#include "sim/render/software/frame_data.h"

namespace divla::software::DIVLA_KERNEL {
namespace {

template <class F>
struct Color {
  F r, g, b;
};

inline unsigned LowestBit(unsigned bits) { return static_cast<unsigned>(__builtin_ctz(bits)); }

// Texture coordinates of the lanes' pixels with what they change by from pixel to pixel.
template <class F>
struct TexturePoint {
  F u, v;                   // 0 to 1 over the picture, v downwards
  F u_x, v_x, u_y, v_y;     // change to the next column, to the next row
  typename F::Int face{0};  // of a cube map
};

template <class F>
Color<F> Unpack(typename F::Int texel) {
  using I = typename F::Int;
  const I mask = 1023;
  return {ToFloat(texel & mask), ToFloat(ShiftRight(texel, 10) & mask), ToFloat(ShiftRight(texel, 20))};
}

template <class F>
F Mix(F a, F b, F share) {
  return a + share * (b - a);
}

// Texture coordinate within the picture: repeated, or for a face of a cube held at its border. What is not a number
// (lanes that show something else) becomes 0.
template <class F>
F Within(F coordinate, bool repeat) {
  return Min(Max(repeat ? coordinate - Floor(coordinate) : coordinate, F(0.0f)), F(1.0f));
}

// The first of the two texels beside a coordinate in [0, 1], counted from the border, and the share of the second.
template <class F>
struct Texel {
  typename F::Int first;
  F share;
};
template <class F>
Texel<F> Address(F coordinate, typename F::Int size) {
  using I = typename F::Int;
  const F at = coordinate * ToFloat(size) - F(0.5f);
  const F whole = Floor(at);
  return {Truncate(whole) + I(1), at - whole};
}

// Size and place of the lanes' mip levels.
template <class F>
struct Level {
  typename F::Int width, height, offset;
};

// `level` is within the chain for all lanes. Lanes outside `lanes` may get another lane's level: nobody looks at them.
template <class F>
Level<F> FindLevel(const Texture& texture, typename F::Int level, typename F::Mask lanes) {
  using I = typename F::Int;
  std::int32_t of_lane[F::kLanes];
  level.Store(of_lane);
  const std::int32_t first = of_lane[LowestBit(lanes.Bits())];
  if (AndNot(lanes, level == I(first)).Bits() == 0) {  // nearly always
    return {texture.width[first], texture.height[first], texture.offset[first]};
  }
  return {I::Gather(texture.width, level), I::Gather(texture.height, level), I::Gather(texture.offset, level)};
}

template <class F>
DIVLA_INLINE Color<F> Bilinear(const Texture& texture, const TexturePoint<F>& p, const Level<F>& level, bool cube) {
  using I = typename F::Int;
  const I stride = level.width + I(2);
  const I base = level.offset + (cube ? p.face * stride * (level.height + I(2)) : I(0));
  const Texel<F> x = Address(p.u, level.width), y = Address(p.v, level.height);
  const I upper = base + y.first * stride + x.first;
  I texel[4];
  I::GatherPairs(texture.texels, upper, texel[0], texel[1]);
  I::GatherPairs(texture.texels, upper + stride, texel[2], texel[3]);
  const Color<F> c00 = Unpack<F>(texel[0]), c01 = Unpack<F>(texel[1]);
  const Color<F> c10 = Unpack<F>(texel[2]), c11 = Unpack<F>(texel[3]);
  return {Mix(Mix(c00.r, c01.r, x.share), Mix(c10.r, c11.r, x.share), y.share),
          Mix(Mix(c00.g, c01.g, x.share), Mix(c10.g, c11.g, x.share), y.share),
          Mix(Mix(c00.b, c01.b, x.share), Mix(c10.b, c11.b, x.share), y.share)};
}

// log2 of the longer edge of a pixel's footprint in texels: half the exponent of its square; the mantissa goes in
// linearly, which is at most 0.05 levels off.
template <class F>
F MipLevel(const Texture& texture, const TexturePoint<F>& p) {
  using I = typename F::Int;
  const float width = static_cast<float>(texture.width[0]), height = static_cast<float>(texture.height[0]);
  const F ux = p.u_x * width, vx = p.v_x * height, uy = p.u_y * width, vy = p.v_y * height;
  const F square = Min(Max(Max(ux * ux + vx * vx, uy * uy + vy * vy), F(1e-20f)), F(1e20f));
  const I bits = BitsOf(square);
  const F exponent = ToFloat(ShiftRight(bits, 23) - I(127));
  const F mantissa = FromBits((bits & I(0x7fffff)) | I(0x3f800000));
  const F level = F(0.5f) * (exponent + mantissa - F(1.0f));
  return Min(Max(level, F(0.0f)), F(static_cast<float>(texture.levels - 1)));
}

// 0 to 1 a channel. `lanes` is not empty.
template <class F>
DIVLA_INLINE Color<F> Sample(const Texture& texture, TexturePoint<F> p, bool cube, typename F::Mask lanes) {
  using I = typename F::Int;
  const F level = MipLevel(texture, p);
  p.u = Within(p.u, !cube);
  p.v = Within(p.v, !cube);
  const I low = Truncate(level);
  const F share = level - ToFloat(low);
  Color<F> color = Bilinear(texture, p, FindLevel<F>(texture, low, lanes), cube);
  // Where every share is 0, mixing would leave each lane as it is.
  if ((lanes & (share > F(0.0f))).Bits() != 0) {
    const I high = Min(low + I(1), I(texture.levels - 1));
    const Color<F> next = Bilinear(texture, p, FindLevel<F>(texture, high, lanes), cube);
    color = {Mix(color.r, next.r, share), Mix(color.g, next.g, share), Mix(color.b, next.b, share)};
  }
  const F scale = 1.0f / 1023.0f;
  return {color.r * scale, color.g * scale, color.b * scale};
}

}  // namespace
}  // namespace divla::software::DIVLA_KERNEL
