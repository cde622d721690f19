#include "policy/divla/ops/fused_attention.h"

#include <torch/csrc/autograd/custom_function.h>

#include <vector>

#include "policy/divla/ops/fused_math.h"
#include "sim/check.h"

namespace divla {
namespace {

using fused::ByType, fused::In, fused::Loops, fused::Out;
using kernel::HeadShape;
using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

std::vector<std::int64_t> Pack(const HeadShape& s) {
  return {s.batch, s.hd, s.heads, s.kv, s.prefix, s.segments, s.length};
}
HeadShape Unpack(const std::vector<std::int64_t>& v) { return {v[0], v[1], v[2], v[3], v[4], v[5], v[6]}; }
HeadShape ShapeOf(std::int64_t batch, std::int64_t hd, const HeadLayout& l) {
  return {batch, hd, l.heads, l.kv, l.prefix, l.segments, l.length};
}

class SplitFunction : public torch::autograd::Function<SplitFunction> {
 public:
  static variable_list forward(AutogradContext* context, const at::Tensor& in, const std::optional<at::Tensor>& cosines,
                               const std::optional<at::Tensor>& sines, const std::vector<std::int64_t>& packed) {
    const at::Tensor cos = fused::Plain(cosines), sin = fused::Plain(sines);
    const HeadShape shape = Unpack(packed);
    const auto& [batch, hd, heads, kv, prefix, segments, length] = shape;
    const at::Tensor qkv = in.contiguous();
    const std::int64_t groups = shape.batch * kv, parts = groups * segments, repeat = shape.Repeat();
    variable_list pieces{at::empty({groups, repeat * prefix, shape.hd}, qkv.options()),
                         at::empty({groups, prefix, shape.hd}, qkv.options()),
                         at::empty({groups, prefix, shape.hd}, qkv.options())};
    if (segments > 0) {
      pieces.push_back(at::empty({parts, repeat * length, shape.hd}, qkv.options()));
      pieces.push_back(at::empty({parts, length, shape.hd}, qkv.options()));
      pieces.push_back(at::empty({parts, length, shape.hd}, qkv.options()));
    }
    ByType(qkv.scalar_type(), [&]<class T>(T*) {
      T* out[6] = {};
      for (std::size_t i = 0; i < pieces.size(); ++i) out[i] = Out<T>(pieces[i]);
      Loops<T>().split(shape, In<T>(qkv), In<float>(cos), In<float>(sin), out);
    });
    context->set_materialize_grads(false);
    context->save_for_backward({cos, sin});
    context->saved_data["shape"] = packed;
    context->saved_data["type"] = static_cast<std::int64_t>(qkv.scalar_type());
    return pieces;
  }
  static variable_list backward(AutogradContext* context, const variable_list& gradients) {
    const variable_list saved = context->get_saved_variables();
    const HeadShape shape = Unpack(context->saved_data["shape"].toIntVector());
    const auto type = static_cast<at::ScalarType>(context->saved_data["type"].toInt());
    at::Tensor qkv =
        at::empty({shape.batch, shape.Tokens(), (shape.heads + 2 * shape.kv) * shape.hd}, at::TensorOptions(type));
    variable_list plain;
    for (const at::Tensor& gradient : gradients) plain.push_back(gradient.defined() ? gradient.contiguous() : gradient);
    ByType(type, [&]<class T>(T*) {
      const T* pieces[6] = {};
      for (std::size_t i = 0; i < plain.size(); ++i) pieces[i] = In<T>(plain[i]);
      Loops<T>().split_back(shape, pieces, In<float>(saved[0]), In<float>(saved[1]), Out<T>(qkv));
    });
    return {qkv, at::Tensor(), at::Tensor(), at::Tensor()};
  }
};

class JoinFunction : public torch::autograd::Function<JoinFunction> {
 public:
  static at::Tensor forward(AutogradContext* context, const std::optional<at::Tensor>& in_prefix,
                            const std::optional<at::Tensor>& in_rest, const std::vector<std::int64_t>& packed) {
    const HeadShape shape = Unpack(packed);
    at::Tensor prefix = fused::Plain(in_prefix), rest = fused::Plain(in_rest);
    const std::int64_t tokens = shape.Tokens() - (prefix.defined() ? 0 : shape.prefix);
    at::Tensor rows =
        at::empty({shape.batch, tokens, shape.heads * shape.hd}, (prefix.defined() ? prefix : rest).options());
    ByType(rows.scalar_type(), [&]<class T>(T*) {
      Loops<T>().join(shape, prefix.defined(), Out<T>(prefix), Out<T>(rest), Out<T>(rows), false);
    });
    context->saved_data["shape"] = packed;
    context->saved_data["prefix"] = prefix.defined();
    context->saved_data["rest"] = rest.defined();
    return rows;
  }
  static variable_list backward(AutogradContext* context, const variable_list& gradients) {
    const HeadShape shape = Unpack(context->saved_data["shape"].toIntVector());
    const HeadShape& l = shape;
    const std::int64_t groups = shape.batch * l.kv, repeat = shape.Repeat();
    at::Tensor rows = gradients[0].contiguous(), prefix, rest;
    if (context->saved_data["prefix"].toBool()) {
      prefix = at::empty({groups, repeat * l.prefix, shape.hd}, rows.options());
    }
    if (context->saved_data["rest"].toBool()) {
      rest = at::empty({groups * l.segments, repeat * l.length, shape.hd}, rows.options());
    }
    ByType(rows.scalar_type(), [&]<class T>(T*) {
      Loops<T>().join(shape, prefix.defined(), Out<T>(prefix), Out<T>(rest), Out<T>(rows), true);
    });
    return {prefix, rest, at::Tensor()};
  }
};

class SoftmaxFunction : public torch::autograd::Function<SoftmaxFunction> {
 public:
  static variable_list forward(AutogradContext* context, const std::optional<at::Tensor>& in_far,
                               const at::Tensor& in_near, bool causal) {
    const at::Tensor near = in_near.contiguous(), far = fused::Plain(in_far);
    const std::int64_t rows = near.size(0), period = near.size(1), columns = far.defined() ? far.size(1) : 0;
    at::Tensor near_out = at::empty_like(near), far_out = far.defined() ? at::empty_like(far) : at::Tensor();
    std::vector<float> scratch(static_cast<std::size_t>(columns + period));
    ByType(near.scalar_type(), [&]<class T>(T*) {
      Loops<T>().softmax(rows, columns, period, causal, In<T>(far), In<T>(near), scratch.data(), Out<T>(far_out),
                         Out<T>(near_out));
    });
    context->save_for_backward({far_out, near_out});
    context->saved_data["causal"] = causal;
    return far.defined() ? variable_list{near_out, far_out} : variable_list{near_out};
  }
  static variable_list backward(AutogradContext* context, const variable_list& gradients) {
    const variable_list saved = context->get_saved_variables();
    const at::Tensor &far = saved[0], &near = saved[1];
    const at::Tensor dnear = gradients[0].contiguous(), dfar = far.defined() ? gradients[1].contiguous() : at::Tensor();
    at::Tensor near_out = at::empty_like(near), far_out = far.defined() ? at::empty_like(far) : at::Tensor();
    ByType(near.scalar_type(), [&]<class T>(T*) {
      Loops<T>().softmax_back(near.size(0), far.defined() ? far.size(1) : 0, near.size(1),
                              context->saved_data["causal"].toBool(), In<T>(far), In<T>(near), In<T>(dfar),
                              In<T>(dnear), Out<T>(far_out), Out<T>(near_out));
    });
    return {far_out, near_out, at::Tensor()};
  }
};

}  // namespace

SplitHeads SplitIntoHeads(const at::Tensor& qkv, const HeadLayout& layout, const at::Tensor& cos,
                          const at::Tensor& sin) {
  const std::int64_t hd = qkv.size(2) / (layout.heads + 2 * layout.kv);
  const HeadShape shape = ShapeOf(qkv.size(0), hd, layout);
  DIVLA_CHECK(qkv.size(1) == shape.Tokens() && qkv.size(2) == hd * (layout.heads + 2 * layout.kv), "tokens and heads");
  DIVLA_CHECK(!cos.defined() || (cos.size(0) == layout.prefix + layout.length && cos.size(1) == hd / 2 &&
                                 cos.is_contiguous() && sin.is_contiguous()),
              "rotary table");
  const variable_list p = SplitFunction::apply(qkv, fused::Maybe(cos), fused::Maybe(sin), Pack(shape));
  if (layout.segments == 0) return {p[0], p[1], p[2], {}, {}, {}};
  return {p[0], p[1], p[2], p[3], p[4], p[5]};
}

PairOfWeights JointSoftmax(const at::Tensor& far, const at::Tensor& near, bool causal) {
  DIVLA_CHECK(near.dim() == 2 && (!far.defined() || (far.dim() == 2 && far.size(0) == near.size(0))), "rows of scores");
  const variable_list out = SoftmaxFunction::apply(fused::Maybe(far), near, causal);
  return {far.defined() ? out[1] : at::Tensor(), out[0]};
}

at::Tensor JoinHeads(const at::Tensor& prefix, const at::Tensor& rest, const HeadLayout& layout) {
  const at::Tensor& any = prefix.defined() ? prefix : rest;
  const std::int64_t groups = prefix.defined() ? prefix.size(0) : rest.size(0) / layout.segments;
  return JoinFunction::apply(fused::Maybe(prefix), fused::Maybe(rest),
                             Pack(ShapeOf(groups / layout.kv, any.size(2), layout)));
}

}  // namespace divla
