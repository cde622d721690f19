// The surfaces around pixels of an outline: which of them differ, and where each is first found.
#pragma once

#include "sim/render/software/frame_data.h"
#include "sim/render/software/kernel/sampling.h"

namespace divla::software::DIVLA_KERNEL {
namespace {

// The pixel itself, then its neighbours by edge, then by corner: the order in which colours are looked for. Column, row.
constexpr std::int32_t kAround[9][2] = {{0, 0}, {-1, 0}, {1, 0}, {0, -1}, {0, 1}, {-1, -1}, {1, -1}, {-1, 1}, {1, 1}};

// Lanes' numbers.
alignas(64) constexpr std::int32_t kCount[16] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};

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

// The distinct surfaces of each lane's 3 x 3 pixels, in the order of kAround.
template <int lanes>
struct Surfaces {
  std::int32_t key[9][lanes];   // the lane's own key again: it has no more
  std::int32_t from[9][lanes];  // where it is first found, index into kAround
  int count;                    // of the lane that has most
};

template <class F>
Surfaces<F::kLanes> LookAround(const Frame& frame, std::int32_t column, std::int32_t row) {
  using I = typename F::Int;
  using M = typename F::Mask;
  const std::int32_t* keys = frame.key + row * frame.stride + column;
  const I own = I::Load(keys), columns = I(column) + I::Load(kCount);
  const M first = columns == I(0), last = columns == I(frame.width - 1);
  I near[9];
  M unknown[9];  // of a surface that was not found yet
  M any = AndNot(first, first);
  for (int n = 1; n < 9; ++n) {
    const std::int32_t x = kAround[n][0], y = kAround[n][1];
    // What is outside the picture counts as the pixel itself.
    near[n] = own;
    if (row + y >= 0 && row + y < frame.height) near[n] = I::Load(keys + y * frame.stride + x);
    if (x != 0) near[n] = Select(x < 0 ? first : last, own, near[n]);
    unknown[n] = AndNot(columns == columns, near[n] == own);
    any = any | unknown[n];
  }
  Surfaces<F::kLanes> out;
  own.Store(out.key[0]);
  I(0).Store(out.from[0]);
  out.count = 1;
  for (; any.Bits() != 0; ++out.count) {
    I key = own, from = 0;
    M found = AndNot(first, first);
    for (int n = 1; n < 9; ++n) {
      const M here = AndNot(unknown[n], found);
      key = Select(here, near[n], key);
      from = Select(here, I(n), from);
      found = found | here;
    }
    any = AndNot(first, first);
    for (int n = 1; n < 9; ++n) {
      unknown[n] = AndNot(unknown[n], near[n] == key);
      any = any | unknown[n];
    }
    key.Store(out.key[out.count]);
    from.Store(out.from[out.count]);
  }
  return out;
}

}  // namespace
}  // namespace divla::software::DIVLA_KERNEL
