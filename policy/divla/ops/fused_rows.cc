#include "policy/divla/ops/fused_rows.h"

#include <torch/csrc/autograd/custom_function.h>

#include "policy/divla/ops/fused_math.h"
#include "sim/check.h"

namespace divla {
namespace {

using fused::ByType, fused::In, fused::Loops, fused::Out;
using kernel::Sizes;
using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

class AddAndNormFunction : public torch::autograd::Function<AddAndNormFunction> {
 public:
  static variable_list forward(AutogradContext* context, const at::Tensor& in, const std::optional<at::Tensor>& change,
                               const at::Tensor& weight, const std::optional<at::Tensor>& offset, double eps,
                               std::int64_t type) {
    const auto out_type = static_cast<at::ScalarType>(type);
    const at::Tensor x = in.contiguous(), delta = fused::Plain(change), bias = fused::Plain(offset);
    DIVLA_CHECK(x.scalar_type() == at::kFloat, "the residual sum is float32");
    DIVLA_CHECK(!delta.defined() || (delta.scalar_type() == out_type && delta.sizes() == x.sizes()), "residual branch");
    const Sizes sizes{x.numel() / x.size(-1), x.size(-1)};
    at::Tensor sum = delta.defined() ? at::empty_like(x) : at::Tensor();
    at::Tensor y = at::empty(x.sizes(), x.options().dtype(out_type));
    at::Tensor mean = at::empty({sizes.rows}, x.options()), inverse = at::empty({sizes.rows}, x.options());
    ByType(out_type, [&]<class T>(T*) {
      Loops<T>().norm(sizes, In<float>(x), In<T>(delta), In<float>(weight), In<float>(bias), static_cast<float>(eps),
                      Out<float>(sum), Out<T>(y), Out<float>(mean), Out<float>(inverse));
    });
    context->set_materialize_grads(false);
    context->save_for_backward({delta.defined() ? sum : x, weight, mean, inverse});
    context->saved_data["delta"] = delta.defined();
    context->saved_data["bias"] = bias.defined();
    context->saved_data["type"] = type;
    return delta.defined() ? variable_list{y, sum} : variable_list{y};
  }

  static variable_list backward(AutogradContext* context, const variable_list& gradients) {
    const variable_list saved = context->get_saved_variables();
    const at::Tensor &s = saved[0], &weight = saved[1];
    const bool has_delta = context->saved_data["delta"].toBool(), centred = context->saved_data["bias"].toBool();
    const auto type = static_cast<at::ScalarType>(context->saved_data["type"].toInt());
    const at::Tensor dy =
        gradients[0].defined() ? gradients[0].contiguous() : at::zeros(s.sizes(), s.options().dtype(type));
    const at::Tensor dsum = has_delta && gradients[1].defined() ? gradients[1].contiguous() : at::Tensor();
    at::Tensor dx = at::empty_like(s), dweight = at::zeros_like(weight);
    at::Tensor dbias = centred ? at::zeros_like(weight) : at::Tensor();
    const bool own_delta = has_delta && type != at::kFloat;  // in float32 it is dx itself
    at::Tensor ddelta = own_delta ? at::empty_like(dy) : at::Tensor();
    ByType(type, [&]<class T>(T*) {
      Loops<T>().norm_back(Sizes{s.numel() / s.size(-1), s.size(-1)}, In<float>(s), In<float>(weight), centred,
                           In<float>(saved[2]), In<float>(saved[3]), In<float>(dsum), In<T>(dy), Out<float>(dx),
                           Out<T>(ddelta), Out<float>(dweight), Out<float>(dbias));
    });
    if (has_delta && !own_delta) ddelta = dx;
    return {dx, ddelta, dweight, dbias, at::Tensor(), at::Tensor()};
  }
};

class SwiGluFunction : public torch::autograd::Function<SwiGluFunction> {
 public:
  static at::Tensor forward(AutogradContext* context, const at::Tensor& in) {
    const at::Tensor x = in.contiguous();
    std::vector<std::int64_t> shape = x.sizes().vec();
    shape.back() /= 2;
    at::Tensor y = at::empty(shape, x.options());
    ByType(x.scalar_type(), [&]<class T>(T*) {
      Loops<T>().gate(Sizes{y.numel() / y.size(-1), y.size(-1)}, In<T>(x), Out<T>(y));
    });
    context->save_for_backward({x});
    return y;
  }
  static variable_list backward(AutogradContext* context, const variable_list& gradients) {
    const at::Tensor x = context->get_saved_variables()[0], dy = gradients[0].contiguous();
    at::Tensor dx = at::empty_like(x);
    ByType(x.scalar_type(), [&]<class T>(T*) {
      Loops<T>().gate_back(Sizes{dy.numel() / dy.size(-1), dy.size(-1)}, In<T>(x), In<T>(dy), Out<T>(dx));
    });
    return {dx};
  }
};

class SiluFunction : public torch::autograd::Function<SiluFunction> {
 public:
  static at::Tensor forward(AutogradContext* context, const at::Tensor& in) {
    const at::Tensor x = in.is_non_overlapping_and_dense() ? in : in.contiguous();
    at::Tensor y = at::empty_like(x);  // the same strides
    ByType(x.scalar_type(), [&]<class T>(T*) { Loops<T>().silu(x.numel(), In<T>(x), Out<T>(y)); });
    context->save_for_backward({x});
    return y;
  }
  static variable_list backward(AutogradContext* context, const variable_list& gradients) {
    const at::Tensor x = context->get_saved_variables()[0];
    at::Tensor dx = at::empty_like(x);
    at::Tensor dy = gradients[0];
    if (dy.strides() != x.strides()) dy = at::empty_like(x).copy_(dy);
    ByType(x.scalar_type(), [&]<class T>(T*) { Loops<T>().silu_back(x.numel(), In<T>(x), In<T>(dy), Out<T>(dx)); });
    return {dx};
  }
};

}  // namespace

SumAndNorm AddAndNorm(const at::Tensor& x, const at::Tensor& delta, const at::Tensor& weight, const at::Tensor& bias,
                      double eps, at::ScalarType type) {
  const variable_list out = AddAndNormFunction::apply(x, fused::Maybe(delta), weight, fused::Maybe(bias), eps,
                                                      static_cast<std::int64_t>(type));
  return {delta.defined() ? out[1] : x, out[0]};
}

at::Tensor SwiGlu(const at::Tensor& x) {
  DIVLA_CHECK(x.size(-1) % 2 == 0, "a gated layer has two halves");
  return SwiGluFunction::apply(x);
}

at::Tensor FusedSilu(const at::Tensor& x) { return SiluFunction::apply(x); }

}  // namespace divla
