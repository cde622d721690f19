// The loops of training.h; each training_*.cc includes this under its own DIVLA_KERNEL and instruction set. Nothing of the
// standard library: the linker keeps one copy of its inline functions, which may be that of the widest set.
#pragma once

#include "policy/divla/ops/kernel/numbers.h"
#include "policy/divla/ops/kernel/training.h"

#define DIVLA_INLINE inline __attribute__((always_inline))

namespace divla::kernel::DIVLA_KERNEL {

DIVLA_INLINE float Load(float x) { return x; }
DIVLA_INLINE float Load(Half x) { return FloatOfBfloat16(x.bits); }
DIVLA_INLINE void Store(float x, float& out) { out = x; }
DIVLA_INLINE void Store(float x, Half& out) { out.bits = Bfloat16OfFloat(x); }

constexpr int kLanes = 16;

// Sum of term(i) for i in [0, n), in kLanes partial sums.
template <class Term>
DIVLA_INLINE float Sum(std::int64_t n, const Term& term) {
  float part[kLanes] = {};
  std::int64_t i = 0;
  for (; i + kLanes <= n; i += kLanes) {
    for (int j = 0; j < kLanes; ++j) part[j] += term(i + j);
  }
  for (; i < n; ++i) part[0] += term(i);
  float sum = 0;
  for (float value : part) sum += value;
  return sum;
}

// e^x for x <= 0, with a relative error below 1e-7; from -87 down it stays e^-87, about 1.6e-38. Cephes' polynomial on [-ln 2 / 2, ln 2 / 2].
DIVLA_INLINE float Exp(float x) {
  constexpr float kRound = 12582912.0F;  // 1.5 * 2^23: adding it rounds to an integer, which stands in the low bits
  x = x < -87.0F ? -87.0F : x;
  const float shifted = x * 1.44269504F + kRound;
  const std::int32_t power = __builtin_bit_cast(std::int32_t, shifted) - __builtin_bit_cast(std::int32_t, kRound);
  const float whole = shifted - kRound;
  const float r = (x - whole * 0.693359375F) + whole * 2.12194440e-4F;
  float p = 1.9875691500e-4F;
  p = p * r + 1.3981999507e-3F;
  p = p * r + 8.3334519073e-3F;
  p = p * r + 4.1665795894e-2F;
  p = p * r + 1.6666665459e-1F;
  p = p * r + 5.0000001201e-1F;
  p = p * r * r + r + 1.0F;
  return p * __builtin_bit_cast(float, (power + 127) << 23);
}

// 1 / (1 + e^-x), without overflow at either end.
DIVLA_INLINE float Sigmoid(float x) {
  const float e = Exp(x < 0 ? x : -x);
  return (x < 0 ? e : 1.0F) / (1.0F + e);
}

template <class T>
inline void NormForward(Sizes sizes, const float* x, const T* delta, const float* weight, const float* bias, float eps,
                        float* sum, T* y, float* mean, float* inverse) {
  const auto [rows, n] = sizes;
  for (std::int64_t r = 0; r < rows; ++r, x += n, y += n) {
    const float* s = x;
    if (delta != nullptr) {
      for (std::int64_t i = 0; i < n; ++i) sum[i] = x[i] + Load(delta[i]);
      s = sum, sum += n, delta += n;
    }
    const float m = bias == nullptr ? 0.0F : Sum(n, [&](std::int64_t i) { return s[i]; }) / static_cast<float>(n);
    const float square = Sum(n, [&](std::int64_t i) { return (s[i] - m) * (s[i] - m); });
    const float scale = 1.0F / __builtin_sqrtf(square / static_cast<float>(n) + eps);
    mean[r] = m, inverse[r] = scale;
    if (bias == nullptr) {
      for (std::int64_t i = 0; i < n; ++i) Store(s[i] * scale * weight[i], y[i]);
    } else {
      for (std::int64_t i = 0; i < n; ++i) Store((s[i] - m) * scale * weight[i] + bias[i], y[i]);
    }
  }
}

// With z = (x - mean) / deviation: dx = dsum + (w dy - mean(w dy) - z mean(z w dy)) / deviation; without bias the
// middle term is missing. dw = sum of dy z over the rows, db = sum of dy.
template <class T>
inline void NormBackward(Sizes sizes, const float* s, const float* weight, bool centred, const float* mean,
                         const float* inverse, const float* dsum, const T* dy, float* dx, T* ddelta, float* dweight,
                         float* dbias) {
  const auto [rows, n] = sizes;
  for (std::int64_t r = 0; r < rows; ++r, s += n, dy += n, dx += n) {
    const float m = mean[r], scale = inverse[r], share = 1.0F / static_cast<float>(n);
    const float along = share * Sum(n, [&](std::int64_t i) { return Load(dy[i]) * weight[i] * (s[i] - m) * scale; });
    const float level = centred ? share * Sum(n, [&](std::int64_t i) { return Load(dy[i]) * weight[i]; }) : 0.0F;
    for (std::int64_t i = 0; i < n; ++i) {
      const float z = (s[i] - m) * scale, d = Load(dy[i]);
      dx[i] = (d * weight[i] - level - z * along) * scale;
      dweight[i] += d * z;
    }
    if (centred) {
      for (std::int64_t i = 0; i < n; ++i) dbias[i] += Load(dy[i]);
    }
    if (dsum != nullptr) {
      for (std::int64_t i = 0; i < n; ++i) dx[i] += dsum[i];
      dsum += n;
    }
    if (ddelta != nullptr) {
      for (std::int64_t i = 0; i < n; ++i) Store(dx[i], ddelta[i]);
      ddelta += n;
    }
  }
}

// d silu(a) = sigmoid(a) (1 + a (1 - sigmoid(a)))
template <class T>
inline void GateForward(Sizes sizes, const T* x, T* y) {
  const auto [rows, n] = sizes;
  for (std::int64_t r = 0; r < rows; ++r, x += 2 * n, y += n) {
    for (std::int64_t i = 0; i < n; ++i) {
      const float a = Load(x[i]);
      Store(a * Sigmoid(a) * Load(x[n + i]), y[i]);
    }
  }
}

template <class T>
inline void GateBackward(Sizes sizes, const T* x, const T* dy, T* dx) {
  const auto [rows, n] = sizes;
  for (std::int64_t r = 0; r < rows; ++r, x += 2 * n, dx += 2 * n, dy += n) {
    // One output in each loop, from rows that do not overlap: both in one is more than the compiler turns into vectors.
    const T* __restrict first = x;
    const T* __restrict second = x + n;
    T* __restrict dfirst = dx;
    T* __restrict dsecond = dx + n;
    for (std::int64_t i = 0; i < n; ++i) {
      const float a = Load(first[i]), s = Sigmoid(a);
      Store(Load(dy[i]) * Load(second[i]) * s * (1.0F + a * (1.0F - s)), dfirst[i]);
    }
    for (std::int64_t i = 0; i < n; ++i) {
      const float a = Load(first[i]);
      Store(Load(dy[i]) * a * Sigmoid(a), dsecond[i]);
    }
  }
}

template <class T>
inline void SiluForward(std::int64_t n, const T* x, T* y) {
  for (std::int64_t i = 0; i < n; ++i) {
    const float a = Load(x[i]);
    Store(a * Sigmoid(a), y[i]);
  }
}

template <class T>
inline void SiluBackward(std::int64_t n, const T* x, const T* dy, T* dx) {
  for (std::int64_t i = 0; i < n; ++i) {
    const float a = Load(x[i]), s = Sigmoid(a);
    Store(Load(dy[i]) * s * (1.0F + a * (1.0F - s)), dx[i]);
  }
}

// Where one head of a token stands in the pieces: [b][kv][repeat][t] of the prefix, [b][kv][s][repeat][t] of the rest.
struct Place {
  bool rest{};
  std::int64_t query{}, key{};  // rows of hd numbers
};
DIVLA_INLINE Place Find(const HeadShape& shape, std::int64_t b, std::int64_t t, std::int64_t k, std::int64_t r) {
  const HeadShape& l = shape;
  const std::int64_t group = b * l.kv + k, repeat = shape.Repeat();
  if (t < l.prefix) return {false, (group * repeat + r) * l.prefix + t, group * l.prefix + t};
  const std::int64_t s = (t - l.prefix) / l.length, i = (t - l.prefix) % l.length, part = group * l.segments + s;
  return {true, (part * repeat + r) * l.length + i, part * l.length + i};
}

struct Angles {
  const float* cos{};  // null: no turn
  const float* sin{};
  float direction{};  // -1 turns back, which is the gradient of turning
};

template <class T>
DIVLA_INLINE void Turn(const T* x, const Angles& angles, float scale, std::int64_t hd, T* out) {
  if (angles.cos == nullptr) {
    for (std::int64_t i = 0; i < hd; ++i) Store(Load(x[i]) * scale, out[i]);
    return;
  }
  const std::int64_t half = hd / 2;
  for (std::int64_t i = 0; i < half; ++i) {
    const float a = Load(x[i]) * scale, b = Load(x[half + i]) * scale, s = angles.direction * angles.sin[i];
    Store(a * angles.cos[i] - b * s, out[i]);
    Store(b * angles.cos[i] + a * s, out[half + i]);
  }
}

// Calls move(column of qkv, piece, row in the piece, turned, scale) for each head of each token, and `next` after one.
template <class Move, class Next>
DIVLA_INLINE void ForEachHead(const HeadShape& shape, const Move& move, const Next& next) {
  const std::int64_t hd = shape.hd, repeat = shape.Repeat(), kv = shape.kv;
  const float scale = 1.0F / __builtin_sqrtf(static_cast<float>(hd));
  for (std::int64_t b = 0; b < shape.batch; ++b) {
    for (std::int64_t t = 0; t < shape.Tokens(); ++t) {
      for (std::int64_t k = 0; k < kv; ++k) {
        Place place;
        for (std::int64_t r = 0; r < repeat; ++r) {
          place = Find(shape, b, t, k, r);
          move((k * repeat + r) * hd, place.rest ? 3 : 0, place.query, true, scale);
        }
        move((kv * repeat + k) * hd, place.rest ? 4 : 1, place.key, true, 1.0F);
        move((kv * repeat + kv + k) * hd, place.rest ? 5 : 2, place.key, false, 1.0F);
      }
      next(t);
    }
  }
}

// The table's row of a token.
DIVLA_INLINE std::int64_t TableRow(const HeadShape& l, std::int64_t t) {
  return t < l.prefix ? t : l.prefix + (t - l.prefix) % l.length;
}

// Pieces: q, k, v of the prefix, then of the rest.
template <class T>
inline void Split(const HeadShape& shape, const T* qkv, const float* cos, const float* sin, T* const* pieces) {
  const std::int64_t hd = shape.hd, width = (shape.heads + 2 * shape.kv) * hd;
  Angles angles{cos, sin, 1.0F};
  ForEachHead(
      shape,
      [&](std::int64_t column, int piece, std::int64_t row, bool turned, float scale) {
        Turn(qkv + column, turned ? angles : Angles{}, scale, hd, pieces[piece] + row * hd);
      },
      [&](std::int64_t t) {
        qkv += width;
        const std::int64_t at = TableRow(shape, t + 1 < shape.Tokens() ? t + 1 : 0) * (hd / 2);
        if (cos != nullptr) angles.cos = cos + at, angles.sin = sin + at;
      });
}

// From the pieces' gradients; one that is null is zero.
template <class T>
inline void SplitBack(const HeadShape& shape, const T* const* pieces, const float* cos, const float* sin, T* qkv) {
  const std::int64_t hd = shape.hd, width = (shape.heads + 2 * shape.kv) * hd;
  Angles angles{cos, sin, -1.0F};
  ForEachHead(
      shape,
      [&](std::int64_t column, int piece, std::int64_t row, bool turned, float scale) {
        if (pieces[piece] == nullptr) {
          for (std::int64_t i = 0; i < hd; ++i) qkv[column + i] = T{};
        } else {
          Turn(pieces[piece] + row * hd, turned ? angles : Angles{}, scale, hd, qkv + column);
        }
      },
      [&](std::int64_t t) {
        qkv += width;
        const std::int64_t at = TableRow(shape, t + 1 < shape.Tokens() ? t + 1 : 0) * (hd / 2);
        if (cos != nullptr) angles.cos = cos + at, angles.sin = sin + at;
      });
}

// Rows (B, T, heads*hd) from the pieces of the queries' form, or the reverse (`back`). A null prefix has no rows.
template <class T>
inline void Join(const HeadShape& shape, bool with_prefix, T* prefix, T* rest, T* rows, bool back) {
  const std::int64_t hd = shape.hd, repeat = shape.Repeat();
  for (std::int64_t b = 0; b < shape.batch; ++b) {
    for (std::int64_t t = with_prefix ? 0 : shape.prefix; t < shape.Tokens(); ++t) {
      for (std::int64_t k = 0; k < shape.kv; ++k) {
        for (std::int64_t r = 0; r < repeat; ++r, rows += hd) {
          const Place place = Find(shape, b, t, k, r);
          T* piece = (place.rest ? rest : prefix) + place.query * hd;
          T* from = back ? rows : piece;
          T* to = back ? piece : rows;
          for (std::int64_t i = 0; i < hd; ++i) to[i] = from[i];
        }
      }
    }
  }
}

// `scratch` has room for far + near columns.
template <class T>
inline void Softmax(std::int64_t rows, std::int64_t columns, std::int64_t period, bool causal, const T* far,
                    const T* near, float* scratch, T* far_out, T* near_out) {
  for (std::int64_t r = 0; r < rows; ++r, far += columns, far_out += columns, near += period, near_out += period) {
    const std::int64_t seen = causal ? r % period + 1 : period;
    for (std::int64_t i = 0; i < columns; ++i) scratch[i] = Load(far[i]);
    for (std::int64_t i = 0; i < seen; ++i) scratch[columns + i] = Load(near[i]);
    const std::int64_t n = columns + seen;
    float lanes[kLanes];
    for (float& lane : lanes) lane = scratch[0];
    std::int64_t i = 0;
    for (; i + kLanes <= n; i += kLanes) {
      for (int j = 0; j < kLanes; ++j) lanes[j] = lanes[j] < scratch[i + j] ? scratch[i + j] : lanes[j];
    }
    for (; i < n; ++i) lanes[0] = lanes[0] < scratch[i] ? scratch[i] : lanes[0];
    float most = lanes[0];
    for (float lane : lanes) most = most < lane ? lane : most;
    for (i = 0; i < n; ++i) scratch[i] = Exp(scratch[i] - most);
    const float share = 1.0F / Sum(n, [&](std::int64_t k) { return scratch[k]; });
    for (i = 0; i < columns; ++i) Store(scratch[i] * share, far_out[i]);
    for (i = 0; i < seen; ++i) Store(scratch[columns + i] * share, near_out[i]);
    for (i = seen; i < period; ++i) near_out[i] = T{};
  }
}

// dx = y (dy - sum of y dy over the row)
template <class T>
inline void SoftmaxBack(std::int64_t rows, std::int64_t columns, std::int64_t period, bool causal, const T* far,
                        const T* near, const T* dfar, const T* dnear, T* far_out, T* near_out) {
  for (std::int64_t r = 0; r < rows;
       ++r, far += columns, dfar += columns, far_out += columns, near += period, dnear += period, near_out += period) {
    const std::int64_t seen = causal ? r % period + 1 : period;
    const float along = Sum(columns, [&](std::int64_t i) { return Load(far[i]) * Load(dfar[i]); }) +
                        Sum(seen, [&](std::int64_t i) { return Load(near[i]) * Load(dnear[i]); });
    for (std::int64_t i = 0; i < columns; ++i) Store(Load(far[i]) * (Load(dfar[i]) - along), far_out[i]);
    for (std::int64_t i = 0; i < seen; ++i) Store(Load(near[i]) * (Load(dnear[i]) - along), near_out[i]);
    for (std::int64_t i = seen; i < period; ++i) near_out[i] = T{};
  }
}

// sum += more; more = 0
template <class T>
inline void Take(std::int64_t n, T* more, float* sum, bool first) {
  for (std::int64_t i = 0; i < n; ++i) sum[i] = (first ? 0.0F : sum[i]) + Load(more[i]);
  for (std::int64_t i = 0; i < n; ++i) more[i] = T{};
}
inline double SquareSum(std::int64_t n, const float* x, float share) {
  double part[8] = {};
  std::int64_t i = 0;
  for (; i + 8 <= n; i += 8) {
    for (std::int64_t j = 0; j < 8; ++j) {
      const auto g = static_cast<double>(x[i + j] * share);
      part[j] += g * g;
    }
  }
  for (; i < n; ++i) part[0] += static_cast<double>(x[i] * share) * static_cast<double>(x[i] * share);
  double sum = 0;
  for (double value : part) sum += value;
  return sum;
}

inline void Update(std::int64_t n, const Rates& rates, const float* __restrict gradient, float* __restrict w,
                   float* __restrict m, float* __restrict v, float* __restrict average) {
  const Rates r = rates;  // the loop must not read it again
  for (std::int64_t i = 0; i < n; ++i) {
    const float g = gradient[i] * r.scale;
    m[i] = r.beta1 * m[i] + (1.0F - r.beta1) * g;
    v[i] = r.beta2 * v[i] + (1.0F - r.beta2) * g * g;
    w[i] -= r.rate * (m[i] * r.correction1) / (__builtin_sqrtf(v[i] * r.correction2) + 1e-8F) + r.shrink * w[i];
    average[i] = r.keep * average[i] + (1.0F - r.keep) * w[i];
  }
}

template <class T>
inline constexpr LoopsOf<T> kLoopsOf = {NormForward<T>, NormBackward<T>, GateForward<T>, GateBackward<T>,
                                        SiluForward<T>, SiluBackward<T>, Split<T>,       SplitBack<T>,
                                        Join<T>,        Softmax<T>,      SoftmaxBack<T>, Take<T>};

}  // namespace divla::kernel::DIVLA_KERNEL
