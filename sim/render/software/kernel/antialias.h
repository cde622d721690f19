// Smooth outlines. A pixel whose neighbours show another surface is looked at again at four points: which of the geoms
// in its 3 x 3 neighbourhood covers each? The colours come from the neighbours that show the same surface; the pixel
// becomes the mean. Like multisampling this smooths geometry, not shadows or textures. The four points fill the four
// lanes.
#pragma once

#include "sim/render/software/kernel/shading.h"
#include "sim/render/software/kernel/simd4.h"

namespace divla::software::DIVLA_KERNEL {
namespace {

// The pixel itself, then its neighbours by edge, then by corner: the order in which colours are looked for.
constexpr int kAround[9][2] = {{0, 0}, {-1, 0}, {1, 0}, {0, -1}, {0, 1}, {-1, -1}, {1, -1}, {-1, 1}, {1, 1}};

// The distinct surfaces of a neighbourhood with the first colour found for each.
struct Neighbourhood {
  std::int32_t key[9];
  std::int32_t color[9];
  int count;
};

inline Neighbourhood LookAround(const Frame& frame, std::int32_t column, std::int32_t row) {
  Neighbourhood around;
  around.count = 0;
  for (const auto& step : kAround) {
    const std::int32_t x = column + step[0], y = row + step[1];
    if (x < 0 || y < 0 || x >= frame.width || y >= frame.height) continue;
    const std::int32_t at = y * frame.stride + x, key = frame.key[at];
    int known = 0;
    while (known < around.count && around.key[known] != key) ++known;
    if (known < around.count) continue;
    around.key[around.count] = key;
    around.color[around.count++] = frame.color[at];
  }
  return around;
}

// Which surface each of the four points shows, among the geoms nearby.
inline void CoverPoints(const Frame& frame, const Neighbourhood& around, float x, float y, std::int32_t keys[4]) {
  const F4 xs = F4(x) + F4::Load(frame.sample_x), ys = F4(y) + F4::Load(frame.sample_y);
  F4 depth = frame.far;
  I4 key = kSkyKey;
  // In ascending order of geoms, so that ties fall as in the picture.
  for (std::int32_t last = -1;;) {
    std::int32_t next = INT32_MAX;
    for (int i = 0; i < around.count; ++i) {
      const std::int32_t geom = around.key[i] >> kSurfaceBits;  // of the sky: -1
      if (geom > last && geom < next) next = geom;
    }
    if (next == INT32_MAX) break;
    last = next;
    const VisibleHit<F4> hit = Intersect<F4>(frame.geoms[next], xs, ys, frame.near, depth);
    depth = Select(hit.base.hit, hit.base.t, depth);
    key = Select(hit.base.hit, I4(next << kSurfaceBits) | hit.base.surface, key);
  }
  key.Store(keys);
}

inline std::int32_t Resolve(const Frame& frame, std::int32_t column, std::int32_t row) {
  const Neighbourhood around = LookAround(frame, column, row);
  std::int32_t keys[4];
  CoverPoints(frame, around, frame.x_of[column], frame.y_of[row], keys);
  std::int32_t red = 2, green = 2, blue = 2;  // 2 of 4: rounds
  for (const std::int32_t key : keys) {
    std::int32_t color = around.color[0];  // a surface that no pixel nearby shows: the pixel's own colour
    for (int i = 0; i < around.count; ++i) {
      if (around.key[i] != key) continue;
      color = around.color[i];
      break;
    }
    red += color & 255;
    green += color >> 8 & 255;
    blue += color >> 16 & 255;
  }
  return red >> 2 | green >> 2 << 8 | blue >> 2 << 16;
}

// Bits of the lanes whose pixel shows another surface than one of its four neighbours. Reads one key to each side of
// the row; the buffer has room there.
template <class F>
unsigned EdgeLanes(const Frame& frame, std::int32_t column, std::int32_t row) {
  using I = typename F::Int;
  const std::int32_t* keys = frame.key + row * frame.stride + column;
  const I own = I::Load(keys);
  const I above = I::Load(row > 0 ? keys - frame.stride : keys);
  const I below = I::Load(row + 1 < frame.height ? keys + frame.stride : keys);
  const auto vertical = (own == above) & (own == below);
  const auto left = own == I::Load(keys - 1), right = own == I::Load(keys + 1);
  constexpr unsigned kAll = (1u << F::kLanes) - 1;
  // The picture's first and last column have no neighbour beyond.
  const unsigned first = column == 0 ? 1u : 0u;
  const std::int32_t end = frame.width - column;
  const unsigned last = end <= F::kLanes ? 1u << (end - 1) : 0u, inside = end < F::kLanes ? (1u << end) - 1 : kAll;
  return inside & (kAll ^ (vertical.Bits() & (left.Bits() | first) & (right.Bits() | last)));
}

// All new colours are found before the first is written.
template <class F>
void SmoothEdges(const Frame& frame) {
  std::int32_t count = 0;
  for (std::int32_t row = 0; row < frame.height; ++row) {
    for (std::int32_t column = 0; column < frame.width; column += F::kLanes) {
      for (unsigned left = EdgeLanes<F>(frame, column, row); left != 0; left &= left - 1) {
        const auto lane = static_cast<std::int32_t>(LowestBit(left));
        frame.edges[count++] = row * frame.stride + column + lane;
        frame.edges[count++] = Resolve(frame, column + lane, row);
      }
    }
  }
  for (std::int32_t i = 0; i < count; i += 2) frame.color[frame.edges[i]] = frame.edges[i + 1];
}

}  // namespace
}  // namespace divla::software::DIVLA_KERNEL
