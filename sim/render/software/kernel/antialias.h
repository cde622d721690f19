// Smooth outlines. A pixel whose neighbours show another surface is looked at again at four points: which of the geoms
// in its 3 x 3 neighbourhood covers each? The colours come from the neighbours that show the same surface; the pixel
// becomes the mean. Like multisampling this smooths geometry, not shadows or textures.
//
// Pixels are taken by the batch, and within a batch geom by geom: the points of one, two or four pixels fill the lanes.
#pragma once

#include "sim/render/software/kernel/neighbourhood.h"
#include "sim/render/software/kernel/shading.h"
#include "sim/render/software/kernel/simd4.h"

namespace divla::software::DIVLA_KERNEL {
namespace {

constexpr std::int32_t kBatch = 512;  // pixels; what is known of them stays in the processor's caches
constexpr std::int32_t kPoints = 4;   // of a pixel
constexpr std::int32_t kNone = -1;    // end of a list

// Pixels of outlines and their points.
struct EdgePixels {
  std::int32_t count;
  std::int32_t at[kBatch];  // index in the frame
  // Surfaces around each pixel: keys, the first colour found for each.
  std::int32_t surfaces[kBatch], key[kBatch][9], color[kBatch][9];
  // The points: where, and what each shows so far.
  float x[kBatch * kPoints], y[kBatch * kPoints], depth[kBatch * kPoints];
  std::int32_t shows[kBatch * kPoints];
  // Lists of the pixels near each geom; Frame::nearby has their first entries.
  std::int32_t entries, pixel[9 * kBatch], next[9 * kBatch];
};

inline void AddSurface(const Frame& frame, EdgePixels& edge, std::int32_t key, std::int32_t color) {
  const std::int32_t pixel = edge.count, before = edge.surfaces[pixel]++;
  edge.key[pixel][before] = key;
  edge.color[pixel][before] = color;
  if (key == kSkyKey) return;
  const std::int32_t geom = key >> kSurfaceBits;
  for (std::int32_t i = 0; i < before; ++i) {
    if (edge.key[pixel][i] >> kSurfaceBits == geom) return;
  }
  edge.pixel[edge.entries] = pixel;
  edge.next[edge.entries] = frame.nearby[geom];
  frame.nearby[geom] = edge.entries++;
}

// Adds the pixels of `lanes`.
template <class F>
void AddPixels(const Frame& frame, EdgePixels& edge, std::int32_t column, std::int32_t row, unsigned lanes) {
  const Surfaces<F::kLanes> around = LookAround<F>(frame, column, row);
  std::int32_t offset[9];
  for (int n = 0; n < 9; ++n) offset[n] = kAround[n][1] * frame.stride + kAround[n][0];
  const F4 sample_x = F4::Load(frame.sample_x), sample_y = F4::Load(frame.sample_y);
  for (; lanes != 0; lanes &= lanes - 1) {
    const unsigned lane = LowestBit(lanes);
    const std::int32_t x = column + static_cast<std::int32_t>(lane), at = row * frame.stride + x, own = frame.key[at];
    edge.at[edge.count] = at;
    edge.surfaces[edge.count] = 0;
    AddSurface(frame, edge, own, frame.color[at]);
    for (int i = 1; i < around.count && around.key[i][lane] != own; ++i) {
      AddSurface(frame, edge, around.key[i][lane], frame.color[at + offset[around.from[i][lane]]]);
    }
    const std::int32_t points = edge.count++ * kPoints;
    (F4(frame.x_of[x]) + sample_x).Store(edge.x + points);
    (F4(frame.y_of[row]) + sample_y).Store(edge.y + points);
    F4(frame.far).Store(edge.depth + points);
    I4(kSkyKey).Store(edge.shows + points);
  }
}

// Which surface each point shows, among the geoms nearby. In ascending order of geoms, so that ties fall as in the
// picture. Leaves Frame::nearby empty.
template <class F>
void CoverPoints(const Frame& frame, EdgePixels& edge) {
  using I = typename F::Int;
  constexpr std::int32_t kPixels = F::kLanes / kPoints;
  for (std::int32_t geom = 0; geom < frame.geom_count; ++geom) {
    std::int32_t entry = frame.nearby[geom];
    frame.nearby[geom] = kNone;
    while (entry != kNone) {
      std::int32_t pixels[kPixels];
      for (std::int32_t& pixel : pixels) {
        pixel = entry != kNone ? edge.pixel[entry] : pixels[0];  // lanes left over do the first pixel's again
        if (entry != kNone) entry = edge.next[entry];
      }
      const F depth = F::LoadQuads(edge.depth, pixels);
      const VisibleHit<F> hit = Intersect<F>(frame.geoms[geom], F::LoadQuads(edge.x, pixels),
                                             F::LoadQuads(edge.y, pixels), frame.near, depth);
      if (hit.base.hit.Bits() == 0) continue;
      Select(hit.base.hit, hit.base.t, depth).StoreQuads(edge.depth, pixels);
      Select(hit.base.hit, I(geom << kSurfaceBits) | hit.base.surface, I::LoadQuads(edge.shows, pixels))
          .StoreQuads(edge.shows, pixels);
    }
  }
}

// The mean colour of a pixel's points.
inline std::int32_t MeanColor(const EdgePixels& edge, std::int32_t pixel) {
  const I4 shows = I4::Load(edge.shows + pixel * kPoints);
  I4 colors = edge.color[pixel][0];  // a surface that no pixel nearby shows: the pixel's own colour
  for (std::int32_t i = 1; i < edge.surfaces[pixel]; ++i) {
    colors = Select(shows == I4(edge.key[pixel][i]), I4(edge.color[pixel][i]), colors);
  }
  std::int32_t of_point[kPoints];
  colors.Store(of_point);
  constexpr std::int32_t kRedBlue = 0xff00ff, kGreen = 0xff00;
  std::int32_t red_blue = 0x20002, green = 0x200;  // 2 of 4: rounds
  for (const std::int32_t color : of_point) red_blue += color & kRedBlue, green += color & kGreen;
  return (red_blue >> 2 & kRedBlue) | (green >> 2 & kGreen);
}

// All new colours are found before the first is written.
template <class F>
void SmoothEdges(const Frame& frame) {
  EdgePixels edge;
  edge.count = edge.entries = 0;
  std::int32_t found = 0;
  const auto finish = [&] {
    CoverPoints<F>(frame, edge);
    for (std::int32_t i = 0; i < edge.count; ++i) {
      frame.edges[found++] = edge.at[i];
      frame.edges[found++] = MeanColor(edge, i);
    }
    edge.count = edge.entries = 0;
  };
  for (std::int32_t geom = 0; geom < frame.geom_count; ++geom) frame.nearby[geom] = kNone;
  for (std::int32_t row = 0; row < frame.height; ++row) {
    for (std::int32_t column = 0; column < frame.width; column += F::kLanes) {
      const unsigned lanes = EdgeLanes<F>(frame, column, row);
      if (lanes == 0) continue;
      if (edge.count + F::kLanes > kBatch) finish();
      AddPixels<F>(frame, edge, column, row, lanes);
    }
  }
  finish();
  for (std::int32_t i = 0; i < found; i += 2) frame.color[frame.edges[i]] = frame.edges[i + 1];
}

}  // namespace
}  // namespace divla::software::DIVLA_KERNEL
