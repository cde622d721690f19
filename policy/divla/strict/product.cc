#include <algorithm>
#include <vector>

#include "policy/divla/strict/kernels.h"

// Lanes are columns and never meet, so the register width decides the speed and not a single bit.
#define DIVLA_WIDE __attribute__((target_clones("avx512f", "avx2", "default")))

namespace divla::strict {
namespace {

constexpr std::int64_t kTileRows = 4, kTileColumns = 32;  // accumulators that stay in registers

// A block of kRows x kTileColumns of the product. `columns` of them are stored.
template <std::int64_t kRows>
[[gnu::always_inline]] inline void Tile(const float* a, std::int64_t depth, const float* b, std::int64_t b_stride,
                                        const float* bias, std::int64_t columns, float* out, std::int64_t out_stride) {
  float sum[kRows][kTileColumns] = {};
  for (std::int64_t k = 0; k < depth; ++k, b += b_stride) {
    for (std::int64_t r = 0; r < kRows; ++r) {
      const float factor = a[r * depth + k];
      for (std::int64_t c = 0; c < kTileColumns; ++c) sum[r][c] += factor * b[c];
    }
  }
  for (std::int64_t r = 0; r < kRows; ++r) {
    for (std::int64_t c = 0; c < columns; ++c) {
      out[r * out_stride + c] = bias == nullptr ? sum[r][c] : sum[r][c] + bias[c];
    }
  }
}

// All rows against one strip of kTileColumns columns.
DIVLA_WIDE void Strip(const float* a, std::int64_t rows, std::int64_t depth, const float* b, std::int64_t b_stride,
                      const float* bias, std::int64_t columns, float* out, std::int64_t out_stride) {
  std::int64_t r = 0;
  for (; r + kTileRows <= rows; r += kTileRows) {
    Tile<kTileRows>(a + r * depth, depth, b, b_stride, bias, columns, out + r * out_stride, out_stride);
  }
  for (; r < rows; ++r) Tile<1>(a + r * depth, depth, b, b_stride, bias, columns, out + r * out_stride, out_stride);
}

}  // namespace

void Multiply(const Product& p) {
  const auto bias = [&](std::int64_t column) { return p.bias == nullptr ? nullptr : p.bias + column; };
  std::int64_t c = 0;
  for (; c + kTileColumns <= p.columns; c += kTileColumns) {
    Strip(p.a, p.rows, p.depth, p.b + c, p.b_stride, bias(c), kTileColumns, p.out + c, p.columns);
  }
  const std::int64_t rest = p.columns - c;
  if (rest == 0) return;
  // The last columns, widened with zeros to a whole strip.
  std::vector<float> wide(static_cast<std::size_t>(p.depth * kTileColumns));
  for (std::int64_t k = 0; k < p.depth; ++k) {
    std::copy_n(p.b + k * p.b_stride + c, rest, wide.begin() + k * kTileColumns);
  }
  Strip(p.a, p.rows, p.depth, wide.data(), kTileColumns, bias(c), rest, p.out + c, p.columns);
}

}  // namespace divla::strict
