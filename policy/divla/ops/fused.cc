#include "policy/divla/ops/fused.h"

#include <torch/csrc/autograd/custom_function.h>

#include <cmath>

#include "policy/divla/ops/ops.h"
#include "sim/check.h"

// The loops below keep their lanes apart, so wider registers change speed and not a single bit.
#define DIVLA_WIDE __attribute__((target_clones("avx2", "default")))

namespace divla {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

constexpr std::int64_t kLanes = 8;

bool Fusable(const at::Tensor& x) { return x.is_cpu() && x.scalar_type() == at::kFloat && x.size(-1) % kLanes == 0; }

DIVLA_WIDE void RmsNormForward(const float* x, const float* weight, float* out, float* inverse, std::int64_t rows,
                               std::int64_t n, float eps) {
  for (std::int64_t r = 0; r < rows; ++r, x += n, out += n) {
    float square[kLanes] = {};
    for (std::int64_t i = 0; i < n; i += kLanes) {
      for (std::int64_t j = 0; j < kLanes; ++j) square[j] += x[i + j] * x[i + j];
    }
    float sum = 0;
    for (float part : square) sum += part;
    const float scale = 1.0F / std::sqrt(sum / static_cast<float>(n) + eps);
    inverse[r] = scale;
    for (std::int64_t i = 0; i < n; ++i) out[i] = x[i] * scale * weight[i];
  }
}

// dx = s (w dy) - x s^3 mean(x w dy); dw = sum over rows of dy x s
DIVLA_WIDE void RmsNormBackward(const float* x, const float* weight, const float* inverse, const float* dy, float* dx,
                                float* dweight, std::int64_t rows, std::int64_t n) {
  for (std::int64_t r = 0; r < rows; ++r, x += n, dy += n, dx += n) {
    float product[kLanes] = {};
    for (std::int64_t i = 0; i < n; i += kLanes) {
      for (std::int64_t j = 0; j < kLanes; ++j) product[j] += x[i + j] * weight[i + j] * dy[i + j];
    }
    float sum = 0;
    for (float part : product) sum += part;
    const float s = inverse[r], back = sum / static_cast<float>(n) * s * s * s;
    for (std::int64_t i = 0; i < n; ++i) {
      dx[i] = s * weight[i] * dy[i] - x[i] * back;
      dweight[i] += dy[i] * x[i] * s;
    }
  }
}

class RmsNormFunction : public torch::autograd::Function<RmsNormFunction> {
 public:
  static at::Tensor forward(AutogradContext* context, const at::Tensor& in, const at::Tensor& weight, double eps) {
    const at::Tensor x = in.contiguous();
    const std::int64_t n = x.size(-1), rows = x.numel() / n;
    at::Tensor out = at::empty_like(x), inverse = at::empty({rows}, x.options());
    RmsNormForward(x.const_data_ptr<float>(), weight.const_data_ptr<float>(), out.mutable_data_ptr<float>(),
                   inverse.mutable_data_ptr<float>(), rows, n, static_cast<float>(eps));
    context->save_for_backward({x, weight, inverse});
    return out;
  }
  static variable_list backward(AutogradContext* context, const variable_list& gradients) {
    const variable_list saved = context->get_saved_variables();
    const at::Tensor &x = saved[0], &weight = saved[1], dy = gradients[0].contiguous();
    const std::int64_t n = x.size(-1);
    at::Tensor dx = at::empty_like(x), dweight = at::zeros_like(weight);
    RmsNormBackward(x.const_data_ptr<float>(), weight.const_data_ptr<float>(), saved[2].const_data_ptr<float>(),
                    dy.const_data_ptr<float>(), dx.mutable_data_ptr<float>(), dweight.mutable_data_ptr<float>(),
                    x.numel() / n, n);
    return {dx, dweight, at::Tensor()};
  }
};

// direction -1 turns back, which is the gradient of turning.
DIVLA_WIDE void RotateLoop(const float* x, std::int64_t token_stride, const float* cos, const float* sin, float* out,
                           std::int64_t tokens, std::int64_t table_rows, std::int64_t heads, std::int64_t half,
                           float direction) {
  for (std::int64_t t = 0; t < tokens; ++t, x += token_stride) {
    const float* c = cos + t % table_rows * half;
    const float* s = sin + t % table_rows * half;
    for (std::int64_t h = 0; h < heads; ++h, out += 2 * half) {
      const float* in = x + h * 2 * half;
      for (std::int64_t i = 0; i < half; ++i) {
        const float a = in[i], b = in[half + i], turn = direction * s[i];
        out[i] = a * c[i] - b * turn;
        out[half + i] = b * c[i] + a * turn;
      }
    }
  }
}

at::Tensor RotateOnce(const at::Tensor& in, const at::Tensor& cos, const at::Tensor& sin, float direction) {
  // A slice of heads of a larger (B, T, heads, hd) tensor is read in place.
  const bool in_place = in.stride(3) == 1 && in.stride(2) == in.size(3) && in.stride(0) == in.stride(1) * in.size(1);
  const at::Tensor x = in_place ? in : in.contiguous();
  at::Tensor out = at::empty(x.sizes(), x.options());
  RotateLoop(x.const_data_ptr<float>(), x.stride(1), cos.const_data_ptr<float>(), sin.const_data_ptr<float>(),
             out.mutable_data_ptr<float>(), x.size(0) * x.size(1), cos.size(0), x.size(2), x.size(3) / 2, direction);
  return out;
}

class RotateFunction : public torch::autograd::Function<RotateFunction> {
 public:
  static at::Tensor forward(AutogradContext* context, const at::Tensor& x, const at::Tensor& cos,
                            const at::Tensor& sin) {
    context->save_for_backward({cos, sin});
    return RotateOnce(x, cos, sin, 1.0F);
  }
  static variable_list backward(AutogradContext* context, const variable_list& gradients) {
    const variable_list saved = context->get_saved_variables();
    return {RotateOnce(gradients[0], saved[0], saved[1], -1.0F), at::Tensor(), at::Tensor()};
  }
};

}  // namespace

at::Tensor RmsNorm(const at::Tensor& x, const at::Tensor& weight, double eps) {
  if (Fusable(x)) return RmsNormFunction::apply(x, weight, eps);
  return NormalizeRootMeanSquare(x, weight, eps);
}

at::Tensor Rotate(const at::Tensor& x, const at::Tensor& cos, const at::Tensor& sin) {
  const std::int64_t tokens = x.size(0) * x.size(1), half = x.size(-1) / 2;
  DIVLA_CHECK(cos.size(1) == half && tokens % cos.size(0) == 0, "rotary table");
  if (x.is_cpu() && x.scalar_type() == at::kFloat) return RotateFunction::apply(x, cos.contiguous(), sin.contiguous());
  const at::Tensor c = cos.view({-1, x.size(1), 1, half}), s = sin.view({-1, x.size(1), 1, half});
  const std::vector<at::Tensor> parts = x.chunk(2, -1);
  return at::cat({parts[0] * c - parts[1] * s, parts[1] * c + parts[0] * s}, -1).to(x.scalar_type());
}

}  // namespace divla
