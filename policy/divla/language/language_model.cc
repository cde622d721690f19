#include "policy/divla/language/language_model.h"

#include <cmath>

#include "policy/divla/ops/fused.h"
#include "policy/divla/ops/fused_attention.h"
#include "policy/divla/ops/fused_rows.h"
#include "policy/divla/ops/ops.h"
#include "policy/divla/ops/skinny_affine.h"
#include "policy/divla/strict/scope.h"
#include "sim/check.h"

namespace divla {
namespace {

const std::string kModel = "model.";

std::string LayerName(int layer) { return kModel + "layers." + std::to_string(layer) + "."; }

at::Tensor Norm(const TextConfig& config, const ParamStore& params, const std::string& name, const at::Tensor& x) {
  return RmsNorm(x, Param(params, name + ".weight"), config.rms_norm_eps);
}

// Weights up to this many numbers are joined for one product: copying them costs less than a second product.
constexpr std::int64_t kJoinable = 1 << 20;

// Several layers of one input, side by side: one product instead of many small ones, where the weights are small.
// Strict products read the weights where they lie and are the same number by number, so there the outputs are joined,
// as they are for large weights.
at::Tensor JointAffine(const ParamStore& params, const std::string& prefix, const std::vector<std::string>& names,
                       const at::Tensor& x) {
  std::vector<at::Tensor> weights, biases;
  std::int64_t numbers = 0;
  for (const std::string& name : names) {
    weights.push_back(Param(params, prefix + name + ".weight"));
    numbers += weights.back().numel();
    const auto bias = params.find(prefix + name + ".bias");
    if (bias != params.end()) biases.push_back(bias->second);
  }
  if (IsSkinny(x, weights[0])) {
    biases.resize(weights.size());  // none, or one for each
    return SkinnyAffine(x, weights, biases);
  }
  if (StrictScope::Active() || numbers > kJoinable) {
    std::vector<at::Tensor> outputs;
    for (const std::string& name : names) outputs.push_back(Linear(params, prefix + name, x));
    return at::cat(outputs, -1);
  }
  return at::linear(x, at::cat(weights), biases.empty() ? std::optional<at::Tensor>() : at::cat(biases));
}

struct Heads {
  at::Tensor q;     // (B, kv, repeat, T, hd), scaled
  at::Tensor k, v;  // (B, kv, T, hd)
};

Heads ProjectHeads(const TextConfig& config, const ParamStore& params, const std::string& prefix, const at::Tensor& x,
                   const at::Tensor& cos, const at::Tensor& sin) {
  const std::int64_t batch = x.size(0), tokens = x.size(1), hd = config.HeadDim();
  const std::int64_t heads = config.num_attention_heads, kv = config.num_key_value_heads;
  const at::Tensor qkv =
      JointAffine(params, prefix, {"q_proj", "k_proj", "v_proj"}, x).view({batch, tokens, heads + 2 * kv, hd});
  const std::vector<at::Tensor> parts = qkv.split_with_sizes({heads + kv, kv}, 2);
  const std::vector<at::Tensor> turned = Rotate(parts[0], cos, sin).split_with_sizes({heads, kv}, 2);
  Heads out;
  out.q = (turned[0] * (1.0 / std::sqrt(static_cast<double>(hd))))
              .view({batch, tokens, kv, heads / kv, hd})
              .permute({0, 2, 3, 1, 4});
  out.k = turned[1].transpose(1, 2);
  out.v = parts[1].transpose(1, 2);
  return out;
}

at::Tensor Mlp(const ParamStore& params, const std::string& prefix, const at::Tensor& x) {
  const std::vector<at::Tensor> parts = JointAffine(params, prefix, {"gate_proj", "up_proj"}, x).chunk(2, -1);
  return Affine(Silu(parts[0]) * parts[1], Param(params, prefix + "down_proj.weight"));
}

// Largest negative number that is still harmless when two are added.
constexpr double kMasked = -1e9;

// Attention of the packed rows, without building the scores between segments. qkv (B, P + S*L, .) -> the rows' mixed
// values (B, P + S*L, heads*hd), or only those of the segments (B, S*L, heads*hd).
at::Tensor PackedAttention(const at::Tensor& qkv, const HeadLayout& layout, const at::Tensor& cos,
                           const at::Tensor& sin, bool with_prefix) {
  const SplitHeads h = SplitIntoHeads(qkv, layout, cos, sin);
  const at::Tensor k_prefix = h.k_prefix.transpose(1, 2);
  at::Tensor from_prefix;
  if (with_prefix) {
    const at::Tensor scores = at::bmm(h.q_prefix, k_prefix);
    from_prefix = at::bmm(JointSoftmax({}, scores.flatten(0, 1), true).near.view_as(scores), h.v_prefix);
  }
  // Segments against the prefix and themselves: one softmax over both. A query's row is the same in both products.
  const std::int64_t groups = k_prefix.size(0), hd = k_prefix.size(1);
  const at::Tensor far = at::bmm(h.q_rest.view({groups, -1, hd}), k_prefix);
  const at::Tensor near = at::bmm(h.q_rest, h.k_rest.transpose(1, 2));
  const PairOfWeights weights = JointSoftmax(far.flatten(0, 1), near.flatten(0, 1), true);
  const at::Tensor from_far = at::bmm(weights.far.view_as(far), h.v_prefix);
  const at::Tensor from_rest = at::baddbmm(from_far.view_as(h.q_rest), weights.near.view_as(near), h.v_rest);
  return JoinHeads(from_prefix, from_rest, layout);
}

// 1 / theta^(2 i / HeadDim), each operation in float32, as transformers has it.
std::vector<float> Float32Frequencies(const TextConfig& config) {
  const std::int64_t hd = config.HeadDim();
  const at::Tensor exponents = at::arange(0, hd, 2, at::kFloat) / static_cast<double>(hd);
  const at::Tensor table = at::pow(config.rope_theta, exponents).reciprocal().contiguous();
  const auto* values = table.const_data_ptr<float>();
  return {values, values + table.numel()};
}

}  // namespace

void AddLanguageModel(ParamSpecs& specs, const TextConfig& config) {
  const std::int64_t width = config.hidden_size, hd = config.HeadDim();
  specs.push_back({kModel + "embed_tokens.weight", {config.vocab_size, width}, Init::kNormal, 0.3});
  for (int layer = 0; layer < config.num_hidden_layers; ++layer) {
    const std::string name = LayerName(layer);
    specs.push_back({name + "input_layernorm.weight", {width}, Init::kOne});
    AddLinear(specs, name + "self_attn.q_proj", width, config.num_attention_heads * hd);
    AddLinear(specs, name + "self_attn.k_proj", width, config.num_key_value_heads * hd);
    AddLinear(specs, name + "self_attn.v_proj", width, config.num_key_value_heads * hd);
    AddLinear(specs, name + "self_attn.o_proj", config.num_attention_heads * hd, width, false);
    specs.push_back({name + "post_attention_layernorm.weight", {width}, Init::kOne});
    AddLinear(specs, name + "mlp.gate_proj", width, config.intermediate_size, false);
    AddLinear(specs, name + "mlp.up_proj", width, config.intermediate_size, false);
    AddLinear(specs, name + "mlp.down_proj", config.intermediate_size, width, false);
  }
  specs.push_back({kModel + "norm.weight", {width}, Init::kOne});
  if (config.lm_head && !config.tie_word_embeddings)
    specs.push_back({"lm_head.weight", {config.vocab_size, width}, Init::kFanIn, 1.0, true});
}

at::Tensor EmbedTokens(const ParamStore& params, const at::Tensor& ids) {
  return at::embedding(Param(params, kModel + "embed_tokens.weight"), ids);
}

at::Tensor Logits(const TextConfig& config, const ParamStore& params, const at::Tensor& hidden) {
  return Affine(hidden, Param(params, config.tie_word_embeddings ? kModel + "embed_tokens.weight" : "lm_head.weight"));
}

RopeTable MakeRopeTable(const TextConfig& config, const at::Tensor& positions) {
  const std::int64_t tokens = positions.size(1), half = config.HeadDim() / 2;
  const at::Tensor table = at::empty({tokens, half}, at::kFloat);
  auto angles = table.accessor<float, 2>();
  const at::Tensor contiguous = positions.contiguous();
  const auto at_axis = contiguous.accessor<std::int64_t, 2>();
  const std::vector<float> exact = config.float32_frequencies ? Float32Frequencies(config) : std::vector<float>();
  for (std::int64_t i = 0; i < half; ++i) {
    const int axis = i < config.mrope_section[0] ? 0 : i < config.mrope_section[0] + config.mrope_section[1] ? 1 : 2;
    const auto frequency =
        config.float32_frequencies
            ? exact[static_cast<std::size_t>(i)]
            : static_cast<float>(std::pow(config.rope_theta, -static_cast<double>(i) / static_cast<double>(half)));
    for (std::int64_t t = 0; t < tokens; ++t) angles[t][i] = static_cast<float>(at_axis[axis][t]) * frequency;
  }
  return {Cosine(table), Sine(table)};
}

at::Tensor PackedForward(const TextConfig& config, const ParamStore& params, const at::Tensor& x,
                         const Packing& packing, const RopeTable& rope, bool segments_only) {
  const auto [prefix, segments, length] = packing;
  DIVLA_CHECK(x.size(1) == prefix + segments * length, "packed length");
  DIVLA_CHECK(rope.cos.size(0) == prefix + length, "rope table of prefix and one segment");
  const HeadLayout layout{config.num_attention_heads, config.num_key_value_heads, prefix, segments, length};
  const at::Tensor cos = rope.cos.contiguous(), sin = rope.sin.contiguous();
  const auto type = Param(params, LayerName(0) + "mlp.down_proj.weight").scalar_type();
  at::Tensor hidden = x, normed;
  const auto add = [&](const at::Tensor& branch, const std::string& norm) {
    const SumAndNorm next = AddAndNorm(hidden, branch, Param(params, norm + ".weight"), {}, config.rms_norm_eps, type);
    hidden = next.sum, normed = next.normed;
  };
  add({}, LayerName(0) + "input_layernorm");
  for (int layer = 0; layer < config.num_hidden_layers; ++layer) {
    const std::string name = LayerName(layer);
    const bool last = layer + 1 == config.num_hidden_layers;
    const at::Tensor qkv = JointAffine(params, name + "self_attn.", {"q_proj", "k_proj", "v_proj"}, normed);
    const bool with_prefix = !last || !segments_only;
    const at::Tensor mixed = PackedAttention(qkv, layout, cos, sin, with_prefix);
    if (!with_prefix) hidden = hidden.narrow(1, prefix, segments * length);
    add(at::linear(mixed, Param(params, name + "self_attn.o_proj.weight")), name + "post_attention_layernorm");
    const at::Tensor gated = SwiGlu(JointAffine(params, name + "mlp.", {"gate_proj", "up_proj"}, normed));
    add(at::linear(gated, Param(params, name + "mlp.down_proj.weight")),
        last ? kModel + "norm" : LayerName(layer + 1) + "input_layernorm");
  }
  return normed;
}

KvCache MakeKvCache(const TextConfig& config, std::int64_t batch, std::int64_t slots,
                    const at::TensorOptions& options) {
  KvCache cache;
  for (int layer = 0; layer < config.num_hidden_layers; ++layer) {
    cache.keys.push_back(at::zeros({batch, config.num_key_value_heads, slots, config.HeadDim()}, options));
    cache.values.push_back(at::zeros({batch, config.num_key_value_heads, slots, config.HeadDim()}, options));
  }
  return cache;
}

at::Tensor CachedForward(const TextConfig& config, const ParamStore& params, const at::Tensor& x,
                         const at::Tensor& slots, const RopeTable& rope, KvCache& cache, std::int64_t used,
                         at::Tensor* attention) {
  const std::int64_t batch = x.size(0), tokens = x.size(1), hd = config.HeadDim();
  const std::int64_t kv = config.num_key_value_heads, repeat = config.num_attention_heads / kv;
  if (used == 0) used = slots.max().item<std::int64_t>() + 1;
  DIVLA_CHECK(used <= cache.keys[0].size(2), "cache slots");
  const at::Tensor flat = slots.reshape({-1});
  const at::Tensor cos = rope.cos.index_select(0, flat);
  const at::Tensor sin = rope.sin.index_select(0, flat);
  const at::Tensor hidden_slots = at::arange(used, slots.options()).view({1, 1, used}) > slots.unsqueeze(-1);
  // float32 in all types: the softmax of bfloat16 scores is taken in float32.
  const at::Tensor mask = at::zeros({batch, tokens, used}, rope.cos.options())
                              .masked_fill_(hidden_slots, kMasked)
                              .view({batch, 1, 1, tokens, used});
  const at::Tensor index = slots.view({batch, 1, tokens, 1}).expand({batch, kv, tokens, hd});
  at::Tensor hidden = x;
  if (attention != nullptr) *attention = at::zeros({batch, tokens, used}, rope.cos.options());
  for (int layer = 0; layer < config.num_hidden_layers; ++layer) {
    const std::string name = LayerName(layer);
    const Heads heads = ProjectHeads(config, params, name + "self_attn.",
                                     Norm(config, params, name + "input_layernorm", hidden), cos, sin);
    const auto l = static_cast<std::size_t>(layer);
    cache.keys[l].scatter_(2, index, heads.k);
    cache.values[l].scatter_(2, index, heads.v);
    const at::Tensor k = cache.keys[l].narrow(2, 0, used), v = cache.values[l].narrow(2, 0, used);
    at::Tensor weights = MatrixProduct(heads.q.reshape({batch, kv, repeat * tokens, hd}), k.transpose(2, 3));
    weights = Softmax(weights.view({batch, kv, repeat, tokens, used}) + mask)
                  .view({batch, kv, repeat * tokens, used})
                  .to(v.scalar_type());
    if (attention != nullptr) {
      *attention += weights.view({batch, kv * repeat, tokens, used}).to(at::kFloat).mean(1) /
                    static_cast<double>(config.num_hidden_layers);
    }
    const at::Tensor mixed = MatrixProduct(weights, v)
                                 .view({batch, kv, repeat, tokens, hd})
                                 .permute({0, 3, 1, 2, 4})
                                 .reshape({batch, tokens, kv * repeat * hd});
    hidden = hidden + Affine(mixed, Param(params, name + "self_attn.o_proj.weight"));
    hidden = hidden + Mlp(params, name + "mlp.", Norm(config, params, name + "post_attention_layernorm", hidden));
  }
  return Norm(config, params, kModel + "norm", hidden);
}

}  // namespace divla
