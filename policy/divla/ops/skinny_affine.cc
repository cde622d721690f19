#include "policy/divla/ops/skinny_affine.h"

#include "sim/check.h"

namespace divla {
namespace {

NumberType TypeOf(const at::Tensor& tensor) {
  DIVLA_CHECK(tensor.is_cpu() && tensor.is_contiguous(), "a skinny product takes dense tensors of the CPU");
  if (tensor.scalar_type() == at::kFloat) return NumberType::kFloat32;
  if (tensor.scalar_type() == at::kHalf) return NumberType::kFloat16;
  DIVLA_CHECK(tensor.scalar_type() == at::kBFloat16, "a skinny product takes float32, float16 and bfloat16");
  return NumberType::kBfloat16;
}

}  // namespace

at::Tensor SkinnyAffine(const at::Tensor& x, const std::vector<at::Tensor>& weights,
                        const std::vector<at::Tensor>& biases) {
  DIVLA_CHECK(!weights.empty() && (biases.empty() || biases.size() == weights.size()), "weights and their biases");
  const at::Tensor rows = x.contiguous();
  const std::int64_t depth = rows.size(-1);
  const SkinnyInput input{rows.const_data_ptr(), TypeOf(rows), depth == 0 ? 0 : rows.numel() / depth, depth};
  std::vector<SkinnyWeight> parts;
  std::int64_t outputs = 0;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    const at::Tensor& weight = weights[i];
    DIVLA_CHECK(weight.dim() == 2 && weight.size(1) == depth, "depth of a skinny product");
    SkinnyWeight& part = parts.emplace_back();
    part.weight = weight.const_data_ptr();
    part.weight_type = TypeOf(weight);
    part.outputs = weight.size(0);
    outputs += part.outputs;
    if (biases.empty() || !biases[i].defined()) continue;
    DIVLA_CHECK(biases[i].numel() == part.outputs, "bias of a skinny product");
    part.bias = biases[i].const_data_ptr();
    part.bias_type = TypeOf(biases[i]);
  }
  std::vector<std::int64_t> sizes = rows.sizes().vec();
  sizes.back() = outputs;
  const at::Tensor y = at::empty(sizes, rows.options());
  MultiplySkinny(input, parts, {y.mutable_data_ptr(), TypeOf(y)});
  return y;
}

at::Tensor SkinnyAffine(const at::Tensor& x, const at::Tensor& weight, const std::optional<at::Tensor>& bias) {
  return SkinnyAffine(x, std::vector<at::Tensor>{weight},
                      bias ? std::vector<at::Tensor>{*bias} : std::vector<at::Tensor>{});
}

}  // namespace divla
