#include "policy/divla/ops/ops.h"

#include <c10/core/GradMode.h>

#include <cmath>

#include "policy/divla/ops/fused_rows.h"
#include "policy/divla/ops/skinny_affine.h"
#include "policy/divla/strict/kernels.h"
#include "policy/divla/strict/scope.h"
#include "sim/check.h"

namespace divla {
namespace {

void CheckPlain(const at::Tensor& x) {
  DIVLA_CHECK(x.is_cpu() && x.scalar_type() == at::kFloat && !(c10::GradMode::is_enabled() && x.requires_grad()),
              "strict mode computes float32 on the CPU without gradients");
}

std::vector<std::int64_t> WithLast(const at::Tensor& x, std::int64_t last) {
  std::vector<std::int64_t> sizes = x.sizes().vec();
  sizes.back() = last;
  return sizes;
}

// rows (R, in) times the transpose of weight (out, in)
at::Tensor RowsTimesWeight(const at::Tensor& rows, const at::Tensor& weight, const std::optional<at::Tensor>& bias) {
  CheckPlain(rows);
  const at::Tensor a = rows.contiguous();
  at::Tensor b = weight.t();
  if (b.stride(1) != 1) b = b.contiguous();
  at::Tensor out = at::empty({a.size(0), b.size(1)}, a.options());
  const at::Tensor added = bias ? bias->contiguous() : at::Tensor();
  strict::Multiply({a.size(0), b.size(1), a.size(1), a.const_data_ptr<float>(), b.const_data_ptr<float>(), b.stride(0),
                    bias ? added.const_data_ptr<float>() : nullptr, out.mutable_data_ptr<float>()});
  return out;
}

// weight (out, in, ...) -> (out, in * ...), a view when it was made by ForStrictProducts
at::Tensor FlatWeight(const at::Tensor& weight) {
  const at::Tensor last = weight.movedim(0, -1);
  return last.reshape({-1, weight.size(0)}).t();
}

// Under mixed precision some weights are bfloat16 and some are float32: a product has its weight's type.
at::Tensor InTypeOf(const at::Tensor& weight, const at::Tensor& x) {
  return Trained(x) ? x.to(weight.scalar_type()) : x;
}

// Any function of strict/kernels.h that works on a flat array in place.
at::Tensor Pointwise(const at::Tensor& x, void (*function)(float*, std::int64_t)) {
  CheckPlain(x);
  at::Tensor out = x.clone(at::MemoryFormat::Contiguous);
  function(out.mutable_data_ptr<float>(), out.numel());
  return out;
}

at::Tensor ByLibm(const at::Tensor& x, double (*function)(double)) {
  CheckPlain(x);
  at::Tensor out = x.clone(at::MemoryFormat::Contiguous);
  auto* values = out.mutable_data_ptr<float>();
  for (std::int64_t i = 0; i < out.numel(); ++i) {
    values[i] = static_cast<float>(function(static_cast<double>(values[i])));
  }
  return out;
}

at::Tensor Standardize(const at::Tensor& in, bool centred, double eps) {
  CheckPlain(in);
  const at::Tensor x = in.contiguous();
  at::Tensor out = at::empty_like(x);
  strict::StandardizeRows(x.const_data_ptr<float>(), out.mutable_data_ptr<float>(), x.numel() / x.size(-1), x.size(-1),
                          centred, static_cast<float>(eps));
  return out;
}

}  // namespace

bool Trained(const at::Tensor& x) { return x.is_cpu() && c10::GradMode::is_enabled() && !StrictScope::Active(); }

bool IsSkinny(const at::Tensor& x, const at::Tensor& weight) {
  constexpr std::int64_t kMostRows = 16, kLeastNumbers = 1 << 16;
  return x.is_cpu() && x.scalar_type() == at::kBFloat16 && weight.numel() >= kLeastNumbers && weight.is_contiguous() &&
         x.numel() <= kMostRows * x.size(-1) && !c10::GradMode::is_enabled();
}

at::Tensor Affine(const at::Tensor& x, const at::Tensor& weight, const std::optional<at::Tensor>& bias) {
  if (!StrictScope::Active()) {
    return IsSkinny(x, weight) ? SkinnyAffine(x, weight, bias) : at::linear(InTypeOf(weight, x), weight, bias);
  }
  return RowsTimesWeight(x.reshape({-1, x.size(-1)}), weight, bias).view(WithLast(x, weight.size(0)));
}

at::Tensor MatrixProduct(const at::Tensor& a, const at::Tensor& b) {
  if (!StrictScope::Active()) return a.dim() == 3 ? at::bmm(a, b) : at::matmul(a, b);
  CheckPlain(a);
  const at::Tensor left = a.contiguous(), right = b.contiguous();
  const std::int64_t rows = a.size(-2), depth = a.size(-1), columns = b.size(-1);
  at::Tensor out = at::empty(WithLast(a, columns), a.options());
  const std::int64_t count = left.numel() / (rows * depth);
  DIVLA_CHECK(b.size(-2) == depth && right.numel() == count * depth * columns, "sizes of a matrix product");
  for (std::int64_t i = 0; i < count; ++i) {
    strict::Multiply({rows, columns, depth, left.const_data_ptr<float>() + i * rows * depth,
                      right.const_data_ptr<float>() + i * depth * columns, columns, nullptr,
                      out.mutable_data_ptr<float>() + i * rows * columns});
  }
  return out;
}

at::Tensor Convolve2d(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias, std::int64_t stride,
                      std::int64_t padding) {
  if (!StrictScope::Active()) return at::conv2d(InTypeOf(weight, x), weight, bias, stride, padding);
  const std::int64_t kh = weight.size(2), kw = weight.size(3);
  const at::Tensor windows = at::constant_pad_nd(x, {padding, padding, padding, padding})
                                 .unfold(2, kh, stride)
                                 .unfold(3, kw, stride);  // (N, in, H', W', kh, kw)
  const std::int64_t n = x.size(0), height = windows.size(2), width = windows.size(3);
  const at::Tensor rows = windows.permute({0, 2, 3, 1, 4, 5}).reshape({n * height * width, x.size(1) * kh * kw});
  return RowsTimesWeight(rows, FlatWeight(weight), bias).view({n, height, width, -1}).permute({0, 3, 1, 2});
}

at::Tensor Convolve1d(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias, std::int64_t stride,
                      std::int64_t padding) {
  if (!StrictScope::Active()) return at::conv1d(InTypeOf(weight, x), weight, bias, stride, padding);
  const std::int64_t kernel = weight.size(2);
  const at::Tensor windows = at::constant_pad_nd(x, {padding, padding}).unfold(2, kernel, stride);  // (N, in, T', k)
  const std::int64_t n = x.size(0), length = windows.size(2);
  const at::Tensor rows = windows.permute({0, 2, 1, 3}).reshape({n * length, x.size(1) * kernel});
  return RowsTimesWeight(rows, FlatWeight(weight), bias).view({n, length, -1}).transpose(1, 2);
}

at::Tensor Upconvolve1d(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias, std::int64_t stride,
                        std::int64_t padding) {
  if (!StrictScope::Active()) return at::conv_transpose1d(InTypeOf(weight, x), weight, bias, stride, padding);
  // The plain convolution, with the kernel turned round, of x with stride - 1 zeros between its entries.
  const std::int64_t edge = weight.size(2) - 1 - padding, spread = (x.size(2) - 1) * stride + 1;
  DIVLA_CHECK(edge >= 0, "the padding of a transposed convolution is smaller than its kernel");
  at::Tensor wide = at::zeros({x.size(0), x.size(1), spread + 2 * edge}, x.options());
  wide.slice(2, edge, edge + spread, stride).copy_(x);
  return Convolve1d(wide, weight.flip(2).transpose(0, 1), bias, 1, 0);
}

at::Tensor Softmax(const at::Tensor& x) {
  if (!StrictScope::Active()) return at::softmax(x, -1);
  CheckPlain(x);
  at::Tensor out = x.clone(at::MemoryFormat::Contiguous);
  strict::SoftmaxRows(out.mutable_data_ptr<float>(), out.numel() / out.size(-1), out.size(-1));
  return out;
}

at::Tensor NormalizeLayer(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias, double eps) {
  if (!StrictScope::Active()) return at::layer_norm(x, {x.size(-1)}, weight, bias, eps);
  return Standardize(x, true, eps) * weight + bias;
}

at::Tensor NormalizeGroups(const at::Tensor& x, std::int64_t groups, const at::Tensor& weight, const at::Tensor& bias,
                           double eps) {
  if (!StrictScope::Active()) return at::group_norm(x, groups, weight, bias, eps);
  const at::Tensor standard = Standardize(x.reshape({x.size(0), groups, -1}), true, eps).view(x.sizes());
  return standard * weight.unsqueeze(1) + bias.unsqueeze(1);
}

at::Tensor NormalizeRootMeanSquare(const at::Tensor& x, const at::Tensor& weight, double eps) {
  if (!StrictScope::Active()) {
    const at::Tensor wide = x.to(at::kFloat);  // narrower types are squared and averaged in float32, then rounded once
    return (wide * (wide.square().mean(-1, true) + eps).rsqrt()).to(x.scalar_type()) * weight;
  }
  return Standardize(x, false, eps) * weight;
}

at::Tensor Silu(const at::Tensor& x) {
  if (StrictScope::Active()) return Pointwise(x, strict::Silu);
  return Trained(x) ? FusedSilu(x) : at::silu(x);
}

at::Tensor Gelu(const at::Tensor& x, const std::string& approximate) {
  if (!StrictScope::Active()) return at::gelu(x, approximate);
  return Pointwise(x, approximate == "tanh" ? strict::GeluTanh : strict::Gelu);
}

at::Tensor Mish(const at::Tensor& x) { return StrictScope::Active() ? Pointwise(x, strict::Mish) : at::mish(x); }

at::Tensor Sine(const at::Tensor& x) { return StrictScope::Active() ? ByLibm(x, std::sin) : x.sin(); }
at::Tensor Cosine(const at::Tensor& x) { return StrictScope::Active() ? ByLibm(x, std::cos) : x.cos(); }
at::Tensor Exponential(const at::Tensor& x) { return StrictScope::Active() ? ByLibm(x, std::exp) : x.exp(); }

at::Tensor MultiplyAdd(const at::Tensor& sum, const at::Tensor& a, const at::Tensor& b) {
  return StrictScope::Active() ? sum + a * b : at::addcmul(sum, a, b);
}

at::Tensor Argmax(const at::Tensor& x) {
  if (!StrictScope::Active()) return x.argmax(-1);
  CheckPlain(x);
  const at::Tensor rows = x.contiguous();
  at::Tensor out = at::empty(x.sizes().slice(0, static_cast<std::size_t>(x.dim() - 1)), at::kLong);
  strict::ArgmaxRows(rows.const_data_ptr<float>(), out.mutable_data_ptr<std::int64_t>(), out.numel(), x.size(-1));
  return out;
}

at::Tensor ForStrictProducts(const at::Tensor& weight) {
  return weight.dim() < 2 ? weight : weight.movedim(0, -1).contiguous().movedim(-1, 0);
}

}  // namespace divla
