#include "policy/divla/ops/fused.h"

#include <c10/core/GradMode.h>

#include <cmath>

#include "policy/divla/ops/ops.h"
#include "sim/check.h"

// The loops below keep their lanes apart, so wider registers change speed and not a single bit.
#define DIVLA_WIDE __attribute__((target_clones("avx2", "default")))

namespace divla {
namespace {

constexpr std::int64_t kLanes = 8;

bool Fusable(const at::Tensor& x) { return x.is_cpu() && x.scalar_type() == at::kFloat && x.size(-1) % kLanes == 0; }

DIVLA_WIDE void NormLoop(const float* x, const float* weight, float* out, std::int64_t rows, std::int64_t n,
                         float eps) {
  for (std::int64_t r = 0; r < rows; ++r, x += n, out += n) {
    float square[kLanes] = {};
    for (std::int64_t i = 0; i < n; i += kLanes) {
      for (std::int64_t j = 0; j < kLanes; ++j) square[j] += x[i + j] * x[i + j];
    }
    float sum = 0;
    for (float part : square) sum += part;
    const float scale = 1.0F / std::sqrt(sum / static_cast<float>(n) + eps);
    for (std::int64_t i = 0; i < n; ++i) out[i] = x[i] * scale * weight[i];
  }
}

DIVLA_WIDE void RotateLoop(const float* x, std::int64_t token_stride, const float* cos, const float* sin, float* out,
                           std::int64_t tokens, std::int64_t table_rows, std::int64_t heads, std::int64_t half) {
  for (std::int64_t t = 0; t < tokens; ++t, x += token_stride) {
    const float* c = cos + t % table_rows * half;
    const float* s = sin + t % table_rows * half;
    for (std::int64_t h = 0; h < heads; ++h, out += 2 * half) {
      const float* in = x + h * 2 * half;
      for (std::int64_t i = 0; i < half; ++i) {
        const float a = in[i], b = in[half + i];
        out[i] = a * c[i] - b * s[i];
        out[half + i] = b * c[i] + a * s[i];
      }
    }
  }
}

at::Tensor RotateOnce(const at::Tensor& in, const at::Tensor& cos, const at::Tensor& sin) {
  // A slice of heads of a larger (B, T, heads, hd) tensor is read in place.
  const bool in_place = in.stride(3) == 1 && in.stride(2) == in.size(3) && in.stride(0) == in.stride(1) * in.size(1);
  const at::Tensor x = in_place ? in : in.contiguous();
  at::Tensor out = at::empty(x.sizes(), x.options());
  RotateLoop(x.const_data_ptr<float>(), x.stride(1), cos.const_data_ptr<float>(), sin.const_data_ptr<float>(),
             out.mutable_data_ptr<float>(), x.size(0) * x.size(1), cos.size(0), x.size(2), x.size(3) / 2);
  return out;
}

at::Tensor NormalizeOnce(const at::Tensor& in, const at::Tensor& weight, double eps) {
  const at::Tensor x = in.contiguous();
  at::Tensor out = at::empty(x.sizes(), x.options());
  NormLoop(x.const_data_ptr<float>(), weight.const_data_ptr<float>(), out.mutable_data_ptr<float>(),
           x.numel() / x.size(-1), x.size(-1), static_cast<float>(eps));
  return out;
}

// The loops are out of LibTorch's sight: it would take what they give for a constant.
void CheckNoGradient(const at::Tensor& x) {
  DIVLA_CHECK(!c10::GradMode::is_enabled() || !x.requires_grad(), "a fused operation has no gradient");
}

}  // namespace

at::Tensor RmsNorm(const at::Tensor& x, const at::Tensor& weight, double eps) {
  CheckNoGradient(x), CheckNoGradient(weight);
  if (Fusable(x)) return NormalizeOnce(x, weight, eps);
  return NormalizeRootMeanSquare(x, weight, eps);
}

at::Tensor Rotate(const at::Tensor& x, const at::Tensor& cos, const at::Tensor& sin) {
  const std::int64_t tokens = x.size(0) * x.size(1), half = x.size(-1) / 2;
  DIVLA_CHECK(cos.size(1) == half && tokens % cos.size(0) == 0, "rotary table");
  CheckNoGradient(x);
  if (x.is_cpu() && x.scalar_type() == at::kFloat) return RotateOnce(x, cos.contiguous(), sin.contiguous());
  const at::Tensor c = cos.view({-1, x.size(1), 1, half}), s = sin.view({-1, x.size(1), 1, half});
  const std::vector<at::Tensor> parts = x.chunk(2, -1);
  return at::cat({parts[0] * c - parts[1] * s, parts[1] * c + parts[0] * s}, -1).to(x.scalar_type());
}

}  // namespace divla
